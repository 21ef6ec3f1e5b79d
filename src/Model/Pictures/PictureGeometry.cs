namespace GpuCam.Model;

/// <summary>
/// Where the pixels of a network's input lie on a picture. The picture is scaled to <paramref name="ScaledWidth"/> x
/// <paramref name="ScaledHeight"/>, and the input is a window of that with its corner at (<paramref name="OffsetX"/>,
/// <paramref name="OffsetY"/>), outside of it where it is padded. Pixels are squares with their middle at a half:
/// <c>picture = (input + Offset) * Picture / Scaled</c> for edges, and for middles with 1/2 added before and taken off behind.
/// </summary>
/// <param name="PictureWidth">Columns of the picture as viewers show it.</param>
/// <param name="PictureHeight">Its rows.</param>
/// <param name="InputWidth">Columns of the input.</param>
/// <param name="InputHeight">Rows of the input.</param>
/// <param name="ScaledWidth">Columns of the scaled picture.</param>
/// <param name="ScaledHeight">Its rows.</param>
/// <param name="OffsetX">Column of the scaled picture at which the input begins; negative where it is padded.</param>
/// <param name="OffsetY">Its row.</param>
public sealed record PictureGeometry(
    int PictureWidth, int PictureHeight, int InputWidth, int InputHeight, long ScaledWidth, long ScaledHeight, long OffsetX, long OffsetY)
{
    /// <summary>The pixels of the input that show the picture, without padding.</summary>
    public Box Shown
    {
        get
        {
            (int x0, int x1) = ShownSpan(OffsetX, InputWidth, ScaledWidth);
            (int y0, int y1) = ShownSpan(OffsetY, InputHeight, ScaledHeight);
            return new Box(x0, y0, x1, y1);
        }
    }

    /// <summary>
    /// The pixels of the picture that the network saw: those whose middle lies in the input; one, where the input lies within one.
    /// </summary>
    public Box Seen
    {
        get
        {
            Box shown = Shown;
            (int x0, int x1) = Across(shown.X0, shown.X1, OffsetX, ScaledWidth, PictureWidth, 0, PictureWidth - 1);
            (int y0, int y1) = Across(shown.Y0, shown.Y1, OffsetY, ScaledHeight, PictureHeight, 0, PictureHeight - 1);
            return new Box(x0, y0, x1, y1);
        }
    }

    /// <summary>A picture of that many pixels and what becomes of it.</summary>
    internal static PictureGeometry Of(Preprocessing preprocessing, int width, int height)
    {
        if (width < 1 || height < 1)
        {
            throw new GpuCamException($"a picture of {width} x {height} pixels has none; give one with pixels");
        }

        int inputWidth = preprocessing.Width ?? width, inputHeight = preprocessing.Height ?? height;
        double margin = preprocessing.Margin;
        (long w, long h) = preprocessing.Fit switch
        {
            PictureFit.Crop => Covering(width, height, Round(inputWidth * margin), Round(inputHeight * margin)),
            PictureFit.Stretch => (Round(inputWidth * margin), Round(inputHeight * margin)),
            PictureFit.Pad => Within(width, height, inputWidth, inputHeight),
            _ => (width, height),
        };
        if (preprocessing.Fit == PictureFit.None && (w, h) != (inputWidth, inputHeight))
        {
            throw new GpuCamException(
                $"the picture has {width} x {height} pixels, but the network takes {inputWidth} x {inputHeight}; "
                + "scale it, or give --fit crop, stretch or pad");
        }

        return new PictureGeometry(width, height, inputWidth, inputHeight, w, h, Offset(w, inputWidth), Offset(h, inputHeight));
    }

    /// <summary>The same for a copy of the picture that was scaled to another size, such as one to draw on.</summary>
    /// <param name="width">Columns of the copy.</param>
    /// <param name="height">Its rows.</param>
    public PictureGeometry OnCopy(int width, int height) => this with { PictureWidth = width, PictureHeight = height };

    /// <summary>
    /// A map over the input becomes a map on the picture: scaled bilinearly (averaged where it shrinks), values only where the network
    /// saw it, so that neither padding nor what was cut off gets any.
    /// </summary>
    /// <param name="map">[rows, columns], spread evenly over the input.</param>
    /// <param name="rows">Rows of the map.</param>
    /// <param name="columns">Columns of the map.</param>
    /// <returns>[Seen.Height, Seen.Width] values for the pixels of <see cref="Seen"/>.</returns>
    /// <exception cref="GpuCamException">Extents and values disagree.</exception>
    public float[] MapToPicture(ReadOnlySpan<float> map, int rows, int columns)
    {
        if (rows < 1 || columns < 1 || (long)rows * columns != map.Length)
        {
            throw new GpuCamException($"a map of {rows} x {columns} does not hold {map.Length} values");
        }

        Box seen = Seen;
        double scaleX = (double)ScaledWidth / PictureWidth, scaleY = (double)ScaledHeight / PictureHeight;
        double cellsX = (double)columns / InputWidth, cellsY = (double)rows / InputHeight;
        double x = ((seen.X0 * scaleX) - OffsetX) * cellsX, y = ((seen.Y0 * scaleY) - OffsetY) * cellsY;
        return Resampler.Floats(
            map, columns, new AxisFilter(PictureFilter.Bilinear, columns, x, scaleX * cellsX, seen.Width),
            new AxisFilter(PictureFilter.Bilinear, rows, y, scaleY * cellsY, seen.Height));
    }

    /// <summary>
    /// A box of the input on the picture: the pixels of <see cref="Seen"/> whose middle lies in it; one, where there is none between
    /// its edges.
    /// </summary>
    public Box ToPicture(Box input)
    {
        Box seen = Seen;
        (int x0, int x1) = Across(input.X0, input.X1, OffsetX, ScaledWidth, PictureWidth, seen.X0, seen.X1);
        (int y0, int y1) = Across(input.Y0, input.Y1, OffsetY, ScaledHeight, PictureHeight, seen.Y0, seen.Y1);
        return new Box(x0, y0, x1, y1);
    }

    /// <summary>A box of the picture on the input: the pixels whose middle lies in it; null for one that the network did not see.</summary>
    public Box? ToInput(Box picture)
    {
        Box seen = Seen, shown = Shown;
        if (picture.X1 < seen.X0 || picture.X0 > seen.X1 || picture.Y1 < seen.Y0 || picture.Y0 > seen.Y1)
        {
            return null;
        }

        (int x0, int x1) = Back(picture.X0, picture.X1, OffsetX, ScaledWidth, PictureWidth, shown.X0, shown.X1);
        (int y0, int y1) = Back(picture.Y0, picture.Y1, OffsetY, ScaledHeight, PictureHeight, shown.Y0, shown.Y1);
        return new Box(x0, y0, x1, y1);
    }

    private static (int First, int Last) ShownSpan(long offset, int input, long scaled) =>
        ((int)Math.Max(0, -offset), (int)Math.Min(input, scaled - offset) - 1);

    private static (int First, int Last) Across(int first, int last, long offset, long scaled, int picture, int least, int most)
    {
        double ratio = (double)picture / scaled;
        return Middles((first + offset) * ratio, (last + 1 + offset) * ratio, least, most);
    }

    private static (int First, int Last) Back(int first, int last, long offset, long scaled, int picture, int least, int most)
    {
        double ratio = (double)scaled / picture;
        return Middles((first * ratio) - offset, ((last + 1) * ratio) - offset, least, most);
    }

    /// <summary>The pixels whose middle lies from one edge up to the other; the one between them where there is none.</summary>
    private static (int First, int Last) Middles(double from, double to, int least, int most)
    {
        double first = Math.Ceiling(from - 0.5), last = Math.Ceiling(to - 0.5) - 1;
        if (last < first)
        {
            first = last = Math.Floor((from + to) / 2);
        }

        return ((int)Math.Clamp(first, least, most), (int)Math.Clamp(last, least, most));
    }

    private static long Round(double value) => Math.Max(1, (long)Math.Round(value));

    /// <summary>The side that is short of the target gets it; the other is cut off to a whole number, as torchvision does.</summary>
    private static (long Width, long Height) Covering(int width, int height, long wide, long high) =>
        (double)wide / width >= (double)high / height
            ? (wide, Math.Max(high, wide * height / width))
            : (Math.Max(wide, high * width / height), high);

    private static (long Width, long Height) Within(int width, int height, int wide, int high) =>
        (double)wide / width <= (double)high / height
            ? (wide, Math.Clamp(Round((double)wide * height / width), 1, high))
            : (Math.Clamp(Round((double)high * width / height), 1, wide), high);

    /// <summary>Half of what is too much, a half rounded to even as torchvision's CenterCrop does; of padding, the smaller half.</summary>
    private static long Offset(long scaled, int input) =>
        scaled >= input ? (long)Math.Round((scaled - input) / 2.0) : -((input - scaled) / 2);
}
