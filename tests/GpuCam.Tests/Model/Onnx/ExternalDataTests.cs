using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Weights beside the model: read from its folder, and from nowhere else.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("onnx").FullName;

    public ExternalDataTests()
    {
        Directory.CreateDirectory(Path.Combine(_root, "model", "sub"));
        byte[] bytes = [0, 0, 0, 0, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];
        File.WriteAllBytes(Path.Combine(_root, "model", "w.data"), bytes);
        File.WriteAllBytes(Path.Combine(_root, "model", "sub", "w.data"), bytes);
        File.WriteAllBytes(Path.Combine(_root, "secret"), bytes);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Weights_are_read_from_the_file_beside_the_model()
    {
        Assert.Equal([1.5f, -2], Read(("location", "w.data"), ("offset", "4"), ("length", "8"), ("checksum", "12ab")));
        Assert.Equal([1.5f, -2], Read(("location", "sub/w.data"), ("offset", "4")));
        Assert.Equal([0, 1.5f], Read(("location", "./w.data")));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("sub/../../secret")]
    [InlineData("..\\secret")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\secret")]
    [InlineData("C:secret")]
    [InlineData("sub//w.data")]
    [InlineData("w.data\0.txt")]
    [InlineData("")]
    public void Nothing_outside_the_folder_is_read(string location) =>
        Assert.EndsWith("only files in the model's own folder are read", Refused(("location", location)), StringComparison.Ordinal);

    [Fact]
    public void A_link_is_not_followed()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "model", "link"), Path.Combine(_root, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "model", "folder"), _root);
        Assert.EndsWith("is a link; put the file itself there", Refused(("location", "link")), StringComparison.Ordinal);
        Assert.EndsWith("is a link; put the file itself there", Refused(("location", "folder/secret")), StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_that_lie_are_refused()
    {
        (string, string) here = ("location", "w.data");
        Assert.EndsWith("tensor 't': external data without a location", Refused(("offset", "4")), StringComparison.Ordinal);
        Assert.EndsWith("external data of 12 bytes for a tensor of 8", Refused(here, ("length", "12")), StringComparison.Ordinal);
        Assert.EndsWith("w.data, which has 12 bytes", Refused(here, ("offset", "5")), StringComparison.Ordinal);
        Assert.Contains("external data from 9223372036854775807 to 9223372036854775815", Refused(here, ("offset", $"{long.MaxValue}")),
            StringComparison.Ordinal);
        Assert.EndsWith("external data with '-4' as offset", Refused(here, ("offset", "-4")), StringComparison.Ordinal);
        Assert.EndsWith("external data with the unknown key 'file'", Refused(here, ("file", "w.data")), StringComparison.Ordinal);
        Assert.Contains("there is no ", Refused(("location", "lost")), StringComparison.Ordinal);
        Assert.Contains("cannot be opened", Refused(("location", "sub")), StringComparison.Ordinal);
        Assert.Contains("its data are in another file, 'w.data', and this model has no folder",
            TestModel.Refused(Model(here)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_not_there_or_empty_is_refused()
    {
        string path = Path.Combine(_root, "none.onnx");
        Assert.StartsWith($"{path}: cannot be opened", Assert.Throws<GpuCamException>(() => OnnxFile.Open(path)).Message,
            StringComparison.Ordinal);
        File.WriteAllBytes(path, []);
        Assert.StartsWith($"{path}: an empty file", Assert.Throws<GpuCamException>(() => OnnxFile.Open(path)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith($"{_root}: cannot be opened", Assert.Throws<GpuCamException>(() => OnnxFile.Open(_root)).Message,
            StringComparison.Ordinal);
    }

    private static byte[] Model(params (string Key, string Value)[] entries)
    {
        Proto tensor = TestModel.Bare("t", OnnxType.Float, 2);
        foreach ((string key, string value) in entries)
        {
            tensor.Message(13, new Proto().Text(1, key).Text(2, value));
        }

        return OnnxTensorTests.With(tensor.Int(14, 1)).ToArray();
    }

    private OnnxFile Open(params (string Key, string Value)[] entries)
    {
        string path = Path.Combine(_root, "model", "m.onnx");
        File.WriteAllBytes(path, Model(entries));
        return OnnxFile.Open(path);
    }

    private float[] Read(params (string Key, string Value)[] entries)
    {
        using OnnxFile file = Open(entries);
        float[] numbers = new float[2];
        file.Model.Graph.Initializers["t"].CopyTo(numbers);
        return numbers;
    }

    private string Refused(params (string Key, string Value)[] entries) =>
        Assert.Throws<GpuCamException>(() => Open(entries).Dispose()).Message;
}
