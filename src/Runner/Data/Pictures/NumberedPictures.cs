using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// The layout of the TensorFlow original: <c>img_1.png</c> … (or <c>img_01.png</c>), <c>labels.txt</c> with a line <c>index TAB label</c>
/// for each, and perhaps <c>boxes.csv</c>. The first 70 % train, the rest tests.
/// </summary>
internal static class NumberedPictures
{
    /// <summary>Whether the folder is laid out so, perhaps with faults.</summary>
    public static bool AreIn(string folder) =>
        Directory.EnumerateFiles(folder, "img_*.png").Any()
        || (File.Exists(Path.Combine(folder, ImageFolderTables.Labels)) && !Directory.EnumerateDirectories(folder).Any());

    /// <summary>How many of <paramref name="count"/> pictures train: the first 70 %.</summary>
    public static int TrainCountOf(int count) => (int)(count * 7L / 10);

    /// <summary>What the folder holds.</summary>
    /// <exception cref="GpuCamException">A row or a file is missing or wrong; the message names it and its line.</exception>
    public static FoundPictures Read(PictureSetOptions options)
    {
        string folder = options.Folder;
        string[] images = ImageFolderFiles.Find(folder);
        (int[] labels, IReadOnlyList<string> names) = ImageFolderTables.ReadLabels(folder, images.Length, options.Classes);
        (Box Box, int Line)?[] boxes = ImageFolderTables.ReadBoxes(folder, images.Length);
        int train = TrainCountOf(images.Length);
        if (train == 0 && options.Classes is null)
        {
            throw new GpuCamException(
                $"{folder}: {images.Length} images cannot be split into some to train and some to test; add more");
        }

        bool inOrder = options.TrainPerClass is null;
        string table = Path.Combine(folder, ImageFolderTables.Boxes);
        var pictures = new FoundPicture[images.Length];
        for (int i = 0; i < pictures.Length; i++)
        {
            var picture = new DataPicture(Path.GetFileName(images[i]), images[i], labels[i])
            {
                Boxes = boxes[i] is { } row ? [row.Box] : [],
            };
            PictureSplit? split = inOrder ? i < train ? PictureSplit.Train : PictureSplit.Test : null;
            pictures[i] = new FoundPicture(picture, split, default)
            {
                BoxPlaces = boxes[i] is { } place ? [new FilePlace(table, place.Line)] : [],
            };
        }

        var found = new FoundPictures("numbered pictures", Path.Combine(folder, ImageFolderTables.Labels), names, pictures)
        {
            Settled = inOrder,
            SplitOnPurpose = false,
        };
        return PictureClasses.WithoutSkipped(found, options);
    }
}
