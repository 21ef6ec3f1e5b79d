using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Ops take four channels at a time where a tensor begins at a multiple of four elements, and one where it does not.</summary>
public class WordTests
{
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
