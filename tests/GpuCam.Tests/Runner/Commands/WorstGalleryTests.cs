using System.Text.Json.Nodes;
using GpuCam.Runner;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>The images that a run is worst at: what its last evaluation leaves of them.</summary>
public sealed class WorstGalleryTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_last_evaluation_lists_the_images_that_it_is_worst_at_with_their_pictures()
    {
        WorstRecord record = Read(trained.Run);
        Assert.Equal(12, record.Step);
        foreach (IReadOnlyList<int> list in (IReadOnlyList<int>[])[record.HighestLoss, record.SurestErrors, record.LowestIou])
        {
            Assert.Equal(12, list.Count);
            Assert.Equal(12, list.Distinct().Count());
        }

        Assert.All(record.SurestErrors, i => Assert.NotEqual(record.Images[i].Class, record.Images[i].Predicted));
        Falls(record.HighestLoss.Select(i => record.Images[i].Loss));
        Falls(record.SurestErrors.Select(i => record.Images[i].Maps[1].Probability));
        Falls(record.LowestIou.Select(i => -record.Images[i].Maps[0].Iou!.Value));
        string[] named = [.. record.Images.SelectMany(image => image.Maps.Select(map => map.Overlay).Prepend(image.Input))];
        string[] there = [.. Directory.EnumerateFiles(Path.Combine(trained.Run, "worst"), "*.png").Select(file => Path.GetFileName(file))];
        Assert.Equal(there.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        foreach (WorstImage image in record.Images)
        {
            Assert.Equal($"{image.Index}_input.png", image.Input);
            Assert.Equal($"{image.Index}_true_{image.Class}.png", image.Maps[0].Overlay);
            Assert.Equal(image.Class == image.Predicted ? 1 : 2, image.Maps.Count);
            Assert.InRange(Math.Exp(-image.Loss) - image.Maps[0].Probability, -1e-6, 1e-6);
        }

        static void Falls(IEnumerable<double> values) => Assert.Equal(values.OrderDescending(), values);
    }

    [Fact]
    public void They_are_the_same_whatever_the_number_of_threads_and_a_longer_run_replaces_them()
    {
        string run = _folder["run"];
        Gpucam.Call(TinyRun.Train(run, "--heatmaps", "2", "--threads", "2")).Succeeded();
        WorstRecord one = Read(trained.Run), two = Read(run);
        Assert.Equal(one.HighestLoss, two.HighestLoss);
        Assert.Equal(one.Images.Select(image => image.Index), two.Images.Select(image => image.Index));
    }

    [Fact]
    public void A_page_shows_them_and_runs_without_them_still_have_one()
    {
        string run = _folder["run"];
        TinyRun.Copy(trained.Run, run);
        JsonNode shown = JsonNode.Parse(RunnerJson.Line(WorstGallery.Read(new RunFolder(run), default)))!;
        Assert.Equal(Read(run).Images.Count, shown["maps"]!["images"]!.AsArray().Count);
        Directory.Delete(Path.Combine(run, "worst"), recursive: true);
        Gpucam.Call("report", run).Succeeded();
    }

    [Fact]
    public void What_is_damaged_is_named()
    {
        string run = _folder["run"], list = Path.Combine(run, "worst", "worst.json");
        TinyRun.Copy(trained.Run, run);
        string whole = File.ReadAllText(list);
        foreach (string text in (string[])["{", "{}", "[]", whole.Replace("gpucam-worst/1", "gpucam-worst/9", StringComparison.Ordinal),
            whole.Replace("\"highest_loss\":[", "\"highest_loss\":[999,", StringComparison.Ordinal)])
        {
            File.WriteAllText(list, text);
            Gpucam.Call("report", run).Refused(list);
        }

        File.WriteAllText(list, whole.Replace("\"input\":\"", "\"input\":\"../../", StringComparison.Ordinal));
        Gpucam.Call("report", run).Succeeded();
        File.Delete(Path.Combine(run, "worst", Read(run).Images[0].Input["../../".Length..]));
        Gpucam.Call("report", run).Refused("_input.png");
    }

    private static WorstRecord Read(string run) =>
        RunnerJson.Read<WorstRecord>(File.ReadAllText(Path.Combine(run, "worst", "worst.json")));
}
