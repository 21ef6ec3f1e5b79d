using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Samples in a folder: <c>img_1.png</c> to <c>img_N.png</c> (or <c>img_01.png</c>), square and of one size; <c>labels.txt</c> with a
/// line <c>index TAB label</c> for each; and perhaps <c>boxes.csv</c>. The first 70 % train, the rest test. All files are
/// looked at when the folder is opened, so that what is wrong with one is said before a run begins; pixels are read when asked for.
/// </summary>
public sealed class ImageFolder : ISampleSource
{
    private readonly string _path;
    private readonly string[] _images;
    private readonly ImageOrientation _orientation;
    private readonly int[] _labels;
    private readonly Box?[] _boxes;

    private ImageFolder(
        string path, string[] images, int channels, ImageOrientation orientation, int size, int[] labels,
        IReadOnlyList<string> classNames, Box?[] boxes)
    {
        _path = path;
        _images = images;
        _orientation = orientation;
        ClassNames = classNames;
        _labels = labels;
        _boxes = boxes;
        Channels = channels;
        Size = size;
    }

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Description => $"{Count} images of {Size}x{Size} in {_path}";

    /// <summary>How many of <paramref name="count"/> samples train: the first 70 %.</summary>
    public static int TrainCountOf(int count) => (int)(count * 7L / 10);

    /// <summary>Opens a folder and checks its files.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="channels">1 makes colours grey, 3 makes three equal channels of grey.</param>
    /// <param name="classes">The classes that its labels belong to; null for those that they tell of.</param>
    /// <param name="orientation">Which way up images are read.</param>
    /// <exception cref="GpuCamException">A row or a file is missing or wrong; the message names it and its line.</exception>
    public static ImageFolder Open(
        string path, int channels, IReadOnlyList<string>? classes = null, ImageOrientation orientation = ImageOrientation.Exif)
    {
        try
        {
            string[] images = ImageFolderFiles.Find(path);
            (int[] labels, classes) = ImageFolderTables.ReadLabels(path, images.Length, classes);
            int size = ImageFolderFiles.SizeOf(images);
            return new ImageFolder(
                path, images, channels, orientation, size, labels, classes, ImageFolderTables.ReadBoxes(path, images.Length, size));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new GpuCamException($"{path}: there is no such folder; give one with img_1.png … and {ImageFolderTables.Labels}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); give a readable folder", e);
        }
    }

    /// <summary>The first 70 % to train and the rest to test.</summary>
    /// <exception cref="GpuCamException">There are fewer than two images, or fewer than two classes.</exception>
    public Corpus Split()
    {
        int train = TrainCountOf(Count);
        if (train == 0)
        {
            throw new GpuCamException($"{_path}: {Count} images cannot be split into some to train and some to test; add more");
        }

        if (ClassNames.Count < 2)
        {
            throw new GpuCamException($"{Path.Combine(_path, ImageFolderTables.Labels)}: every label is {ClassNames[0]}; two classes are "
                + "the least that can be told apart");
        }

        var trained = new SampleRange(this, 0, train);
        return new Corpus(trained, new SampleRange(this, train, Count - train), Validation: trained, Description);
    }

    /// <summary>
    /// Writes the samples of a source as such a folder, on all cores. Its labels come last: a folder that was not finished
    /// is never taken for a good one.
    /// </summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="source">What to write, all of it.</param>
    /// <param name="written">Gets the number of images written so far, now and then.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="GpuCamException">The folder cannot be written, or holds something already.</exception>
    public static void Write(string path, ISampleSource source, Action<int>? written = null, CancellationToken cancellation = default)
    {
        using FolderLock held = FolderLock.TryTake(path)
            ?? throw new GpuCamException($"{path}: another gpucam writes there; give a new folder");
        CheckEmpty(path);
        int[] labels = new int[source.Count];
        var boxes = new Box?[source.Count];
        int done = 0;
        AllCores.For(
            source.Count,
            i =>
            {
                float[] image = new float[source.Size * source.Size * source.Channels];
                source.Fill(i, image, out labels[i], out boxes[i], []);
                var picture = Image8.FromFloats(image, source.Size, source.Size, source.Channels);
                PngWriter.WriteFile(ImageFolderFiles.PathOf(path, i + 1), picture);
                int total = Interlocked.Increment(ref done);
                if (total % 1000 == 0)
                {
                    written?.Invoke(total);
                }
            },
            cancellation);
        ImageFolderTables.WriteBoxes(path, boxes);
        ImageFolderTables.WriteLabels(path, labels);
    }

    /// <summary>
    /// Throws a <see cref="GpuCamException"/> when there is something at <paramref name="path"/> that writing would mix with.
    /// </summary>
    public static void CheckEmpty(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path).Any(entry => Path.GetFileName(entry) != FolderLock.FileName)))
        {
            throw new GpuCamException($"{path}: exists and is not an empty folder; give a new one");
        }
    }

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        string path = _images[index];
        Image8 picture = ImageReader.ReadFile(path, _orientation);
        if (picture.Width != Size || picture.Height != Size)
        {
            throw new GpuCamException($"{path}: {picture.Width}x{picture.Height} pixels, but the folder's images had {Size}x{Size} when "
                + "it was opened; put the image back");
        }

        picture.ToFloats(image, Channels);
        label = _labels[index];
        box = _boxes[index];
        mask.Clear();
    }
}
