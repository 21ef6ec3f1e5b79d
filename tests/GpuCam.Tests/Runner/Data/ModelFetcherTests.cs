using System.Security.Cryptography;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public sealed class ModelFetcherTests : IDisposable
{
    private static readonly byte[] s_network = [8, 3, 1, 4, 1, 5, 9], s_mean = [2, 6, 5];
    private readonly TemporaryFolder _folder = new();

    private static ModelSource Tiny => new(
        "tiny", "Tiny", "MIT", new NugetPackage("GpuCam.Tests.No.Such.Package", "1.0.0"), ["tools/a", "tools/b"],
        [Of("net.onnx", s_network), Of("mean.onnx", s_mean)]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_come_from_the_folder_asked_for_and_then_from_the_cache()
    {
        _folder.Write("from/net.onnx", s_network);
        _folder.Write("from/mean.onnx", s_mean);
        FetchedModel model = Offline().Get(Tiny, _folder["from"]);
        Assert.Equal((_folder["from"], _folder["cache/tiny/net.onnx"]), (model.Origin, model.File));
        Assert.Equal(s_network, File.ReadAllBytes(model.File));
        Assert.Equal("the cache", Offline().Get(Tiny).Origin);

        File.WriteAllBytes(_folder["cache/tiny/mean.onnx"], [2, 6]);
        var lines = new List<string>();
        new ModelFetcher(_folder["cache"], lines.Add) { Network = false }.Get(Tiny, _folder["from"]);
        Assert.StartsWith("the cache is damaged (", Assert.Single(lines));
        Assert.Equal(s_mean, File.ReadAllBytes(_folder["cache/tiny/mean.onnx"]));
    }

    [Fact]
    public void Other_files_are_refused_and_nothing_is_left_behind()
    {
        Assert.StartsWith($"{_folder["from"]} holds no net.onnx; give --from a folder with net.onnx and mean.onnx of", Error());
        _folder.Write("from/net.onnx", [8, 3, 1, 4, 1, 5, 8]);
        Assert.Contains("net.onnx has SHA-256 ", Error());
        _folder.Write("from/net.onnx", [8, 3, 1, 4, 1, 5, 9, 2]);
        Assert.Contains("has more than the 7 bytes of net.onnx", Error());
        Assert.False(Directory.Exists(_folder["cache"]));

        string Error() => Assert.Throws<GpuCamException>(() => Offline().Get(Tiny, _folder["from"])).Message;
    }

    [Fact]
    public void Without_a_network_the_way_out_is_said()
    {
        string message = Assert.Throws<GpuCamException>(() => Offline().Get(Tiny)).Message;
        Assert.StartsWith("Tiny cannot be had: tried the network was not to be used. Install .NET's SDK", message);
        Assert.EndsWith(
            "put net.onnx and mean.onnx of the package GpuCam.Tests.No.Such.Package 1.0.0 in a folder DIR and give --from DIR", message);
    }

    [Theory]
    [InlineData(
        "  Determining projects to restore...\n/tmp/a/f.csproj : error NU1101: Unable to find X. There are none. [/tmp/a/f.csproj]\n",
        "Unable to find X. There are none")]
    [InlineData("fetch.csproj : error NU1301: Unable to load the service index.\n", "Unable to load the service index")]
    [InlineData("The command could not be loaded:\n  * You intended", "The command could not be loaded:")]
    [InlineData("", "")]
    public void The_reason_of_the_client_is_its_first_error(string output, string reason) =>
        Assert.Equal(reason, NugetClient.Reason(output));

    [Fact]
    public void The_known_models_are_complete()
    {
        Assert.Equal(["resnet18"], ModelSource.Known.Select(model => model.Name));
        foreach (ModelSource model in ModelSource.Known)
        {
            Assert.Equal(model.Files.Count, model.Folders.Count);
            Assert.All(model.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
        }

        Assert.Equal(
            "unknown model 'vgg'; known are resnet18", Assert.Throws<GpuCamException>(() => ModelSource.Named("vgg")).Message);
    }

    private static DataFile Of(string name, byte[] bytes) => new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));

    private ModelFetcher Offline() => new(_folder["cache"]) { Network = false };
}
