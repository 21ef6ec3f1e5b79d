using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Inverted dropout (Srivastava et al., JMLR 2014): <c>y[i] = keeps(i) ? x[i] / (1 - rate) : 0</c>, so that the mean of y is x. Element i
/// is kept where word i of <see cref="CounterRandom"/> is at least rate * 2^32. The gradient is the same of dy.
/// </summary>
/// <remarks>Layouts: x, y of one shape, any.</remarks>
public static class Dropout
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    /// <param name="x">Read.</param>
    /// <param name="y">Written.</param>
    /// <param name="rate">Share of elements that become zero, in [0, 1).</param>
    /// <param name="seed">The key of the random words.</param>
    /// <param name="draw">Which draw: others have other words.</param>
    /// <param name="first">The place of the first element, where x is a part of something larger that is drawn for as a whole.</param>
    public static void Forward(Tensor x, Tensor y, float rate, ulong seed, ulong draw, long first = 0)
    {
        y.Expect(x.Shape);
        if (rate is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "a dropout rate is at least 0 and less than 1");
        }

        var words = new CounterRandom(seed, RandomPurpose.Dropout, draw);
        uint limit = (uint)(rate * 4294967296.0);
        int before = (int)(first % 4);
        y.Device.Launch((before + y.Count + 3) / 4, new DropoutKernel(
            x.View, y.View, y.Count, words, limit, 1 / (1 - rate), (int)(uint)(first / 4), before));
    }
}

/// <summary>One thread, the four elements of a block of random words.</summary>
internal readonly struct DropoutKernel(
    ArrayView<float> x, ArrayView<float> y, int count, CounterRandom words, uint limit, float factor, int firstBlock, int before) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        (uint a, uint b, uint c, uint d) = words.Block((uint)(firstBlock + index));
        int first = (4 * index) - before;
        Write(first, a);
        Write(first + 1, b);
        Write(first + 2, c);
        Write(first + 3, d);
    }

    private void Write(int at, uint word)
    {
        if ((uint)at < (uint)count)
        {
            y[at] = word >= limit ? x[at] * factor : 0f;
        }
    }
}
