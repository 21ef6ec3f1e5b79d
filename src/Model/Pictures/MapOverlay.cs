namespace GpuCam.Model;

/// <summary>
/// Maps as colours on pictures: <c>alpha * colour(normalised map) + (1 - alpha) * picture</c> (255 - picture, if it is drawn on a dark
/// background), with <c>normalised = (map - min) / (max - min)</c>, or for a signed map <c>(map / max|map| + 1) / 2</c>.
/// </summary>
public static class MapOverlay
{
    /// <summary>Lays a map over a picture. One that cannot be shown (<see cref="OverlayOptions.Obstacle"/>) leaves it uncoloured.</summary>
    /// <param name="rgb">The picture, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="map">A value for each pixel of it, or of the part of it that was seen, row by row.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <returns>As many bytes as the picture, in its layout.</returns>
    /// <exception cref="GpuCamException">The map or the bytes do not fit the picture.</exception>
    public static byte[] Paint(ReadOnlySpan<byte> rgb, int width, int height, ReadOnlySpan<float> map, OverlayOptions? options = null)
    {
        options ??= new OverlayOptions();
        Box seen = options.Seen ?? new Box(0, 0, width - 1, height - 1);
        if (map.Length != seen.Area)
        {
            throw new GpuCamException($"a map of {map.Length} values does not fit an image of {seen.Width} x {seen.Height} pixels; "
                + "resize the map first");
        }

        RgbPicture.Check(rgb, width, height);
        var range = MapRange.Of(map);
        float alpha = options.Obstacle(range) is not null ? 0 : options.MapAlone ? 1 : options.Alpha;
        ColorMap colors = options.Colors ?? (options.Signed ? ColorMaps.Diverging : ColorMaps.Jet);
        float reach = MathF.Max(range.Maximum, -range.Minimum);
        float low = options.Signed ? -reach : range.Minimum;
        float span = options.Signed ? 2 * reach : range.Maximum - range.Minimum;
        byte[] pixels = new byte[rgb.Length];
        if (seen.Area < (long)width * height)
        {
            Pale(rgb, pixels);
        }

        int inverted = options.Background == ImageBackground.Dark ? byte.MaxValue : 0;
        float from = options.MapAlone ? float.NegativeInfinity : options.From;
        for (int y = 0, at = 0; y < seen.Height; y++)
        {
            int pixel = 3 * (((seen.Y0 + y) * width) + seen.X0);
            for (int x = 0; x < seen.Width; x++, at++, pixel += 3)
            {
                float value = (map[at] - low) / span;
                float share = value < from ? 0 : alpha;
                Rgb colour = colors.At(value);
                // A byte from 255 is the byte with all bits turned.
                pixels[pixel] = Mix(rgb[pixel] ^ inverted, colour.R, share);
                pixels[pixel + 1] = Mix(rgb[pixel + 1] ^ inverted, colour.G, share);
                pixels[pixel + 2] = Mix(rgb[pixel + 2] ^ inverted, colour.B, share);
            }
        }

        return pixels;

        static byte Mix(int under, byte over, float share) => Rgb.ToByte(((share * over) + ((1 - share) * under)) / 255f);
    }

    /// <summary>The picture in a third of its contrast, towards white: what the network did not see.</summary>
    private static void Pale(ReadOnlySpan<byte> rgb, byte[] pale)
    {
        for (int i = 0; i < pale.Length; i++)
        {
            pale[i] = (byte)((rgb[i] + 510) / 3);
        }
    }
}
