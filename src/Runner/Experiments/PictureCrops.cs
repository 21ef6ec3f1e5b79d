using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// Parts of photographs at the resolution of the network's input: cut from the picture itself, so that a second look sees more than the
/// first, and scaled. A part is a box and its margin, grown to the input's proportions as far as the picture goes.
/// </summary>
/// <param name="source">The pictures.</param>
/// <param name="margin">Pixels of the network's input added around a box.</param>
internal sealed class PictureCrops(PictureSource source, int margin) : ICrops
{
    // All of a part is wanted, and no more.
    private readonly Preprocessing _scaled = source.Preprocessing with { Fit = PictureFit.Stretch, Margin = 1 };

    /// <inheritdoc/>
    public Box Place(SampleBatch batch, int n, Box found, Box? truth, Span<float> ofFound, Span<float> ofTruth)
    {
        DataPicture picture = source.PictureOf(batch.Indices[n]);
        Image8 image = source.Read(picture);
        PictureGeometry geometry = source.Plan(picture, image.Width, image.Height);
        if (truth is { } box)
        {
            Write(image, PartOf(box, geometry), ofTruth);
        }

        Box part = PartOf(found, geometry);
        Write(image, part, ofFound);
        return geometry.ToInput(part) ?? found;
    }

    /// <summary>
    /// The smallest box of the input's proportions that holds <paramref name="box"/>, which lies in the middle of it, inside a picture;
    /// where the picture is not that high or wide, all that there is of it.
    /// </summary>
    /// <param name="box">Inclusive pixels of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="inputWidth">Columns of the input.</param>
    /// <param name="inputHeight">Its rows.</param>
    public static Box Grown(Box box, int width, int height, int inputWidth, int inputHeight)
    {
        int wide = Math.Max(box.Width, Quotient(box.Height, inputWidth, inputHeight));
        int high = Math.Max(box.Height, Quotient(box.Width, inputHeight, inputWidth));
        (int x0, int x1) = Span(box.X0, box.X1, Math.Min(wide, width), width);
        (int y0, int y1) = Span(box.Y0, box.Y1, Math.Min(high, height), height);
        return new Box(x0, y0, x1, y1);
    }

    /// <summary>A length times a ratio, rounded up.</summary>
    private static int Quotient(int length, int dividend, int divisor) => (int)((((long)length * dividend) + divisor - 1) / divisor);

    private static (int First, int Last) Span(int first, int last, int length, int limit)
    {
        int start = Math.Clamp(first - ((length - (last - first + 1)) / 2), 0, limit - length);
        return (start, start + length - 1);
    }

    private Box PartOf(Box input, PictureGeometry geometry)
    {
        Box wide = Crop.Window(input, margin, source.Width, source.Height, Math.Max(source.Width, source.Height));
        return Grown(geometry.ToPicture(wide), geometry.PictureWidth, geometry.PictureHeight, source.Width, source.Height);
    }

    private void Write(Image8 image, Box part, Span<float> input)
    {
        var cut = new Image8(part.Width, part.Height);
        cut.Draw(image, -part.X0, -part.Y0);
        _scaled.Apply(cut.Pixels, _scaled.Plan(part.Width, part.Height), source.Channels, input);
    }
}
