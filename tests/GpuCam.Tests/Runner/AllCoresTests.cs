using GpuCam.Runner;

namespace GpuCam.Tests.Runner;

public sealed class AllCoresTests
{
    [Fact]
    public void An_error_for_the_user_surfaces_as_itself()
    {
        const string Message = "img_1.png is no image";
        Assert.Equal(Message, Assert.Throws<GpuCamException>(() => AllCores.For(100, i => throw new GpuCamException(Message))).Message);
        Assert.Throws<IOException>(() => AllCores.For(100, i => throw new IOException($"{i}")));
    }

    [Fact]
    public void Every_index_comes_once_and_a_cancelled_loop_ends()
    {
        int[] seen = new int[1000];
        AllCores.For(seen.Length, i => Interlocked.Increment(ref seen[i]));
        Assert.All(seen, count => Assert.Equal(1, count));
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => AllCores.For(100_000, _ => cancellation.Cancel(), cancellation.Token));
    }
}
