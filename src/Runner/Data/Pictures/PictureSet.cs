namespace GpuCam.Runner.Data;

/// <summary>A folder of labelled pictures of any size, in any of the layouts that are read, and how it is split.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Layout">What it was read as, for people: <c>a folder per class</c>.</param>
/// <param name="ClassNames">The classes; a label is a place in them.</param>
internal sealed record PictureSet(string Folder, string Layout, IReadOnlyList<string> ClassNames)
{
    /// <summary>What networks learn from.</summary>
    public IReadOnlyList<DataPicture> Train { get; init; } = [];

    /// <summary>What is chosen by: penalties, thresholds, the best checkpoint; never tested on.</summary>
    public IReadOnlyList<DataPicture> Validation { get; init; } = [];

    /// <summary>What figures are of.</summary>
    public IReadOnlyList<DataPicture> Test { get; init; } = [];

    /// <summary>Files that were left out since they cannot be read, with the reason, a line each.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];
}
