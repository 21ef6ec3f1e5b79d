namespace GpuCam.Runner.Data;

/// <summary>A network in a package of the NuGet client.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Licence">The licence of its files.</param>
/// <param name="Nuget">The package.</param>
/// <param name="Folders">Where the files lie in the package, folder by file.</param>
/// <param name="Files">The files; the first is the network itself.</param>
public sealed record ModelSource(
    string Name, string Title, string Licence, NugetPackage Nuget, IReadOnlyList<string> Folders, IReadOnlyList<DataFile> Files)
{
    /// <summary>The networks of data/sources.json.</summary>
    public static IReadOnlyList<ModelSource> Known => Catalogue.Known.Models;

    /// <summary>The network of that name.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static ModelSource Named(string name) =>
        Known.FirstOrDefault(model => model.Name == name)
        ?? throw new GpuCamException($"unknown model '{name}'; known are {string.Join(", ", Known.Select(model => model.Name))}");
}

/// <summary>A package to get with the NuGet client.</summary>
public sealed record NugetPackage(string Package, string Version);
