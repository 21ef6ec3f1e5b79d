using System.Text.Json;
using System.Xml.Linq;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>What a run leaves behind.</summary>
public sealed class RunFolderTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private static readonly int[] s_steps = [0, 4, 8, 12];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_evaluation_draws_the_map_of_every_watched_image()
    {
        foreach (string image in (string[])["img_1", "img_2"])
        {
            string folder = Path.Combine(trained.Run, image);
            Image8 input = ImageReader.ReadFile(Path.Combine(folder, "input.png"));
            Assert.Equal((32, 32), (input.Width, input.Height));
            foreach (int step in s_steps)
            {
                Image8 picture = ImageReader.ReadFile(Path.Combine(folder, $"cam_{step}.png"));
                Assert.True(picture.Width >= 32 && picture.Height >= 32);
                using FileStream raw = File.OpenRead(Path.Combine(folder, $"cam_{step}.npy"));
                (float[] values, int[] shape) = Npy.Read(raw, "map");
                Assert.Equal([32, 32], shape);
                Assert.All(values, value => Assert.True(float.IsFinite(value)));
            }
        }

        Assert.False(Directory.Exists(Path.Combine(trained.Run, "img_3")));
    }

    [Fact]
    public void Metrics_and_timing_have_a_line_per_evaluation()
    {
        foreach (string log in (string[])["metrics.jsonl", "timing.jsonl"])
        {
            string[] lines = File.ReadAllLines(Path.Combine(trained.Run, log));
            Assert.Equal(s_steps, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32()));
        }

        JsonElement last = JsonDocument.Parse(File.ReadAllLines(Path.Combine(trained.Run, "metrics.jsonl"))[^1]).RootElement;
        Assert.Equal(96, last.GetProperty("images").GetInt32());
        Assert.Equal(32, last.GetProperty("canvas").GetInt32());
        foreach (string name in (string[])["train_loss", "train_accuracy", "test_loss", "test_accuracy", "gt_known", "pointing_game"])
        {
            Assert.True(double.IsFinite(last.GetProperty(name).GetDouble()), name);
        }
    }

    [Theory]
    [InlineData("accuracy.svg")]
    [InlineData("loss.svg")]
    public void Curves_are_well_formed(string name)
    {
        var curve = XDocument.Load(Path.Combine(trained.Run, name));
        Assert.Equal("svg", curve.Root!.Name.LocalName);
        Assert.Contains(curve.Descendants(), element => element.Name.LocalName is "polyline" or "path");
    }

    [Fact]
    public void The_record_holds_every_option_and_where_the_run_ran()
    {
        JsonElement record = JsonDocument.Parse(File.ReadAllText(Path.Combine(trained.Run, "run.json"))).RootElement;
        foreach (string name in (string[])["version", "build", "device", "samples", "started", "command"])
        {
            Assert.False(string.IsNullOrEmpty(record.GetProperty(name).GetString()), name);
        }

        JsonElement settings = record.GetProperty("settings");
        Assert.Equal("synthetic", settings.GetProperty("digits").GetString());
        Assert.Equal(1, settings.GetProperty("seed").GetInt32());
        Assert.Equal("fp32", settings.GetProperty("precision").GetString());
        Assert.Equal([4, 8], settings.GetProperty("widths").EnumerateArray().Select(width => width.GetInt32()));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept_each_with_its_state()
    {
        IEnumerable<string> names = Directory.EnumerateFiles(Path.Combine(trained.Run, "checkpoints"))
            .Select(path => Path.GetFileName(path)!).Order();
        int[] kept = [12, 4, 8];
        Assert.Equal(kept.SelectMany(step => (string[])[$"step-{step}.safetensors", $"step-{step}.state.safetensors"]).Order(), names);
    }

    [Fact]
    public void The_manifest_of_drawn_maps_names_only_files_that_are_there()
    {
        string other = _folder["img_1.png"];
        File.Copy(trained.Image, other);        // two images of one name
        JsonElement manifest =
            Gpucam.Call("cam", "--model", trained.Run, trained.Image, other, "--top", "3", "--out", _folder["cams"], "--json").Json();
        JsonElement written = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["cams"], "manifest.json"))).RootElement;
        Assert.True(JsonElement.DeepEquals(manifest, written));
        Assert.Equal(2, manifest.GetProperty("images").GetArrayLength());

        var named = new HashSet<string> { "manifest.json", "cam.html" };
        foreach (JsonElement image in manifest.GetProperty("images").EnumerateArray())
        {
            Assert.True(named.Add(image.GetProperty("input").GetString()!));
            Assert.True(named.Add(image.GetProperty("montage").GetString()!));
            Assert.Equal(3, image.GetProperty("predictions").GetArrayLength());
            Assert.Equal(3, image.GetProperty("maps").GetArrayLength());
            foreach (JsonElement map in image.GetProperty("maps").EnumerateArray())
            {
                Assert.True(named.Add(map.GetProperty("overlay").GetString()!));
                string raw = map.GetProperty("raw").GetString()!;
                Assert.True(named.Add(raw));
                using FileStream stream = File.OpenRead(Path.Combine(_folder["cams"], raw));
                (float[] values, int[] shape) = Npy.Read(stream, raw);
                Assert.Equal([32, 32], shape);
                Assert.Equal(values.Max(), map.GetProperty("maximum").GetSingle());
                Assert.Equal(values.Min(), map.GetProperty("minimum").GetSingle());
            }
        }

        IEnumerable<string> there = Directory.EnumerateFiles(_folder["cams"], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder["cams"], path));
        Assert.Equal(named.Order(), there.Order());
    }

    [Fact]
    public void Classes_that_are_asked_for_are_drawn_instead_of_the_predicted_ones()
    {
        JsonElement manifest = Gpucam.Call(
            "cam", "--model", trained.Run, "--class", "3", "--class", "7", trained.Image, "--out", _folder["cams"], "--json").Json();
        JsonElement image = manifest.GetProperty("images")[0];
        Assert.Equal(["3", "7"], image.GetProperty("maps").EnumerateArray().Select(map => map.GetProperty("class").GetString()));
        Assert.Equal(5, image.GetProperty("predictions").GetArrayLength());
    }

    [Fact]
    public void Images_from_a_folder_set_the_size_of_the_run()
    {
        string run = _folder["run"];
        string[] command = ["train", "--data", trained.Samples, "--widths", "4,8", "--batch", "4", "--steps", "4", "--every", "2",
            "--heatmaps", "1", "--threads", "1", "--out", run];
        Gpucam.Call(command).Succeeded();
        JsonElement settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "run.json"))).RootElement.GetProperty("settings");
        Assert.Equal(32, settings.GetProperty("size").GetInt32());
        byte[] whole = File.ReadAllBytes(Path.Combine(run, "last.safetensors"));
        File.Delete(Path.Combine(run, "checkpoints", "step-4.safetensors"));
        Gpucam.Call("train", "--resume", "--out", run, "--data", trained.Samples, "--threads", "1").Succeeded();
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(run, "last.safetensors")));
    }
}
