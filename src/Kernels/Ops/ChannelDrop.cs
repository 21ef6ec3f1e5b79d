using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Copies features with one channel switched off in each copy:
/// <c>y[m, h, w, k] = k == channels[m] ? 0 : x[images[m], h, w, k]</c>.
/// </summary>
/// <remarks>Layouts: x <c>[N, H, W, K]</c>; y <c>[M, H, W, K]</c>; images, channels at least M indices in range.</remarks>
public static class ChannelDrop
{
    /// <summary>Writes <paramref name="y"/>.</summary>
    public static void Forward(Tensor x, DeviceBuffer<int> images, DeviceBuffer<int> channels, Tensor y)
    {
        y.Expect(x.Shape.WithN(y.Shape.N));
        images.Expect(y.Shape.N, nameof(images));
        channels.Expect(y.Shape.N, nameof(channels));
        x.Device.Launch(y.Count, new ChannelDropKernel(
            x.View, images.View, channels.View, y.View, x.Shape.Area * x.Shape.C, x.Shape.C));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ChannelDropKernel(
    ArrayView<float> x, ArrayView<int> images, ArrayView<int> channels, ArrayView<float> y, int imageLength, int channelCount) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int m = index / imageLength;
        y[index] = index % channelCount == channels[m] ? 0 : x[(images[m] * imageLength) + (index % imageLength)];
    }
}
