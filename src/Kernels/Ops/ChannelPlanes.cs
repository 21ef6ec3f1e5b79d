using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Takes single channels out: <c>planes[m, h, w, 0] = x[images[m], h, w, channels[m]]</c>.</summary>
/// <remarks>Layouts: x <c>[N, H, W, K]</c>; planes <c>[M, H, W, 1]</c>; images, channels at least M indices in range.</remarks>
public static class ChannelPlanes
{
    /// <summary>Writes <paramref name="planes"/>.</summary>
    public static void Forward(Tensor x, DeviceBuffer<int> images, DeviceBuffer<int> channels, Tensor planes)
    {
        planes.Expect(x.Shape.WithC(1).WithN(planes.Shape.N));
        images.Expect(planes.Shape.N, nameof(images));
        channels.Expect(planes.Shape.N, nameof(channels));
        x.Device.Launch(planes.Count, new ChannelPlanesKernel(
            x.View, images.View, channels.View, planes.View, x.Shape.Area, x.Shape.C));
    }
}

/// <summary>One thread, one pixel of planes.</summary>
internal readonly struct ChannelPlanesKernel(
    ArrayView<float> x, ArrayView<int> images, ArrayView<int> channels, ArrayView<float> planes, int area, int channelCount) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int m = index / area;
        int pixel = (images[m] * area) + (index % area);
        planes[index] = x[(pixel * channelCount) + channels[m]];
    }
}
