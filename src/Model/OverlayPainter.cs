using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Lays activation maps over their images on the device: what leaves it are finished pixels.</summary>
public sealed class OverlayPainter : IDisposable
{
    private readonly DeviceBuffer<byte> _colours;
    private readonly ReusedBuffer<float> _ranges;
    private readonly ReusedBuffer<byte> _pixels;
    private readonly ReusedTensor _images;

    /// <summary>A painter with a table of 256 colours, red, green and blue of each.</summary>
    public OverlayPainter(IDevice device, ReadOnlySpan<byte> colours)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (colours.Length != HeatmapOverlay.TableLength)
        {
            throw new ArgumentException(
                $"a table of 256 colours has {HeatmapOverlay.TableLength} bytes, not {colours.Length}", nameof(colours));
        }

        (_ranges, _pixels) = (new ReusedBuffer<float>(device), new ReusedBuffer<byte>(device));
        _images = new ReusedTensor(device, "image");
        _colours = device.Allocate<byte>(HeatmapOverlay.TableLength);
        _colours.CopyFrom(colours);
    }

    /// <summary>The pixels [N, H, W, 3] of maps [N, H, W, 1] over images [N, H, W, 1 or 3] with values in [0, 1].</summary>
    public byte[] Paint(Tensor maps, Tensor images, OverlayStyle style)
    {
        ArgumentNullException.ThrowIfNull(maps);
        byte[] pixels = new byte[checked(3 * maps.Count)];
        DeviceBuffer<byte> finished = _pixels.Get(pixels.Length);
        HeatmapOverlay.Forward(maps, images, _colours, style, _ranges.Get(HeatmapOverlay.RangesLength(maps.Shape)), finished);
        finished.CopyTo(pixels);
        return pixels;
    }

    /// <summary>The same over images from the host, of that shape.</summary>
    public byte[] Paint(Tensor maps, ReadOnlySpan<float> images, Shape shape, OverlayStyle style)
    {
        Tensor uploaded = _images.Get(shape);
        uploaded.CopyFrom(images);
        return Paint(maps, uploaded, style);
    }

    /// <summary>Frees all memory.</summary>
    public void Dispose()
    {
        _images.Dispose();
        _ranges.Dispose();
        _pixels.Dispose();
        _colours.Dispose();
    }
}
