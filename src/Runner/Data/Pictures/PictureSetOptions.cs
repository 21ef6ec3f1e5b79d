using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>What of a folder of pictures is taken, and how it is split; equal options give equal sets.</summary>
/// <param name="Folder">The folder.</param>
internal sealed record PictureSetOptions(string Folder)
{
    /// <summary>The classes that labels belong to, as a network has them; null for those that the folder tells of.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>A table of file and label, CSV or TSV, or a folder of wsolevaluation's metadata; null looks in the folder.</summary>
    public string? Labels { get; init; }

    /// <summary>A folder of XML files with boxes (VOC, ILSVRC), one for each picture; null looks beside the pictures.</summary>
    public string? Boxes { get; init; }

    /// <summary>Which way up pictures are read.</summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Exif;

    /// <summary>Seed of a split that the folder does not make itself.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Training pictures of each class, at most, for a split that is made here, a fifth of them (one at least) validation; null for 70 %
    /// (validation 15 %, test 15 %).
    /// </summary>
    public int? TrainPerClass { get; init; }

    /// <summary>Test pictures of each class, at most; null for all that are left.</summary>
    public int? TestPerClass { get; init; }

    /// <summary>Whether files that cannot be read are left out; otherwise they are an error that lists them.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Names of classes that are left out, with their pictures.</summary>
    public IReadOnlyList<string> SkipClasses { get; init; } = [];
}
