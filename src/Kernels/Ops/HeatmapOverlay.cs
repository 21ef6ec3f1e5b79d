using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>How an overlay is mixed; a plain value, so that kernels can hold it.</summary>
/// <param name="Alpha">Share of the colours, 0 to 1.</param>
/// <param name="Signed">1 to show signed values around the middle colour, 0 to stretch minimum to maximum.</param>
/// <param name="Invert">1 to invert the image: light strokes on black become ink on paper.</param>
public readonly record struct OverlayStyle(float Alpha, int Signed, int Invert);

/// <summary>
/// Activation maps as finished pixels: <c>alpha * colour(t) + (1 - alpha) * image</c> in 8 bits, with
/// <c>t = (map - min) / (max - min)</c>, or for a signed map <c>(map / max|map| + 1) / 2</c>; the colour is entry
/// <c>floor(256 t)</c> of a table. A map that cannot be shown (not finite, nowhere positive unless signed, or varying by less than
/// a millionth of its largest value) leaves its image uncoloured.
/// </summary>
/// <remarks>
/// Layouts: maps <c>[N, H, W, 1]</c>; images <c>[N, H, W, 1 or 3]</c> in [0, 1]; colours <c>[256, 3]</c> bytes; ranges
/// <c>[N, H + 1, 3]</c>: of each row (minimum, maximum, 1 if finite), then of the map (low end, span, alpha); pixels
/// <c>[N, H, W, 3]</c> bytes.
/// </remarks>
public static class HeatmapOverlay
{
    /// <summary>Bytes of a colour table.</summary>
    public const int TableLength = 256 * 3;

    /// <summary>Numbers that <see cref="Forward"/> needs room for between its steps.</summary>
    public static int RangesLength(Shape maps) => checked(maps.N * (maps.H + 1) * 3);

    /// <summary>Writes <paramref name="ranges"/> and <paramref name="pixels"/>; both buffers may be longer than needed.</summary>
    public static void Forward(
        Tensor maps, Tensor images, DeviceBuffer<byte> colours, OverlayStyle style, DeviceBuffer<float> ranges, DeviceBuffer<byte> pixels)
    {
        Shape shape = maps.Shape;
        int channels = images.Shape.C;
        maps.Expect(shape.WithC(1));
        images.Expect(shape.WithC(channels == 3 ? 3 : 1));
        if (colours.Length != TableLength)
        {
            throw new ArgumentException($"buffer 'colours' holds {colours.Length} bytes, expected {TableLength}");
        }

        if (ranges.Length < RangesLength(shape))
        {
            throw new ArgumentException($"buffer 'ranges' holds {ranges.Length} elements, expected {RangesLength(shape)} for {shape}");
        }

        if (pixels.Length < checked(3 * shape.Count))
        {
            throw new ArgumentException($"buffer 'pixels' holds {pixels.Length} bytes, expected {3 * shape.Count} for {shape}");
        }

        IDevice device = maps.Device;
        device.Launch(shape.N * shape.H, new MapRowRangeKernel(maps.View, ranges.View, shape.H, shape.W));
        device.Launch(shape.N, new MapRangeKernel(ranges.View, shape.H, style));
        device.Launch(shape.Count, new HeatmapOverlayKernel(
            maps.View, images.View, colours.View, ranges.View, pixels.View, shape.H, shape.Area, channels, style.Invert));
    }
}

/// <summary>[0, 1] to [0, 255], rounded; clamped outside, NaN to 0.</summary>
internal static class Level
{
    /// <summary>The level of <paramref name="value"/>.</summary>
    public static int Of(float value) => value > 0 ? (int)((value < 1 ? value : 1) * 255f + 0.5f) : 0;
}

/// <summary>One thread, one row of a map.</summary>
internal readonly struct MapRowRangeKernel(ArrayView<float> maps, ArrayView<float> ranges, int height, int width) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity, finite = 1;
        for (int pixel = index * width; pixel < (index + 1) * width; pixel++)
        {
            float value = maps[pixel];
            if (!(value >= -float.MaxValue && value <= float.MaxValue))
            {
                finite = 0;
            }

            minimum = value < minimum ? value : minimum;
            maximum = value > maximum ? value : maximum;
        }

        int at = 3 * (index + (index / height));
        ranges[at] = minimum;
        ranges[at + 1] = maximum;
        ranges[at + 2] = finite;
    }
}

/// <summary>One thread, one map: how it is to be shown.</summary>
internal readonly struct MapRangeKernel(ArrayView<float> ranges, int height, OverlayStyle style) : IKernel
{
    // As on the host: below this share of a map's largest value, variation is rounding noise.
    private const float Flat = 1e-6f;

    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = 3 * index * (height + 1);
        int end = start + (3 * height);
        float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity, finite = 1;
        for (int row = start; row < end; row += 3)
        {
            minimum = ranges[row] < minimum ? ranges[row] : minimum;
            maximum = ranges[row + 1] > maximum ? ranges[row + 1] : maximum;
            finite *= ranges[row + 2];
        }

        float reach = maximum > -minimum ? maximum : -minimum;
        int signed = style.Signed;
        int shown = maximum > 0 ? (maximum - minimum > Flat * reach ? 1 : 0) : (signed != 0 && minimum < 0 ? 1 : 0);
        ranges[end] = signed != 0 ? -reach : minimum;
        ranges[end + 1] = signed != 0 ? 2 * reach : maximum - minimum;
        ranges[end + 2] = shown != 0 && finite > 0 ? style.Alpha : 0;
    }
}

/// <summary>One thread, one pixel.</summary>
internal readonly struct HeatmapOverlayKernel(
    ArrayView<float> maps, ArrayView<float> images, ArrayView<byte> colours, ArrayView<float> ranges, ArrayView<byte> pixels,
    int height, int area, int channels, int invert) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int range = 3 * (((index / area) * (height + 1)) + height);
        float alpha = ranges[range + 2];
        float place = (maps[index] - ranges[range]) / ranges[range + 1] * 256f;
        int colour = place > 0 ? (int)(place < 255 ? place : 255) : 0;
        for (int c = 0; c < 3; c++)
        {
            int under = Level.Of(images[channels == 3 ? (3 * index) + c : index]);
            under = invert != 0 ? 255 - under : under;
            float over = colours[(3 * colour) + c];
            pixels[(3 * index) + c] = (byte)Level.Of(((alpha * over) + ((1 - alpha) * under)) / 255f);
        }
    }
}
