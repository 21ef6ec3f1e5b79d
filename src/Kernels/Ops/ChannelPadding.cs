using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Colour images have three channels, and the quick products take four floats at a time: x and the weight get a channel of zeros in
/// scratch memory, one launch for both. That makes a third more multiply-adds and 8/3 of x more bytes, in a layer that may write 64
/// channels.
/// </summary>
internal static class ChannelPadding
{
    private const int Missing = 1;

    /// <summary>
    /// Whether one channel is missing to fours, and a product of fours is multiplied by something quicker than the portable kernel.
    /// </summary>
    public static bool Helps(IDevice device, Conv2DGeometry g) =>
        (g.X.C + Missing) % Float4.Count == 0 && g.OC % Float4.Count == 0
        && (device.Launches.PadsChannels || TiledProduct.UnitOf(device, new TiledWidth(true, true)) != ProductUnit.Portable);

    /// <summary>The geometry with the channel that was missing.</summary>
    public static Conv2DGeometry Of(Conv2DGeometry g) => g with { X = g.X.WithC(g.X.C + Missing) };

    /// <summary>Floats that both take.</summary>
    public static int Floats(Conv2DGeometry g) => checked(Of(g).X.Count + Of(g).Weight.Count);

    /// <summary>Fills the first of so many floats of <paramref name="memory"/>; returns x and the weight there.</summary>
    public static (Tensor X, Tensor Weight) Fill(DeviceBuffer<float> memory, Tensor x, Tensor weight, Conv2DGeometry g)
    {
        Conv2DGeometry padded = Of(g);
        var wideX = new Tensor(memory, 0, "x with another channel", padded.X);
        var wideWeight = new Tensor(memory, padded.X.Count, "weight with another channel", padded.Weight);
        int ofX = padded.X.Count / Float4.Count, ofWeight = padded.Weight.Count / Float4.Count;
        x.Device.Launch(ofX + ofWeight, new ChannelPaddingKernel(
            x.View, weight.View, wideX.View, wideWeight.View, ofX, new Divisor(padded.X.C / Float4.Count),
            new Divisor(g.OC / Float4.Count), new Divisor(padded.X.C), g.X.C, g.OC));
        return (wideX, wideWeight);
    }
}

/// <summary>One thread, four floats of x or, behind all of x, of the weight.</summary>
internal readonly struct ChannelPaddingKernel(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> wideX, ArrayView<float> wideWeight, int ofX, Divisor quadsOfX,
    Divisor quadsOfWeight, Divisor wide, int channels, int outputs) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        if (index < ofX)
        {
            int pixel = quadsOfX.Quotient(index), at = (index * Float4.Count) - pixel;
            bool last = quadsOfX.Quotient(index + 1) != pixel;
            new Float4(x[at], x[at + 1], x[at + 2], last ? 0 : x[at + 3]).Store(wideX, index * Float4.Count);
            return;
        }

        index -= ofX;
        int row = quadsOfWeight.Quotient(index), tap = wide.Quotient(row), ic = row - (tap * (channels + 1));
        int column = (index * Float4.Count) - (row * outputs), from = (((tap * channels) + ic) * outputs) + column;
        Float4 values = default;
        if (ic < channels)
        {
            values = new Float4(weight[from], weight[from + 1], weight[from + 2], weight[from + 3]);
        }

        values.Store(wideWeight, index * Float4.Count);
    }
}
