using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Pictures for training, augmented anew in each epoch: sample <c>epoch * pictures + picture</c> is a pure function of seed, picture and
/// epoch. Boxes follow; masks do not, for nothing is learnt from them.
/// </summary>
/// <param name="source">The pictures as they are.</param>
/// <param name="augmentation">What becomes of them.</param>
/// <param name="seed">Seed of the run.</param>
internal sealed class AugmentedPictures(PictureSource source, Augmentation augmentation, ulong seed) : ISampleSource
{
    private readonly Preprocessing _asItIs = source.Preprocessing with
    {
        Fit = PictureFit.None,
        Height = source.Height,
        Width = source.Width,
    };

    /// <summary>The samples of as many epochs as an index can tell apart.</summary>
    public int Count => source.Count == 0 ? 0 : int.MaxValue / source.Count * source.Count;

    /// <inheritdoc/>
    public int Height => source.Height;

    /// <inheritdoc/>
    public int Width => source.Width;

    /// <inheritdoc/>
    public int Channels => source.Channels;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => source.ClassNames;

    /// <inheritdoc/>
    public string Description => $"{source.Description}, augmentation {augmentation.Name}";

    /// <inheritdoc/>
    public bool ShowsInput => source.ShowsInput;

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        mask.Clear();
        label = source.PictureOf(index % source.Count).Label;
        Image8 made = Make(index, out box);
        _asItIs.Apply(made.Pixels, _asItIs.Plan(Width, Height), Channels, image);
    }

    /// <inheritdoc/>
    public Image8 Shown(int index)
    {
        Image8 made = Make(index, out _);
        return Channels == 1 ? Image8.FromGrey(made.ToGrey(), Width, Height) : made;
    }

    private Image8 Make(int index, out Box? box)
    {
        (int epoch, int place) = Math.DivRem(index, source.Count);
        DataPicture picture = source.PictureOf(place);
        RandomSequence random =
            new CounterRandom(seed, RandomPurpose.PictureAugmentation, ((ulong)epoch << 32) | (uint)place).Sequence();
        Image8 read = source.Read(picture), made = new(Width, Height);
        Box crop = augmentation.Crop(read.Width, read.Height, ref random);
        if (augmentation.LeastArea is null)
        {
            PictureGeometry plan = source.Plan(picture, read.Width, read.Height);
            source.Preprocessing.Show(read.Pixels, plan, made.Pixels);
            box = FirstSeen(picture, plan, crop);
        }
        else
        {
            Image8 part = new(crop.Width, crop.Height);
            part.Draw(read, -crop.X0, -crop.Y0);
            Preprocessing stretch = _asItIs with { Fit = PictureFit.Stretch, Margin = 1, MeanImage = null };
            PictureGeometry plan = stretch.Plan(crop.Width, crop.Height);
            stretch.Show(part.Pixels, plan, made.Pixels);
            box = FirstSeen(picture, plan, crop);
        }

        if (augmentation.Mirror && random.NextBelow(2) == 1)
        {
            Mirror(made);
            box = box is { } left ? left with { X0 = Width - 1 - left.X1, X1 = Width - 1 - left.X0 } : null;
        }

        augmentation.ChangeColours(made, ref random);
        return made;
    }

    /// <summary>The first box of which something lies in the crop, as far as it does, on the input.</summary>
    private static Box? FirstSeen(DataPicture picture, PictureGeometry plan, Box crop)
    {
        foreach (Box whole in picture.Boxes)
        {
            var part = new Box(
                Math.Max(whole.X0, crop.X0) - crop.X0, Math.Max(whole.Y0, crop.Y0) - crop.Y0, Math.Min(whole.X1, crop.X1) - crop.X0,
                Math.Min(whole.Y1, crop.Y1) - crop.Y0);
            if (part.Width > 0 && part.Height > 0 && plan.ToInput(part) is { } seen)
            {
                return seen;
            }
        }

        return null;
    }

    private static void Mirror(Image8 image)
    {
        int row = 3 * image.Width;
        for (int y = 0; y < image.Height; y++)
        {
            Span<byte> pixels = image.Pixels.AsSpan(y * row, row);
            pixels.Reverse();           // from right to left, and each pixel's bytes with it
            for (int x = 0; x < row; x += 3)
            {
                (pixels[x], pixels[x + 2]) = (pixels[x + 2], pixels[x]);
            }
        }
    }
}
