using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// Parts of photographs at the resolution of the network's input: cut from the picture itself, so that a second look sees more than the
/// first, and scaled. A part is a box and its margin, grown to a square as far as the picture goes.
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
    /// The smallest square that holds a box, in the middle of it and inside a picture; where the picture is not as high or wide as the
    /// box is long, all that there is of it.
    /// </summary>
    public static Box Square(Box box, int width, int height)
    {
        int side = Math.Max(box.Width, box.Height);
        (int x0, int x1) = Span(box.X0, box.X1, Math.Min(side, width), width);
        (int y0, int y1) = Span(box.Y0, box.Y1, Math.Min(side, height), height);
        return new Box(x0, y0, x1, y1);
    }

    private static (int First, int Last) Span(int first, int last, int length, int limit)
    {
        int start = Math.Clamp(first - ((length - (last - first + 1)) / 2), 0, limit - length);
        return (start, start + length - 1);
    }

    private Box PartOf(Box input, PictureGeometry geometry)
    {
        Box wide = Crop.Window(input, margin, source.Size, source.Size);
        return Square(geometry.ToPicture(wide), geometry.PictureWidth, geometry.PictureHeight);
    }

    private void Write(Image8 image, Box part, Span<float> input)
    {
        var cut = new Image8(part.Width, part.Height);
        cut.Draw(image, -part.X0, -part.Y0);
        _scaled.Apply(cut.Pixels, _scaled.Plan(part.Width, part.Height), source.Channels, input);
    }
}
