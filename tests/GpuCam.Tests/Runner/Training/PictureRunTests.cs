using System.Text.Json;
using GpuCam.Runner;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>Networks of any architecture that learn from folders of pictures of any size.</summary>
public sealed class PictureRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Pictures => _folder["pictures"];

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("resnet18")]        // statistics of batches
    [InlineData("squeezenet")]      // dropout
    public void A_run_is_chosen_by_validation_pictures_and_resumes_to_the_same_bits(string architecture)
    {
        new MadePictures(40, classes: 2).WriteClassFolders(Pictures, voc: true);
        string said = Train("--arch", architecture).Succeeded().Errors;
        Assert.Contains($"network  {architecture}, 3@48x48, 2 classes", said, StringComparison.Ordinal);
        MetricsEntry[] entries = [.. File.ReadLines(_folder["run/metrics.jsonl"]).Select(RunnerJson.Read<MetricsEntry>)];
        Assert.Equal([0, 2, 4], entries.Select(entry => entry.Step));
        Assert.All(entries, entry => Assert.Equal(("validation", 6), (entry.Split, entry.TestImages)));
        JsonElement test = JsonDocument.Parse(File.ReadAllText(_folder["run/evaluation.json"])).RootElement.GetProperty("test");
        Assert.Equal(6, test.GetProperty("images").GetInt32());

        // As if it had been killed after step 2.
        string again = _folder["again"];
        TinyRun.Copy(Run, again);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(again, "checkpoints"), "step-4.*"))
        {
            File.Delete(file);
        }

        Gpucam.Call("train", "--resume", "--out", again, "--backend", "simd", "--threads", "2").Succeeded();
        TinyRun.AssertSameResults(Run, again);
        Assert.Equal(File.ReadAllBytes(_folder["run/evaluation.json"]), File.ReadAllBytes(_folder["again/evaluation.json"]));

        JsonElement tested = Gpucam.Call(
            "eval", "--model", Run, "--data", Pictures, "--labels", _folder["run/split.tsv"], "--method", "cam", "--json").Json();
        Assert.Equal(6, tested.GetProperty("images").GetInt32());
    }

    [Fact]
    public void Another_run_begins_with_the_weights_of_one_and_leaves_the_first_layers_as_they_are()
    {
        new MadePictures(40, classes: 2).WriteClassFolders(Pictures);
        Train("--arch", "squeezenet").Succeeded();
        new MadePictures(60, classes: 3).WriteClassFolders(_folder["more"]);
        string said = Gpucam.Call(
            "train", "--data", _folder["more"], "--init", Run, "--freeze", "features.5", "--head-rate", "5", "--size", "48", "--batch", "6",
            "--steps", "2", "--heatmaps", "0", "--out", _folder["second"], "--backend", "simd", "--threads", "2").Succeeded().Errors;
        Assert.Contains("network  squeezenet, 3@48x48, 3 classes", said, StringComparison.Ordinal);
        Assert.Contains("of them trained", said, StringComparison.Ordinal);
        Assert.Contains("as initialised: classifier.1.weight, classifier.1.bias", said, StringComparison.Ordinal);
        (float[] First, float[] Last) before = Weights(Run, "best"), after = Weights(_folder["second"], "last");
        Assert.Equal(before.First, after.First);
        Assert.NotEqual(before.Last, after.Last);
    }

    [Fact]
    public void What_only_pictures_have_is_refused_without_them()
    {
        foreach ((string option, string value) in ((string, string)[])
            [("--arch", "resnet18"), ("--init", "resnet18"), ("--fit", "crop"), ("--preprocess", "imagenet"), ("--freeze", "layer1")])
        {
            Gpucam.Call("train", option, value, "--out", Run).Refused(option, "--data");
        }

        new MadePictures(40, classes: 2).WriteClassFolders(Pictures);
        Train("--arch", "resnet19").Refused("--arch resnet19", "resnet18");
        Train("--arch", "resnet18", "--augment", "0.5").Refused("--augment 0.5", "none, mirror, standard, strong");
        Train("--arch", "resnet18", "--head-rate", "0").Refused("--head-rate 0", "above 0");
        Train("--arch", "resnet18", "--freeze", "layer9").Refused("layer9");
        Train("--init", _folder["nothing.safetensors"]).Refused("nothing.safetensors");
        Assert.False(Directory.Exists(Run));
    }

    private static (float[] First, float[] Last) Weights(string run, string which)
    {
        string path = Path.Combine(run, $"{which}.safetensors");
        using FileStream stream = File.OpenRead(path);
        GpuCam.Model.SafetensorsFile file = GpuCam.Model.SafetensorsReader.Read(stream, path);
        return (file.Find("features.3.squeeze.weight")!.Values, file.Find("features.12.squeeze.weight")!.Values);
    }

    private Outcome Train(params string[] settings) => Gpucam.Call([.. TinyRun.Merge(
        ["train", "--data", Pictures, "--size", "48", "--batch", "6", "--steps", "4", "--every", "2", "--heatmaps", "1", "--keep", "9",
        "--out", Run, "--backend", "simd", "--threads", "2"], settings)]);
}
