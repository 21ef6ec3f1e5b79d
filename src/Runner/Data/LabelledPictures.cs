using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Pictures in a folder per class, as a network takes them: <c>DIR/tabby cat/1.jpg</c>. A folder is called by the name of a class, or by
/// its number. Values are those of the network's input, and not in [0, 1].
/// </summary>
internal sealed class LabelledPictures : ISampleSource
{
    private readonly Preprocessing _preprocessing;
    private readonly List<(string Path, int Class)> _pictures = [];
    private readonly ImageOrientation _orientation;

    /// <summary>The pictures of a folder.</summary>
    /// <param name="folder">Holds a folder per class.</param>
    /// <param name="network">Says the classes, and how pictures become its input.</param>
    /// <param name="orientation">Which way up pictures are read.</param>
    /// <exception cref="GpuCamException">The folders are not those of classes, or nothing says how pictures become the input.</exception>
    public LabelledPictures(string folder, Network network, ImageOrientation orientation)
    {
        _preprocessing = network.Preprocessing ?? throw new GpuCamException(NoPreprocessing);
        Shape image = network.Graph.Input.Shape;
        if (image.H != image.W)
        {
            throw new GpuCamException($"the network takes {image.W}x{image.H} pixels; eval needs a network for square images");
        }

        (Size, Channels, ClassNames, _orientation) = (image.H, image.C, network.ClassNames, orientation);
        Description = folder;
        if (!Directory.Exists(folder))
        {
            throw new GpuCamException($"{folder}: there is no such folder; give one that holds a folder of pictures per class");
        }

        var table = new ClassTable(ClassNames);
        string[] below = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)];
        if (below.Length == 0)
        {
            throw new GpuCamException($"{folder}: there is no folder in it; give one that holds a folder of pictures per class");
        }

        foreach (string of in below)
        {
            int index;
            try
            {
                index = table.IndexOf(Path.GetFileName(of));
            }
            catch (GpuCamException e)
            {
                throw new GpuCamException($"{of}: a folder is called by the name or number of its class ({e.Message})", e);
            }

            _pictures.AddRange(PictureList.Expand([of], recursive: true).Select(picture => (picture.Path, index)));
        }

        Description = $"{_pictures.Count:N0} pictures of {below.Length:N0} classes in {folder}";
    }

    /// <summary>What is said where nothing says how pictures become the input.</summary>
    public static string NoPreprocessing =>
        "nothing says how pictures become this network's input; give --preprocess imagenet, caffe, tf, unit or a JSON file";

    /// <inheritdoc/>
    public int Count => _pictures.Count;

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        (string path, label) = _pictures[index];
        box = null;
        mask.Clear();
        Image8 picture = ImageReader.ReadFile(path, _orientation);
        _preprocessing.Apply(picture.Pixels, _preprocessing.Plan(picture.Width, picture.Height), Channels, image);
    }
}
