using System.Text.Json;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

public sealed class ExportCommandTests : IDisposable
{
    private static readonly string s_golden = Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/peers");
    private static readonly string s_model = Path.Combine(s_golden, "resnet/opset13.onnx");
    private static readonly string s_cat = Path.Combine(DocCommand.Root, "data/photographs/chelsea.jpg");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_written_network_answers_as_the_one_that_it_was_written_from()
    {
        string written = _folder["written.onnx"];
        JsonElement json = Gpucam.Call(
            "export", "--model", s_model, "--preprocess", "unit", "--onnx", written, "--with-cam", "--top", "2", "--json").Json();
        Assert.Equal(new FileInfo(written).Length, json.GetProperty("bytes").GetInt64());
        Assert.Equal(13, json.GetProperty("opset").GetInt32());
        JsonElement[] outputs = [.. json.GetProperty("outputs").EnumerateArray()];
        Assert.Equal(["cam", "classes"], outputs[^2..].Select(output => output.GetProperty("name").GetString()));
        Assert.Equal("[\"N\",2]", outputs[^1].GetProperty("extents").GetRawText());
        Assert.InRange(json.GetProperty("differences").GetProperty("cam").GetDouble(), 0, 1e-5);

        // The file says how pictures are prepared, and maps of its own do not get in the way.
        (JsonElement Prediction, JsonElement Map) before = Draw(s_model, "--preprocess", "unit"), after = Draw(written);
        Assert.Equal(before.Prediction.GetProperty("class").GetString(), after.Prediction.GetProperty("class").GetString());
        Assert.Equal(before.Prediction.GetProperty("logit").GetDouble(), after.Prediction.GetProperty("logit").GetDouble(), 1e-4);
        Assert.Equal("cam", after.Map.GetProperty("method").GetString());
        Assert.Equal(before.Map.GetProperty("maximum").GetDouble(), after.Map.GetProperty("maximum").GetDouble(), 1e-4);
        Assert.Equal([written], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_map_by_gradients_is_one_more_output_that_does_not_get_in_the_way()
    {
        string written = _folder["written.onnx"];
        JsonElement json = Gpucam.Call("export", "--model", s_model, "--preprocess", "unit", "--onnx", written,
            "--with-gradcam", "middle", "--method", "gradcam++", "--class-input", "--resize-maps", "--json").Json();
        JsonElement[] outputs = [.. json.GetProperty("outputs").EnumerateArray()];
        Assert.Equal("gradcam++", outputs[^1].GetProperty("name").GetString());
        Assert.Equal("classes", json.GetProperty("inputs")[1].GetProperty("name").GetString());
        Assert.Equal(1, outputs[^1].GetProperty("extents")[1].GetInt32());
        (JsonElement Prediction, JsonElement Map) before = Draw(s_model, "--preprocess", "unit"), after = Draw(written);
        Assert.Equal(before.Prediction.GetProperty("logit").GetDouble(), after.Prediction.GetProperty("logit").GetDouble(), 1e-4);
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_by_a_whole_one_or_not_at_all()
    {
        string written = _folder.Write("written.onnx", "something else");
        string text = Gpucam.Call("export", "--model", s_model, "--onnx", written, "--opset", "18").Succeeded().Output;
        Assert.Contains("opset 18", text, StringComparison.Ordinal);
        Assert.Contains("read again: within", text, StringComparison.Ordinal);
        byte[] first = File.ReadAllBytes(written);
        Gpucam.Call("export", "--model", Path.Combine(s_golden, "alexnet/opset17.onnx"), "--onnx", written, "--with-cam")
            .Refused("needs a network that ends in global pooling", "give --with-gradcam");
        Assert.Equal(first, File.ReadAllBytes(written));
        Assert.Equal([written], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("--top is about maps; give --with-cam too", "--top", "3")]
    [InlineData("--class-input is about maps; give --with-cam or --with-gradcam too", "--class-input")]
    [InlineData("--resize-maps is about maps; give --with-cam or --with-gradcam too", "--resize-maps")]
    [InlineData("--method is about maps; give --with-gradcam too", "--with-cam", "--method", "hirescam")]
    [InlineData("unknown layer 'nowhere': maps can be made of", "--with-gradcam", "nowhere")]
    [InlineData("unknown method 'gardcam'", "--with-gradcam", "middle", "--method", "gardcam")]
    [InlineData("method scorecam is none that a file can hold", "--with-gradcam", "middle", "--method", "scorecam")]
    [InlineData("both say which classes have maps", "--with-cam", "--top", "3", "--class-input")]
    [InlineData("opset 12 is not written; give 13 to 21", "--opset", "12")]
    [InlineData("maps of the 6 best classes: the network has 5", "--with-cam", "--top", "6")]
    [InlineData("maps of the 0 best classes", "--with-cam", "--top", "0")]
    public void What_does_not_go_together_is_one_line(string fragment, params string[] options)
    {
        Gpucam.Call(["export", "--model", s_model, "--onnx", _folder["written.onnx"], .. options]).Refused(fragment);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_file_in_no_folder_or_with_another_ending_is_refused_before_the_network_is_read()
    {
        Gpucam.Call("export", "--model", "nothing.onnx", "--onnx", _folder["none/written.onnx"]).Refused("there is no folder", "make it");
        Gpucam.Call("export", "--model", "nothing.onnx", "--onnx", _folder["written.pb"]).Refused("give a name that ends in .onnx");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private (JsonElement Prediction, JsonElement Map) Draw(string model, params string[] options)
    {
        JsonElement manifest = Gpucam.Call(
            ["cam", "--model", model, s_cat, .. options, "--top", "1", "--out", _folder["cams"], "--json"]).Json();
        Directory.Delete(_folder["cams"], recursive: true);
        JsonElement image = manifest.GetProperty("images")[0];
        return (image.GetProperty("predictions")[0], image.GetProperty("maps")[0]);
    }
}
