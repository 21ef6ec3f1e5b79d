using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Words of 128 bits are for channels in fours and tensors that begin on a word; all else goes channel by channel.</summary>
public class QuadsTests
{
    [Fact]
    public void Channels_come_in_fours_and_tensors_begin_on_a_word()
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        using DeviceBuffer<float> buffer = device.Allocate<float>(32);
        Tensor[] tensors = [.. Enumerable.Range(0, 9).Select(offset => new Tensor(buffer, offset, "x", Shape.Vector(8)))];
        Assert.Equal([0, 4, 8], Enumerable.Range(0, 9).Where(offset => Quads.Fit(8, tensors[offset])));
        Assert.Equal([4, 8, 12], Enumerable.Range(1, 13).Where(channels => Quads.Fit(channels, tensors[0], tensors[4])));
        Assert.False(Quads.Fit(4, tensors[0], tensors[1]));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Tensors_that_begin_between_two_words_get_the_same_gradients(string name)
    {
        var g = Pool2DGeometry.Square(new Shape(2, 5, 7, 8), 2, 2, 0);
        using IDevice device = TestDevices.Create(name);
        int[] winners = [.. Enumerable.Range(0, g.Y.Count).Select(i => (i / 8 / 3 % 2 * 14) + (i / 8 % 3 * 2) + (i % 2) + (i / 2 % 2 * 7))];
        float[][] results = [.. new[] { 0, 1, 2 }.Select(Run)];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
        Assert.Equal(0, device.LiveBuffers);

        float[] Run(int offset)
        {
            var pooled = Shape.Matrix(2, 8);
            using DeviceBuffer<float> buffer = device.Allocate<float>(4 * g.X.Count);
            using DeviceBuffer<int> argmax = device.Allocate<int>(winners.Length);
            argmax.CopyFrom(winners);
            Tensor dy = At(buffer, offset, g.Y), dx = At(buffer, 560 + offset, g.X), dPooled = At(buffer, 1120 + offset, pooled);
            Tensor average = At(buffer, 1200 + offset, g.X);
            dy.CopyFrom(OpHarness.Random(dy.Count, 1));
            dPooled.CopyFrom(OpHarness.Random(dPooled.Count, 2));
            MaxPool2D.Backward(dy, argmax, dx, g);
            GlobalAveragePool.Backward(dPooled, average);
            return [.. dx.ToArray(), .. average.ToArray()];
        }

        static Tensor At(DeviceBuffer<float> buffer, int offset, Shape shape) => new(buffer, offset, $"at {offset}", shape);
    }
}
