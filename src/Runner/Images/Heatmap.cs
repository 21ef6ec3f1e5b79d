using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>What images are drawn on, as their data set or the user says.</summary>
public enum ImageBackground
{
    /// <summary>Anything but the other; images are shown as they are.</summary>
    Light,

    /// <summary>Light strokes on black, as in MNIST; shown inverted under maps, as ink on paper.</summary>
    Dark,
}

/// <summary>How a map is laid over its image.</summary>
public sealed record HeatmapOptions
{
    /// <summary>Text under the picture; "" for none. What is wrong with a map that cannot be shown is added to it.</summary>
    public string Caption { get; init; } = "";

    /// <summary>The true box in image pixels, drawn black.</summary>
    public Box? TrueBox { get; init; }

    /// <summary>The predicted box in image pixels, drawn magenta (a colour that jet does not have).</summary>
    public Box? PredictedBox { get; init; }

    /// <summary>Picture pixels per image pixel, without smoothing. 0 chooses: at least 400 pixels wide.</summary>
    public int Scale { get; init; }

    /// <summary>Share of the colours in the mixture.</summary>
    public float Alpha { get; init; } = 0.5f;

    /// <summary>The colour scale; null chooses jet, or for signed maps the diverging one.</summary>
    public ColorMap? Colors { get; init; }

    /// <summary>Share of the way from the least to the greatest value below which nothing is drawn; 0 draws all.</summary>
    public float From { get; init; }

    /// <summary>The map alone, without the image under it.</summary>
    public bool MapAlone { get; init; }

    /// <summary>The part of the image that the map covers; null for all. The rest is shown pale.</summary>
    public Box? Seen { get; init; }

    /// <summary>Show signed values around a neutral 0 instead of stretching minimum to maximum.</summary>
    public bool Signed { get; init; }

    /// <summary>What the image is drawn on. Its pixels do not tell: a grey photograph is not a drawing.</summary>
    public ImageBackground Background { get; init; }

    /// <summary>What a device needs to know to draw the same overlay.</summary>
    internal OverlayStyle ToStyle() => new(Alpha, Signed ? 1 : 0, Background == ImageBackground.Dark ? 1 : 0);
}

/// <summary>
/// Activation maps as pictures. The overlay is alpha * colour(normalised map) + (1 - alpha) * image (255 - image, if it is drawn on a
/// dark background), with normalised = (map - min) / (max - min), or for a signed map (map / max|map| + 1) / 2.
/// </summary>
public static class Heatmap
{
    private const int ReadableWidth = 400;

    private static readonly Rgb s_trueColour = new(0, 0, 0);
    private static readonly Rgb s_predictedColour = new(255, 0, 255);

    /// <summary>
    /// The whole picture: overlay, scaled up, boxes, caption, legend. A map that is constant, not finite or nowhere positive
    /// (unless signed) leaves the image uncoloured, and the caption says why.
    /// </summary>
    /// <param name="image">The image the network saw.</param>
    /// <param name="map">Raw map of the image's size, or of the part of it that was seen, row by row.</param>
    /// <param name="options">Null takes the defaults.</param>
    public static Image8 Draw(Image8 image, ReadOnlySpan<float> map, HeatmapOptions? options = null)
    {
        options ??= new HeatmapOptions();
        return Frame(Overlay(image, map, options), MapRange.Of(map), options);
    }

    /// <summary>The same from an overlay that is there already, and its map's range.</summary>
    public static Image8 Frame(Image8 overlay, MapRange range, HeatmapOptions options)
    {
        int scale = ScaleFor(overlay.Width, options.Scale);
        Image8 picture = Enlarge(overlay, scale);
        var legend = new List<LegendEntry>();
        if (options.TrueBox is Box truth)
        {
            Outline(picture, truth, scale, s_trueColour);
            legend.Add(new LegendEntry("true box", s_trueColour));
        }

        if (options.PredictedBox is Box predicted)
        {
            Outline(picture, predicted, scale, s_predictedColour);
            legend.Add(new LegendEntry("predicted box", s_predictedColour));
        }

        string? trouble = Trouble(range, options);
        string caption = trouble is null ? options.Caption : options.Caption.Length == 0 ? trouble : options.Caption + "\n" + trouble;
        return Caption.Under(picture, caption, legend);
    }

    /// <summary>The overlay alone, at the image's own size. A map that cannot be shown leaves the image uncoloured.</summary>
    public static Image8 Overlay(Image8 image, ReadOnlySpan<float> map, HeatmapOptions? options = null)
    {
        options ??= new HeatmapOptions();
        Box seen = options.Seen ?? new Box(0, 0, image.Width - 1, image.Height - 1);
        if (map.Length != seen.Area)
        {
            throw new GpuCamException($"a map of {map.Length} values does not fit an image of {seen.Width} x {seen.Height} pixels; "
                + "resize the map first");
        }

        var range = MapRange.Of(map);
        float alpha = Trouble(range, options) is not null ? 0 : options.MapAlone ? 1 : options.Alpha;
        ColorMap colors = options.Colors ?? (options.Signed ? ColorMaps.Diverging : ColorMaps.Jet);
        float reach = MathF.Max(range.Maximum, -range.Minimum);
        float low = options.Signed ? -reach : range.Minimum;
        float span = options.Signed ? 2 * reach : range.Maximum - range.Minimum;
        Image8 overlay = options.Seen is null || seen.Area == (long)image.Width * image.Height
            ? new(image.Width, image.Height)
            : Pale(image);
        byte[] under = image.Pixels, pixels = overlay.Pixels;
        int inverted = options.Background == ImageBackground.Dark ? byte.MaxValue : 0;
        float from = options.MapAlone ? float.NegativeInfinity : options.From;
        for (int y = 0, at = 0; y < seen.Height; y++)
        {
            int pixel = 3 * (((seen.Y0 + y) * image.Width) + seen.X0);
            for (int x = 0; x < seen.Width; x++, at++, pixel += 3)
            {
                float value = (map[at] - low) / span;
                float share = value < from ? 0 : alpha;
                Rgb colour = colors.At(value);
                // A byte from 255 is the byte with all bits turned.
                pixels[pixel] = Mix(under[pixel] ^ inverted, colour.R, share);
                pixels[pixel + 1] = Mix(under[pixel + 1] ^ inverted, colour.G, share);
                pixels[pixel + 2] = Mix(under[pixel + 2] ^ inverted, colour.B, share);
            }
        }

        return overlay;

        static byte Mix(int under, byte over, float share) => Image8.ToByte(((share * over) + ((1 - share) * under)) / 255f);
    }

    /// <summary>The image in half its contrast, towards white: what the network did not see.</summary>
    private static Image8 Pale(Image8 image)
    {
        var pale = new Image8(image.Width, image.Height);
        for (int i = 0; i < pale.Pixels.Length; i++)
        {
            pale.Pixels[i] = (byte)((image.Pixels[i] + 510) / 3);
        }

        return pale;
    }

    /// <summary>Every pixel as a square of scale x scale pixels.</summary>
    public static Image8 Enlarge(Image8 image, int scale)
    {
        if (scale == 1)
        {
            return image;
        }

        if (scale < 1)
        {
            throw new GpuCamException($"the scale must be at least 1, not {scale}");
        }

        if ((long)image.Width * image.Height * scale * scale > ImageLimits.MaxPixels)
        {
            throw new GpuCamException($"{image.Width} x {image.Height} pixels enlarged {scale} times are too many; choose a smaller scale");
        }

        var large = new Image8(image.Width * scale, image.Height * scale);
        for (int y = 0; y < large.Height; y++)
        {
            for (int x = 0; x < large.Width; x++)
            {
                large[x, y] = image[x / scale, y / scale];
            }
        }

        return large;
    }

    /// <summary>The scale of a picture made from an image this wide: the wanted one, or with 0 enough for 400 pixels.</summary>
    public static int ScaleFor(int width, int wanted) => wanted > 0 ? wanted : Math.Max(1, (ReadableWidth + width - 1) / width);

    private static string? Trouble(MapRange range, HeatmapOptions options) =>
        options.Signed && range.State == MapState.AllNonPositive && range.Minimum < 0 ? null : range.Explanation;

    /// <summary>A frame along the inner edge of the box's outermost pixels: 2 pixels thick when enlarged, else 1.</summary>
    internal static void Outline(Image8 picture, Box box, int scale, Rgb colour)
    {
        int thickness = scale >= 2 ? 2 : 1;
        int x = box.X0 * scale, y = box.Y0 * scale;
        int width = (box.X1 - box.X0 + 1) * scale, height = (box.Y1 - box.Y0 + 1) * scale;
        picture.FillRectangle(x, y, width, thickness, colour);
        picture.FillRectangle(x, y + height - thickness, width, thickness, colour);
        picture.FillRectangle(x, y, thickness, height, colour);
        picture.FillRectangle(x + width - thickness, y, thickness, height, colour);
    }
}
