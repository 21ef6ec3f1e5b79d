using System.Text.Json;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Model.Onnx;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>Networks out of ONNX files and photographs, as a user has them.</summary>
public sealed class OnnxCommandTests : IDisposable
{
    private static readonly string s_golden = Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/peers");
    private static readonly string s_model = Path.Combine(s_golden, "resnet/opset13.onnx");
    private static readonly string s_photographs = Path.Combine(DocCommand.Root, "data/photographs");
    private static readonly string s_cat = Path.Combine(s_photographs, "chelsea.jpg");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_is_shown_with_what_can_be_mapped()
    {
        string text = Gpucam.Call("model", "show", "--model", s_model).Succeeded().Output;
        Assert.Contains("ONNX, opset 13 by pytorch", text, StringComparison.Ordinal);
        Assert.Contains("relu → global average pool → linear", text, StringComparison.Ordinal);
        Assert.Contains("(the default)", text, StringComparison.Ordinal);
        Assert.Contains("give --preprocess", text, StringComparison.Ordinal);
        JsonElement json = Gpucam.Call("model", "show", "--model", s_model, "--preprocess", "unit", "--json").Json();
        Assert.Equal("last", json.GetProperty("default_layer").GetString());
        Assert.Equal(5, json.GetProperty("classes").GetInt32());
        Assert.Equal("unit", json.GetProperty("preprocessing").GetString());
        Assert.Equal(16, json.GetProperty("methods").GetArrayLength());
    }

    [Theory]
    [InlineData("crop", 451, 300)]
    [InlineData("stretch", 451, 300)]
    [InlineData("pad", 451, 300)]
    public void Maps_and_boxes_lie_on_the_photograph(string fit, int width, int height)
    {
        JsonElement image = Draw(s_cat, "--fit", fit, "--top", "2").GetProperty("images")[0];
        Assert.Equal((width, height), (image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32()));
        JsonElement seen = image.GetProperty("seen");
        bool all = (seen.GetProperty("x0").GetInt32(), seen.GetProperty("y0").GetInt32()) == (0, 0)
            && (seen.GetProperty("x1").GetInt32(), seen.GetProperty("y1").GetInt32()) == (width - 1, height - 1);
        Assert.Equal(fit != "crop", all);
        Assert.Equal(2, image.GetProperty("maps").GetArrayLength());
        foreach (JsonElement map in image.GetProperty("maps").EnumerateArray())
        {
            Assert.True(File.Exists(Path.Combine(_folder["cams"], map.GetProperty("overlay").GetString()!)));
            if (map.TryGetProperty("box", out JsonElement box) && box.ValueKind == JsonValueKind.Object)
            {
                Assert.InRange(box.GetProperty("x0").GetInt32(), seen.GetProperty("x0").GetInt32(), seen.GetProperty("x1").GetInt32());
                Assert.InRange(box.GetProperty("y1").GetInt32(), seen.GetProperty("y0").GetInt32(), seen.GetProperty("y1").GetInt32());
            }
        }
    }

    [Fact]
    public void Every_method_maps_it_for_every_target()
    {
        foreach (string target in (string[])["logit", "probability", "margin"])
        {
            JsonElement manifest = Draw(
                s_cat, "--method", "all", "--layer", "middle,last", "--class", "2", "--target", target, "--top-channels", "3",
                "--samples", "2");
            Assert.InRange(manifest.GetProperty("images")[0].GetProperty("maps").GetArrayLength(), 20, 40);
        }
    }

    [Fact]
    public void Names_of_classes_and_of_folders_meet()
    {
        string names = _folder.Write("names.txt", "cat, pussy\nrocket\ncoffee\ndog\nbird\n");
        foreach (string name in (string[])["rocket", "coffee"])
        {
            _folder.Write($"data/{name}/1.jpg", File.ReadAllBytes(Path.Combine(s_photographs, $"{name}.jpg")));
        }

        _folder.Write("data/pussy/1.jpg", File.ReadAllBytes(s_cat));
        JsonElement drawn = Draw(_folder["data/rocket"], "--classes", names, "--class", "true").GetProperty("images")[0];
        Assert.Equal("rocket", drawn.GetProperty("truth").GetString());
        Assert.Equal("rocket", drawn.GetProperty("maps")[0].GetProperty("class").GetString());

        string[] eval =
            ["eval", "--model", s_model, "--size", "24", "--preprocess", "unit", "--classes", names, "--data", _folder["data"]];
        Assert.Equal(3, Gpucam.Call([.. eval, "--json"]).Json().GetProperty("images").GetInt32());
        Assert.Contains("accuracy", Gpucam.Call([.. eval, "--metrics", "faithfulness"]).Succeeded().Output, StringComparison.Ordinal);
        Directory.Move(_folder["data/rocket"], _folder["data/rockets"]);
        Gpucam.Call(eval).Refused(_folder["data/rockets"], "name or number of its class");
    }

    [Fact]
    public void Of_a_folder_of_photographs_the_bad_one_is_named()
    {
        foreach (string file in Directory.EnumerateFiles(s_photographs, "*.jpg"))
        {
            _folder.Write($"in/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }

        _folder.Write("in/bad.jpg", File.ReadAllBytes(s_cat)[..2000]);
        Outcome outcome = Gpucam.Call("cam", "--model", s_model, "--preprocess", "unit", _folder["in"], "--out", _folder["cams"]);
        Assert.Equal(CommandLine.Failed, outcome.ExitCode);
        string error = Assert.Single(outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("bad.jpg", error, StringComparison.Ordinal);
        Assert.Equal(3, outcome.Output.Split('\n').Count(line => line.Contains("in/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_no_exact_map_is_known_gradients_make_one_and_a_line_says_so()
    {
        Outcome outcome = Gpucam.Call(
            "cam", "--model", Path.Combine(s_golden, "alexnet/opset17.onnx"), "--preprocess", "unit", "--top", "1", s_cat,
            "--out", _folder["cams"]).Succeeded();
        Assert.Contains(
            "maps are made by gradcam: method cam needs a network that ends in global pooling", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing says how pictures become this network's input; give --preprocess")]
    [InlineData("--class lion is not known", "--preprocess", "unit", "--class", "lion")]
    [InlineData("layer 'logits' has no place in the image", "--preprocess", "unit", "--layer", "logits")]
    [InlineData("unknown layer 'nowhere'", "--preprocess", "unit", "--layer", "nowhere")]
    [InlineData("there is no preprocessing 'imagenets'", "--preprocess", "imagenets")]
    [InlineData("no node makes 'probabilities'", "--preprocess", "unit", "--logits", "probabilities")]
    [InlineData("a picture and no classes", "--preprocess", "unit", "--logits", "last")]
    [InlineData("--fit squeeze is not known", "--preprocess", "unit", "--fit", "squeeze")]
    [InlineData("--target loss is not known", "--preprocess", "unit", "--target", "loss")]
    [InlineData("--opacity 1.5 is out of range", "--preprocess", "unit", "--opacity", "1.5")]
    public void What_cannot_be_is_one_line(string fragment, params string[] options)
    {
        Gpucam.Call(["cam", "--model", s_model, s_cat, .. options, "--out", _folder["cams"]]).Refused(fragment);
        Assert.False(Directory.Exists(_folder["cams"]));
    }

    [Fact]
    public void A_file_that_is_no_network_is_said_to_be_what_it_is()
    {
        string text = _folder.Write("a.onnx", "hello");
        Gpucam.Call("model", "show", "--model", text).Refused(text);
        byte[] unknown = new TestModel().Input("x", "batch", 3, 8, 8)
            .Node("NoSuchThing", "x", "y").Node("NorThis", "y", "z").Output("z", 1).ToArray();
        string missing = _folder.Write("b.onnx", unknown);
        Gpucam.Call("cam", "--model", missing, "--preprocess", "unit", s_cat).Refused(missing, "NoSuchThing", "NorThis");
        Gpucam.Call("model", "show", "--model", _folder["none.onnx"]).Refused(_folder["none.onnx"]);
    }

    private JsonElement Draw(string picture, params string[] options) => Gpucam.Call(
        ["cam", "--model", s_model, "--preprocess", "unit", picture, "--json", .. options, "--out", _folder["cams"]]).Json();
}
