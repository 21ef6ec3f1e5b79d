using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.Tests.Kernels;

public class TopOneTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void It_counts_as_the_host_ranks(string device)
    {
        using var op = new OpHarness(device);
        const int Rows = 41, Classes = 7, Offset = 5;
        float[] values = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, -1, 0, 1, 1, 2];
        var random = new Random(3);
        float[] logits = [.. Enumerable.Range(0, Rows * Classes).Select(_ => values[random.Next(values.Length)])];
        for (int c = 0; c < Classes; c++)
        {
            (logits[c], logits[Classes + c]) = (float.NaN, float.NegativeInfinity);
        }

        int[] labels = [.. Enumerable.Range(0, Rows).Select(n => n % 3 == 0 ? random.Next(Classes) : Math.Max(0, Best(n)))];
        DeviceBuffer<int> correct = op.IntegerOutput("correct", Offset + Rows);
        int untouched = correct.ToArray()[0];
        TopOne.Forward(op.Input("logits", Shape.Matrix(Rows, Classes), logits), op.Integers(labels), correct, Offset);
        int[] actual = correct.ToArray();
        Assert.All(actual[..Offset], value => Assert.Equal(untouched, value));
        Assert.Equal(Enumerable.Range(0, Rows).Select(n => Best(n) == labels[n] ? 1 : 0), actual[Offset..(Offset + Rows)]);
        Assert.InRange(actual[Offset..(Offset + Rows)].Sum(), 1, Rows - 1);
        int Best(int n) => Ranking.IndexOfMax(logits.AsSpan(n * Classes, Classes));
    }

    [Fact]
    public void A_short_buffer_is_named()
    {
        using var op = new OpHarness("plain");
        Tensor logits = op.Output("logits", Shape.Matrix(3, 2));
        Assert.Contains("'labels'", Assert.Throws<ArgumentException>(() =>
            TopOne.Forward(logits, op.Integers(0, 1), op.Integers(0, 0, 0), 0)).Message, StringComparison.Ordinal);
        Assert.Contains("'correct'", Assert.Throws<ArgumentException>(() =>
            TopOne.Forward(logits, op.Integers(0, 1, 1), op.Integers(0, 0, 0), 1)).Message, StringComparison.Ordinal);
    }
}
