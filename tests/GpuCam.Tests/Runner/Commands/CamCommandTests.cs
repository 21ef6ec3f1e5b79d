using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>Maps of several methods at several layers, and what the manifest says of them.</summary>
public sealed class CamCommandTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_method_is_drawn_with_its_raw_map_and_an_entry_in_the_manifest()
    {
        string all = string.Join(',', CamMethods.All.Select(method => method.Name));
        JsonElement image = Draw("--method", all, "--top", "2");
        JsonElement[] maps = [.. image.GetProperty("maps").EnumerateArray()];
        Assert.Equal(2 * CamMethods.All.Count, maps.Length);
        Assert.Equal(CamMethods.All.Select(method => method.Name), maps.Take(CamMethods.All.Count)
            .Select(map => map.GetProperty("method").GetString()));
        foreach (JsonElement map in maps)
        {
            bool whole = map.GetProperty("method").GetString() is "fullgrad" or "center";
            Assert.Equal(whole ? "all" : "pool2", map.GetProperty("layer").GetString());
            Assert.True(File.Exists(Path.Combine(_folder["cams"], map.GetProperty("overlay").GetString()!)));
            Assert.Equal(32 * 32 * 4, (int)(new FileInfo(Path.Combine(_folder["cams"], map.GetProperty("raw").GetString()!)).Length - 128));
            Assert.Equal(CamMethods.Create(map.GetProperty("method").GetString()!).Rectifies, map.GetProperty("rectified").GetBoolean());
            Assert.Equal(map.GetProperty("state").GetString() == "normal", !map.TryGetProperty("explanation", out _));
        }
    }

    [Fact]
    public void Layers_are_mapped_one_by_one_or_together()
    {
        JsonElement image = Draw("--method", "gradcam,layercam", "--layer", "conv1,conv2+pool2", "--class", "3", "--smooth", "eigen");
        Assert.Equal(
            ["gradcam_conv1_3.png", "gradcam_conv2+pool2_3.png", "layercam_conv1_3.png", "layercam_conv2+pool2_3.png"],
            image.GetProperty("maps").EnumerateArray().Select(map => Path.GetFileName(map.GetProperty("overlay").GetString()!)));
    }

    [Fact]
    public void A_method_that_cannot_map_a_layer_is_left_out_unless_nothing_is_left()
    {
        string[] command = ["cam", "--model", trained.Model, trained.Image, "--top", "1", "--out", _folder["cams"]];
        Outcome outcome = Gpucam.Call([.. command, "--method", "cam,gradcam,fullgrad", "--layer", "conv2+pool2", "--json"]).Succeeded();
        Assert.Contains("cam at conv2+pool2 is left out: layer 'conv2': method cam needs the layer that is pooled, pool2", outcome.Errors,
            StringComparison.Ordinal);
        Assert.Equal(
            ["gradcam conv2+pool2", "fullgrad all"],
            outcome.Json().GetProperty("images")[0].GetProperty("maps").EnumerateArray()
            .Select(map => $"{map.GetProperty("method")} {map.GetProperty("layer")}"));
        Gpucam.Call([.. command, "--method", "fullgrad", "--layer", "conv2+pool2"])
            .Refused("--layer conv2+pool2", "method fullgrad looks at no single layer, so there is nothing to fuse");
        Gpucam.Call([.. command, "--method", "fullgrad", "--smooth", "eigen"]).Refused("method fullgrad weights no channels");
    }

    [Theory]
    [InlineData("finercam", "gradcam", "--gamma", "0")]
    [InlineData("sscam", "scorecam", "--noise", "0")]
    [InlineData("iscam", "scorecam", "--samples", "1")]
    public void Settings_of_a_method_reach_it(string method, string without, string option, string value)
    {
        string[] usual = [method, without], set = [method, without, option, value];
        float[][] different = Raw(usual), equal = Raw(set);
        Assert.NotEqual(different[0], different[1]);
        Assert.Equal(equal[1], equal[0]);

        float[][] Raw(string[] options) =>
            [.. Draw(["--method", $"{options[0]},{options[1]}", "--layer", "conv2", "--class", "3", .. options[2..]]).GetProperty("maps")
                .EnumerateArray()
                .Select(map => Npy.ReadFile(Path.Combine(_folder["cams"], map.GetProperty("raw").GetString()!))
                    .Values.Select(v => MathF.Round(v, 4)).ToArray())];
    }

    [Fact]
    public void The_true_class_comes_from_the_labels_beside_the_image()
    {
        string label = File.ReadLines(Path.Combine(trained.Samples, "labels.txt")).First().Split('\t')[1];
        JsonElement map = Assert.Single(Draw("--class", "true", "--method", "counterfactual").GetProperty("maps").EnumerateArray());
        Assert.Equal(label, map.GetProperty("class").GetString());
        Directory.CreateDirectory(_folder["alone"]);
        string copy = Path.Combine(_folder["alone"], "img_1.png");
        File.Copy(trained.Image, copy);
        Gpucam.Call("cam", "--model", trained.Model, copy, "--class", "true", "--out", _folder["none"]).Refused(copy, "labels.txt");
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public void Maps_that_show_nothing_are_named_in_the_list()
    {
        string[] options = ["--method", "gradcam,counterfactual", "--top", "10"];
        JsonElement[] empty =
            [.. Draw(options).GetProperty("maps").EnumerateArray().Where(map => map.TryGetProperty("explanation", out _))];
        Assert.NotEmpty(empty);
        Outcome outcome = Gpucam.Call(["cam", "--model", trained.Model, trained.Image, .. options, "--out", _folder["cams"]]).Succeeded();
        foreach (JsonElement map in empty)
        {
            Assert.Contains(
                $"  {map.GetProperty("method")} at pool2, class {map.GetProperty("class")}: no ", outcome.Output, StringComparison.Ordinal);
        }

        Assert.Equal(empty.Length, outcome.Output.Split('\n').Count(line => line.Contains(" at pool2, class ", StringComparison.Ordinal)));
    }

    private JsonElement Draw(params string[] options) =>
        Gpucam.Call(["cam", "--model", trained.Model, trained.Image, .. options, "--out", _folder["cams"], "--json"]).Json()
            .GetProperty("images")[0];
}
