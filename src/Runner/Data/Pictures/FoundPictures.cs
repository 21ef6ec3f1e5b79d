namespace GpuCam.Runner.Data;

/// <summary>What a layout tells of a folder, before anybody looked into a picture.</summary>
/// <param name="Layout">What it was read as, for people.</param>
/// <param name="Source">The file or folder that tells of the classes, for errors.</param>
/// <param name="ClassNames">The classes.</param>
/// <param name="Pictures">The pictures.</param>
internal sealed record FoundPictures(string Layout, string Source, IReadOnlyList<string> ClassNames, IReadOnlyList<FoundPicture> Pictures)
{
    /// <summary>Whether the layout decides on splits and order to the last picture: then nothing is split or put in order here.</summary>
    public bool Settled { get; init; }

    /// <summary>Whether a class only in test is a fault; where the split follows from places in a row it is but worth a line.</summary>
    public bool SplitOnPurpose { get; init; } = true;
}

/// <summary>A picture that a layout names.</summary>
/// <param name="Picture">What is known of it; the size is that of the layout, 0 where it tells none.</param>
/// <param name="Split">Its split; null where the layout makes none.</param>
/// <param name="Place">What names it, for errors; the default where that is its folder.</param>
internal sealed record FoundPicture(DataPicture Picture, PictureSplit? Split, FilePlace Place)
{
    /// <summary>What tells each of its boxes.</summary>
    public IReadOnlyList<FilePlace> BoxPlaces { get; init; } = [];
}

/// <summary>What pictures are for.</summary>
internal enum PictureSplit
{
    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To choose by.</summary>
    Validation,

    /// <summary>To measure on.</summary>
    Test,
}

/// <summary>A line of a file, or a whole one.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">Its line, from 1; 0 for all of it.</param>
internal readonly record struct FilePlace(string File, int Line)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? File : $"{File}: line {Line}";
}

/// <summary>What splits are called in tables and folders.</summary>
internal static class SplitNames
{
    private static readonly string[][] s_names =
    [
        ["train", "training", "train-weaksup"],
        ["val", "valid", "validation", "train-fullsup"],
        ["test", "testing"],
    ];

    /// <summary>What it is called in tables that are written.</summary>
    public static string Of(PictureSplit split) => s_names[(int)split][0];

    /// <summary>The split of that name, whatever its case; null for another word.</summary>
    public static PictureSplit? Parse(string name)
    {
        int index = Array.FindIndex(s_names, names => names.Contains(name, StringComparer.OrdinalIgnoreCase));
        return index < 0 ? null : (PictureSplit)index;
    }
}
