using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Lays activation maps over their images on the device: what leaves it are finished pixels.</summary>
public sealed class OverlayPainter : IDisposable
{
    private readonly IDevice _device;
    private readonly DeviceBuffer<byte> _colours;
    private DeviceBuffer<float>? _ranges;
    private DeviceBuffer<byte>? _pixels;

    /// <summary>A painter with a table of 256 colours, red, green and blue of each.</summary>
    public OverlayPainter(IDevice device, ReadOnlySpan<byte> colours)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (colours.Length != HeatmapOverlay.TableLength)
            throw new ArgumentException($"a table of 256 colours has {HeatmapOverlay.TableLength} bytes, not {colours.Length}", nameof(colours));
        _device = device;
        _colours = device.Allocate<byte>(HeatmapOverlay.TableLength);
        _colours.CopyFrom(colours);
    }

    /// <summary>The pixels [N, H, W, 3] of maps [N, H, W, 1] over images [N, H, W, 1 or 3] with values in [0, 1].</summary>
    public byte[] Paint(Tensor maps, Tensor images, OverlayStyle style)
    {
        ArgumentNullException.ThrowIfNull(maps);
        int length = checked(3 * maps.Count), rangesLength = HeatmapOverlay.RangesLength(maps.Shape);
        if (_pixels is null || _ranges is null || _pixels.Length < length || _ranges.Length < rangesLength)
        {
            FreeBatch();
            _ranges = _device.Allocate<float>(rangesLength);
            _pixels = _device.Allocate<byte>(length);
        }

        HeatmapOverlay.Forward(maps, images, _colours, style, _ranges, _pixels);
        var pixels = new byte[length];
        _pixels.CopyTo(pixels);
        return pixels;
    }

    /// <summary>Frees all memory.</summary>
    public void Dispose()
    {
        FreeBatch();
        _colours.Dispose();
    }

    private void FreeBatch()
    {
        _ranges?.Dispose();
        _pixels?.Dispose();
        (_ranges, _pixels) = (null, null);
    }
}
