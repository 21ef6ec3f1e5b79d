using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>How a map is laid over its image, and what is drawn besides.</summary>
public sealed record HeatmapOptions : OverlayOptions
{
    /// <summary>Text under the picture; "" for none. What is wrong with a map that cannot be shown is added to it.</summary>
    public string Caption { get; init; } = "";

    /// <summary>The true box in image pixels, drawn black.</summary>
    public Box? TrueBox { get; init; }

    /// <summary>The predicted box in image pixels, drawn magenta (a colour that jet does not have).</summary>
    public Box? PredictedBox { get; init; }

    /// <summary>Picture pixels per image pixel, without smoothing. 0 chooses: at least 400 pixels wide.</summary>
    public int Scale { get; init; }
}

/// <summary>Activation maps as pictures for people: overlays, enlarged, with boxes, a caption and a legend.</summary>
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

        string? trouble = options.Obstacle(range);
        string caption = trouble is null ? options.Caption : options.Caption.Length == 0 ? trouble : options.Caption + "\n" + trouble;
        return Caption.Under(picture, caption, legend);
    }

    /// <summary>The overlay alone, at the image's own size (<see cref="MapOverlay"/>).</summary>
    public static Image8 Overlay(Image8 image, ReadOnlySpan<float> map, HeatmapOptions? options = null) =>
        Image8.FromRgb(MapOverlay.Paint(image.Pixels, image.Width, image.Height, map, options), image.Width, image.Height);

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
