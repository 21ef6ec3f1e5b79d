using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>Labelled pictures of any size as a network takes them. Values are those of its input, and mostly not in [0, 1].</summary>
internal sealed class PictureSource : ISampleSource
{
    private readonly IReadOnlyList<DataPicture> _pictures;
    private readonly ImageOrientation _orientation;

    /// <summary>The pictures, in this order.</summary>
    /// <param name="pictures">Pictures of a <see cref="PictureSet"/>.</param>
    /// <param name="classNames">What their labels mean.</param>
    /// <param name="preprocessing">How they become inputs; what <see cref="Preprocessing.ForNetwork"/> gave.</param>
    /// <param name="input">The input of one picture, with 1 or 3 channels.</param>
    /// <param name="orientation">Which way up pictures are read.</param>
    /// <param name="description">What they are, in one line.</param>
    public PictureSource(
        IReadOnlyList<DataPicture> pictures, IReadOnlyList<string> classNames, Preprocessing preprocessing, Shape input,
        ImageOrientation orientation, string description)
    {
        (_pictures, ClassNames, Preprocessing) = (pictures, classNames, preprocessing);
        (_, Height, Width, Channels) = input;
        (_orientation, Description) = (orientation, description);
    }

    /// <inheritdoc/>
    public int Count => _pictures.Count;

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>How they become inputs.</summary>
    public Preprocessing Preprocessing { get; }

    /// <inheritdoc/>
    public bool ShowsInput => Preprocessing is { Scale: 1.0 / 255, MeanImage: null, Order: not ChannelOrder.Bgr }
        && Preprocessing.Mean.All(mean => mean == 0) && Preprocessing.Deviation.All(deviation => deviation == 1);

    /// <summary>Pictures as a network takes them.</summary>
    /// <param name="pictures">Pictures of a set that was opened with the network's classes.</param>
    /// <param name="network">Says the classes, the size, and how pictures become its input.</param>
    /// <param name="orientation">Which way up pictures are read.</param>
    /// <param name="description">What they are, in one line.</param>
    /// <exception cref="GpuCamException">Nothing says how pictures become the input.</exception>
    public static PictureSource For(
        IReadOnlyList<DataPicture> pictures, Network network, ImageOrientation orientation, string description) =>
        new(pictures, network.ClassNames, PreprocessingOf(network), network.Graph.Input.Shape, orientation, description);

    /// <summary>How pictures become a network's input.</summary>
    /// <exception cref="GpuCamException">Nothing says so.</exception>
    public static Preprocessing PreprocessingOf(Network network) => network.Preprocessing ?? throw new GpuCamException(
        "nothing says how pictures become this network's input; give --preprocess imagenet, caffe, tf, unit or a JSON file");

    /// <summary>
    /// How square pictures of one size become inputs of that size with values in [0, 1]: as in the TensorFlow original.
    /// </summary>
    public static Preprocessing AsTheyAre(int size, int channels) =>
        (Preprocessing.Preset("unit") with { Fit = PictureFit.None }).ForNetwork(size, size, channels);

    /// <summary>What is known of a picture.</summary>
    public DataPicture PictureOf(int index) => _pictures[index];

    /// <summary>Where the input lies on the picture.</summary>
    /// <exception cref="GpuCamException">The picture cannot be read, or not become an input.</exception>
    public PictureGeometry GeometryOf(int index)
    {
        DataPicture picture = _pictures[index];
        (int width, int height) =
            picture.Width > 0 ? (picture.Width, picture.Height) : ImageHeader.Read(picture.Path, _orientation);
        return Plan(picture, width, height);
    }

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        DataPicture picture = _pictures[index];
        Image8 read = Read(picture);
        PictureGeometry plan = Plan(picture, read.Width, read.Height);
        Preprocessing.Apply(read.Pixels, plan, Channels, image);
        (label, box) = (picture.Label, FirstSeen(picture, plan));
        FillMask(picture, plan, mask);
    }

    /// <inheritdoc/>
    public Image8 Shown(int index)
    {
        DataPicture picture = _pictures[index];
        Image8 read = Read(picture), shown = new(Width, Height);
        Preprocessing.Show(read.Pixels, Plan(picture, read.Width, read.Height), shown.Pixels);
        return Channels == 1 ? Image8.FromGrey(shown.ToGrey(), Width, Height) : shown;
    }

    /// <summary>The whole picture.</summary>
    internal Image8 Read(DataPicture picture)
    {
        Image8 read = ImageReader.ReadFile(picture.Path, _orientation);
        return picture.Width == 0 || (read.Width, read.Height) == (picture.Width, picture.Height) ? read
            : throw new GpuCamException($"{picture.Path}: {read.Width}x{read.Height} pixels, but {picture.Width}x{picture.Height} when the "
                + "folder was opened; put the picture back");
    }

    /// <summary>Where the input lies on a picture of that size.</summary>
    internal PictureGeometry Plan(DataPicture picture, int width, int height)
    {
        try
        {
            return Preprocessing.Plan(width, height);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{picture.Path}: {e.Message}", e);
        }
    }

    private static Box? FirstSeen(DataPicture picture, PictureGeometry plan) =>
        picture.Boxes.Select(plan.ToInput).FirstOrDefault(box => box is not null);

    /// <summary>The pixel of each mask that the middle of a pixel of the input falls on; a mask may be scaled.</summary>
    private void FillMask(DataPicture picture, PictureGeometry plan, Span<byte> mask)
    {
        mask.Clear();
        if (mask.IsEmpty)
        {
            return;
        }

        foreach (string path in picture.Masks)
        {
            Image8 object8 = ImageReader.ReadFile(path, ImageOrientation.Stored);
            PictureGeometry on = plan.OnCopy(object8.Width, object8.Height);
            Box shown = on.Shown;
            for (int y = shown.Y0; y <= shown.Y1; y++)
            {
                int row = Place(y + on.OffsetY, on.ScaledHeight, on.PictureHeight);
                for (int x = shown.X0; x <= shown.X1; x++)
                {
                    Rgb pixel = object8[Place(x + on.OffsetX, on.ScaledWidth, on.PictureWidth), row];
                    mask[(y * Width) + x] |= (byte)(pixel.R > 0 || pixel.G > 0 || pixel.B > 0 ? 1 : 0);
                }
            }
        }
    }

    private static int Place(long scaled, long scaledSide, int side) =>
        Math.Clamp((int)((scaled + 0.5) * side / scaledSide), 0, side - 1);
}
