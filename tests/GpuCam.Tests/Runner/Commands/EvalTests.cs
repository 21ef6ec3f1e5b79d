using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>
/// The table of methods and layers: its rows, its baselines, where its thresholds come from, and that its figures do not move.
/// </summary>
public sealed class EvalTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_method_at_every_layer_is_a_row_and_the_baselines_follow()
    {
        JsonElement answer = Eval("--method", "cam,gradcam", "--layer", "conv2,pool2,conv2+pool2", "--count", "12", "--json").Json();
        string[] rows = [.. answer.GetProperty("maps").EnumerateArray().Select(Name)];
        Assert.Equal(["cam pool2 trained", "gradcam conv2 trained", "gradcam pool2 trained", "gradcam conv2+pool2 trained",
            "center - trained"], rows[..5]);
        Assert.Equal("cam pool2 random", rows[^1]);
        foreach (JsonElement row in answer.GetProperty("maps").EnumerateArray())
        {
            Assert.Equal(12, row.GetProperty("validation_images").GetInt32());
            Assert.Equal(12, row.GetProperty("localisation").GetProperty("count").GetInt32());
            Assert.InRange(row.GetProperty("localisation").GetProperty("pixel_average_precision").GetDouble(), 0.001, 1);
        }
    }

    [Fact]
    public void Faithfulness_is_measured_on_the_images_asked_for()
    {
        JsonElement row = Eval("--metrics", "all", "--count", "6", "--faithfulness-count", "3", "--json").Json().GetProperty("maps")[0];
        Assert.Equal(6, row.GetProperty("localisation").GetProperty("count").GetInt32());
        JsonElement found = row.GetProperty("faithfulness");
        Assert.Equal(3, found.GetProperty("count").GetInt32());
        foreach (string share in (string[])["average_drop", "increase_in_confidence", "deletion", "insertion", "road_most_relevant_first"])
        {
            Assert.InRange(found.GetProperty(share).GetDouble(), 0, 1);
        }

        Assert.Equal(
            (found.GetProperty("road_least_relevant_first").GetDouble() - found.GetProperty("road_most_relevant_first").GetDouble()) / 2,
            found.GetProperty("road").GetDouble(), 12);
    }

    [Fact]
    public void Faithfulness_alone_leaves_the_boxes_out()
    {
        Outcome outcome = Eval("--metrics", "faithfulness", "--count", "2").Succeeded();
        Assert.Contains("insertion", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PxAP", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("constant", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("thresholds chosen", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_that_say_nothing_are_named_with_faithfulness_alone_too()
    {
        var found = new FaithfulnessResult
        {
            Count = 9, Constant = 2, NonFinite = 1, AverageDrop = 0, IncreaseInConfidence = 0, Deletion = 0, Insertion = 0,
            RoadMostRelevantFirst = 0, RoadLeastRelevantFirst = 0,
        };
        var result = new EvaluationResult
        {
            Images = 9, Accuracy = 1, Loss = 0, ClassAccuracy = [1, null], Confusion = [[9, 0], [0, 0]], ImagesPerSecond = 1,
            Maps = [new MapResult { Method = "layercam", Layer = "conv2", Weights = "trained", Faithfulness = found }],
        };
        using var text = new StringWriter();
        EvaluationText.Write(text, result, new EvaluationPlan { Boxes = false, Faithfulness = true }, ["a", "b"]);
        Assert.Contains("maps of layercam at conv2: 2 constant (count as zeros), 1 not finite (count as zeros)", text.ToString(),
            StringComparison.Ordinal);
        Assert.Matches("(?m)^b +none ", text.ToString());
    }

    [Fact]
    public void The_number_of_threads_changes_no_figure()
    {
        string[] command = ["--method", "cam,gradcam", "--layer", "conv2,pool2", "--metrics", "all", "--count", "7", "--faithfulness-count",
            "2", "--json"];
        Assert.Equal(Figures(Eval([.. command, "--threads", "1"])), Figures(Eval([.. command, "--threads", "3"])));
    }

    [Fact]
    public void Thresholds_come_from_images_that_are_not_tested_on()
    {
        Outcome test = Eval("--count", "12").Succeeded();
        Assert.Contains("thresholds chosen on samples 0 to 11", test.Errors, StringComparison.Ordinal);
        Assert.Contains("chosen", test.Output, StringComparison.Ordinal);

        // The threshold of the test is the best one of the validation split, measured as such.
        JsonElement chosen = Eval("--count", "12", "--json").Json().GetProperty("maps")[0].GetProperty("localisation")
            .GetProperty("chosen");
        JsonElement best = Eval("--count", "12", "--split", "validation", "--json").Json()
            .GetProperty("maps")[0].GetProperty("localisation").GetProperty("best50");
        Assert.Equal(best.GetProperty("threshold").GetDouble(), chosen.GetProperty("threshold").GetDouble());

        JsonElement none = Eval("--count", "12", "--threshold-from", "none", "--json").Json().GetProperty("maps")[0];
        Assert.False(none.TryGetProperty("validation_images", out _));
        Assert.False(none.GetProperty("localisation").TryGetProperty("chosen", out _));
        Eval("--split", "validation", "--threshold-from", "validation").Refused("--threshold-from validation", "--split validation");
    }

    [Fact]
    public void A_folder_of_samples_is_measured_without_masks()
    {
        JsonElement row = Gpucam.Call("eval", "--model", trained.Model, "--data", trained.Samples, "--json").Json().GetProperty("maps")[0];
        Assert.Equal(3, row.GetProperty("localisation").GetProperty("count").GetInt32());
        Assert.False(row.GetProperty("localisation").TryGetProperty("pixel_average_precision", out _));
    }

    [Fact]
    public void A_method_that_does_not_fit_a_layer_is_left_out_and_named() =>
        Assert.Contains(
            "cam at conv2 is left out", Eval("--layer", "conv2,pool2", "--count", "2").Succeeded().Errors, StringComparison.Ordinal);

    [Fact]
    public void Settings_of_methods_reach_them()
    {
        string[] command = ["--method", "finercam,gradcam,fullgrad", "--layer", "conv2", "--count", "6", "--json"];
        string[] usual = Rows(command), without = Rows([.. command, "--gamma", "0"]);
        Assert.NotEqual(usual[0], usual[1]);
        Assert.Equal(without[1], without[0]);
        Outcome eigen = Eval([.. command, "--smooth", "eigen"]);
        Assert.NotEqual(usual[1], eigen.Json().GetProperty("maps")[1].GetProperty("localisation").GetRawText());
        Assert.Equal("eigen", eigen.Json().GetProperty("settings").GetProperty("smooth").GetString());
        Assert.Contains("--smooth eigen", Eval("--method", "gradcam", "--smooth", "eigen", "--count", "2").Succeeded().Output,
            StringComparison.Ordinal);
        Assert.Contains("fullgrad at conv2 is left out: method fullgrad weights no channels", eigen.Errors, StringComparison.Ordinal);

        string[] Rows(string[] options) =>
            [.. Eval(options).Json().GetProperty("maps").EnumerateArray().Select(row => row.GetProperty("localisation").GetRawText())];
    }

    [Fact]
    public void Training_tracks_localisation_when_asked_to()
    {
        string run = _folder["run"];
        Gpucam.Call([.. TinyRun.Train(run, "--steps", "4"), "--track-localisation"]).Succeeded();
        MetricsEntry[] entries = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(RunnerJson.Read<MetricsEntry>)];
        Assert.Equal(2, entries.Length);
        foreach (MetricsEntry entry in entries)
        {
            Assert.True(entry.MaxBoxAcc >= entry.Top1Localisation);
            Assert.InRange(entry.PxAp!.Value, 0.001, 1);
            Assert.InRange(entry.MaxBoxAccV2!.Value, 0, 1);
            Assert.InRange(entry.MaxBoxAccThreshold!.Value, 0, 1);
            Assert.InRange(entry.EnergyPointingGame!.Value, 0, 1);
        }

        Assert.Contains("What and where", File.ReadAllText(Path.Combine(run, "localisation.svg")), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(trained.Run, "localisation.svg")));
        Assert.DoesNotContain("max_box_acc", File.ReadAllText(Path.Combine(trained.Run, "metrics.jsonl")), StringComparison.Ordinal);
    }

    private static string Name(JsonElement row) =>
        $"{row.GetProperty("method").GetString()} {row.GetProperty("layer").GetString()} {row.GetProperty("weights").GetString()}";

    private static string Figures(Outcome outcome) => outcome.Json().GetProperty("maps").GetRawText();

    private Outcome Eval(params string[] options) =>
        Gpucam.Call(["eval", "--model", trained.Run, "--digits", "synthetic", "--distractors", "2", .. options]);
}
