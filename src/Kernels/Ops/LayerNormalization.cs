using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Layer normalisation (Ba et al., 2016) of every run of <c>length</c> neighbouring elements, the last axis or the last few:
/// <c>y[i] = z[i] * scale[i] + bias[i]</c>, <c>z[i] = (x[i] - mean) * r</c>, <c>r = 1 / sqrt(variance + epsilon)</c>, mean and variance
/// over the run. Backward <c>dx[i] = r * (g[i] - mean(g) - z[i] * mean(g * z))</c> with <c>g[i] = dy[i] * scale[i]</c>.
/// </summary>
/// <remarks>Layouts: x, y any shape of whole runs; scale, bias <c>[1, 1, 1, length]</c>.</remarks>
public static class LayerNormalization
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>; without <paramref name="bias"/> nothing is added.</summary>
    public static void Forward(Tensor x, Tensor scale, Tensor? bias, float epsilon, Tensor y, int length)
    {
        y.Expect(x.Shape);
        scale.Expect(Shape.Vector(length));
        bias?.Expect(Shape.Vector(length));
        int rows = RowsOf(x, length);
        if (!HostLayerNormalization.TryForward(x, scale, bias, epsilon, y, length))
        {
            x.Device.Launch(rows, new LayerNormalizationKernel(
                x.View, scale.View, (bias ?? scale).View, bias is null ? 0 : 1, epsilon, y.View, length));
        }
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>.</summary>
    public static void BackwardData(Tensor x, Tensor scale, Tensor dy, float epsilon, Tensor dx, int length)
    {
        dy.Expect(x.Shape);
        dx.Expect(x.Shape);
        scale.Expect(Shape.Vector(length));
        int rows = RowsOf(x, length);
        if (!HostLayerNormalization.TryBackwardData(x, scale, dy, epsilon, dx, length))
        {
            x.Device.Launch(rows, new LayerNormalizationBackwardDataKernel(x.View, scale.View, dy.View, epsilon, dx.View, length));
        }
    }

    /// <summary>How many runs of <paramref name="length"/> there are; an error if they do not come out even.</summary>
    internal static int RowsOf(Tensor x, int length) =>
        length >= 1 && x.Count % length == 0
            ? x.Count / length
            : throw new ArgumentException($"tensor '{x.Name}' {x.Shape} has no whole number of runs of {length} elements");
}

/// <summary>One thread, one run of y.</summary>
internal readonly struct LayerNormalizationKernel(
    ArrayView<float> x, ArrayView<float> scale, ArrayView<float> bias, int hasBias, float epsilon, ArrayView<float> y, int length) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var run = new NormalizedRun(x, index * length, length, epsilon);
        for (int i = 0; i < length; i++)
        {
            float value = (x[run.Start + i] - run.Mean) * run.Factor * scale[i];
            y[run.Start + i] = hasBias != 0 ? value + bias[i] : value;
        }
    }
}

/// <summary>One thread, one run of dx.</summary>
internal readonly struct LayerNormalizationBackwardDataKernel(
    ArrayView<float> x, ArrayView<float> scale, ArrayView<float> dy, float epsilon, ArrayView<float> dx, int length) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        var run = new NormalizedRun(x, index * length, length, epsilon);
        float sum = 0, product = 0;
        for (int i = 0; i < length; i++)
        {
            float g = dy[run.Start + i] * scale[i];
            sum += g;
            product += g * ((x[run.Start + i] - run.Mean) * run.Factor);
        }

        sum /= length;
        product /= length;
        for (int i = 0; i < length; i++)
        {
            float z = (x[run.Start + i] - run.Mean) * run.Factor;
            dx[run.Start + i] = run.Factor * ((dy[run.Start + i] * scale[i]) - sum - (z * product));
        }
    }
}

/// <summary>
/// Mean and 1 / sqrt(variance + epsilon) of a run, inside a kernel; the variance is taken about the mean, in a second pass.
/// </summary>
internal readonly struct NormalizedRun
{
    public readonly int Start;
    public readonly float Mean, Factor;

    public NormalizedRun(ArrayView<float> x, int start, int length, float epsilon)
    {
        float sum = 0, squares = 0;
        for (int i = start; i < start + length; i++)
        {
            sum += x[i];
        }

        float mean = sum / length;
        for (int i = start; i < start + length; i++)
        {
            float distance = x[i] - mean;
            squares += distance * distance;
        }

        Start = start;
        Mean = mean;
        Factor = 1 / XMath.Sqrt((squares / length) + epsilon);
    }
}
