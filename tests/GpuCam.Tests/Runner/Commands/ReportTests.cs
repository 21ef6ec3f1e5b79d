using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What a run and <c>cam</c> leave for people to look at; browsers look at it in a project of their own.</summary>
public sealed partial class ReportTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_ends_with_a_report_that_holds_all_of_the_run()
    {
        Assert.Contains(Path.Combine(trained.Run, "report.html"), trained.Errors, StringComparison.Ordinal);
        JsonNode data = Data(Path.Combine(trained.Run, "report.html"));
        Assert.Equal("gpucam-report/2", (string?)data["format"]);
        Assert.Equal(4, data["metrics"]!.AsArray().Count);
        Assert.Equal([0, 4, 8, 12], data["gallery"]!["axis"]!.AsArray().Select(place => (int)place!["step"]!));
        JsonArray items = data["gallery"]!["items"]!.AsArray();
        Assert.Equal(2, items.Count);
        foreach (JsonNode? frame in items.SelectMany(item => item!["frames"]!.AsArray()))
        {
            Assert.Equal(8, (int)frame!["map"]!["width"]!);
            Assert.InRange((double)frame["probability"]!, 0.1, 1);
            Assert.InRange((double)frame["iou"]!, 0, 1);
        }

        Assert.Equal(32, data["run"]!["settings"]!["size"]!.GetValue<int>());
        Assert.Equal(20, data["evaluation"]!["test"]!["confusion"]!.AsArray().Sum(row => row!.AsArray().Sum(count => (int)count!)));
        Assert.Equal("svg", XDocument.Load(Path.Combine(trained.Run, "confusion.svg")).Root!.Name.LocalName);
    }

    [Fact]
    public void The_log_of_the_maps_says_what_their_captions_say()
    {
        string[] lines = File.ReadAllLines(Path.Combine(trained.Run, "heatmaps.jsonl"));
        Assert.Equal(4, lines.Length);
        foreach (JsonElement image in JsonDocument.Parse(lines[^1]).RootElement.GetProperty("images").EnumerateArray())
        {
            bool right = image.GetProperty("class").GetString() == image.GetProperty("predicted").GetString();
            double probability = image.GetProperty("probability").GetDouble(), ofTruth = Math.Exp(-image.GetProperty("loss").GetDouble());
            Assert.True(right ? Math.Abs(probability - ofTruth) < 1e-6 : ofTruth <= probability);
            Assert.True(image.GetProperty("box").GetProperty("x1").GetInt32() < 32);
        }
    }

    [Fact]
    public void The_command_writes_the_page_anew_and_prints_where_it_is()
    {
        string output = _folder["again.html"];
        Outcome outcome = Gpucam.Call("report", trained.Run, "--out", output).Succeeded();
        Assert.Equal(output + "\n", outcome.Output);
        Assert.Equal("run", (string?)Data(output)["kind"]);
    }

    [Fact]
    public void Maps_of_cam_have_a_page_too_and_join_that_of_a_run()
    {
        string cams = _folder["cams"];
        Gpucam.Call("cam", "--model", trained.Run, trained.Image, "--out", cams, "--top", "2").Succeeded();
        JsonNode page = Data(Path.Combine(cams, "cam.html"));
        Assert.Equal("cams", (string?)page["kind"]);
        Assert.Equal(2, page["gallery"]!["items"]!.AsArray().Count);
        Assert.Equal(Path.Combine(cams, "cam.html") + "\n", Gpucam.Call("report", cams).Succeeded().Output);

        string output = _folder["both.html"];
        Gpucam.Call("report", trained.Run, "--cams", cams, "--out", output).Succeeded();
        Assert.Equal(2, Data(output)["comparison"]!["items"]!.AsArray().Count);
        Gpucam.Call("report", trained.Run, "--cams", _folder["none"]).Refused("none", "manifest.json");
    }

    [Fact]
    public void A_report_that_cannot_be_written_does_not_fail_the_run()
    {
        string run = _folder["run"];
        Directory.CreateDirectory(Path.Combine(run, "report.html"));
        Outcome outcome = Gpucam.Call(TinyRun.Train(run)).Succeeded();
        Assert.Contains("the report was not written", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains($"gpucam report {run}", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_shown_is_named()
    {
        Gpucam.Call("report", _folder["nowhere"]).Refused("nowhere", "no such folder");
        Gpucam.Call("report", _folder.Path).Refused("run.json", "manifest.json");
        Damaged("run.json", text => text[..^20]);
        Damaged("metrics.jsonl", text => "nonsense\n" + text);
        Damaged("heatmaps.jsonl", text => text.Replace("\"images\"", "\"pictures\"", StringComparison.Ordinal));
        Damaged("evaluation.json", _ => "{");
        Damaged(Path.Combine("img_1", "cam_8.npy"), text => text[..40]);
        Damaged(Path.Combine("img_2", "input.png"), text => text[..40]);
    }

    [Fact]
    public void A_manifest_that_reaches_outside_its_folder_is_refused()
    {
        string cams = _folder["cams"];
        Gpucam.Call("cam", "--model", trained.Run, trained.Image, "--out", cams, "--top", "1").Succeeded();
        string manifest = Path.Combine(cams, "manifest.json");
        JsonNode changed = JsonNode.Parse(File.ReadAllText(manifest))!;
        changed["images"]![0]!["input"] = Path.GetRelativePath(cams, trained.Image);
        File.WriteAllText(manifest, changed.ToJsonString());
        Gpucam.Call("report", cams).Refused(manifest, "outside");
        changed["images"]![0]!["input"] = "img_1/\0input.png";
        File.WriteAllText(manifest, changed.ToJsonString());
        Gpucam.Call("report", cams).Refused(manifest, "outside");
    }

    [Theory]
    [InlineData("images")]
    [InlineData("predictions")]
    [InlineData("maps")]
    public void A_manifest_with_nothing_where_an_entry_belongs_is_refused(string list)
    {
        string cams = _folder["cams"];
        Gpucam.Call("cam", "--model", trained.Run, trained.Image, "--out", cams, "--top", "1").Succeeded();
        string manifest = Path.Combine(cams, "manifest.json");
        JsonNode changed = JsonNode.Parse(File.ReadAllText(manifest))!;
        JsonArray entries = (list == "images" ? changed[list] : changed["images"]![0]![list])!.AsArray();
        entries[0] = null;
        File.WriteAllText(manifest, changed.ToJsonString());
        Gpucam.Call("report", cams).Refused(manifest, "is no manifest of maps");
    }

    [Fact]
    public void Two_classes_of_one_name_are_two_items_of_the_page_and_without_labels_names_tell_them_apart()
    {
        string cams = _folder["cams"];
        Gpucam.Call("cam", "--model", trained.Run, trained.Image, "--out", cams, "--top", "2").Succeeded();
        string manifest = Path.Combine(cams, "manifest.json");
        JsonNode changed = JsonNode.Parse(File.ReadAllText(manifest))!;
        JsonNode image = changed["images"]![0]!;
        foreach (JsonNode? entry in image["maps"]!.AsArray().Concat(image["predictions"]!.AsArray()))
        {
            (entry!["class"], entry["label"]) = ("crane", $"crane #{entry["index"]}");
        }

        File.WriteAllText(manifest, changed.ToJsonString());
        string[] labels = Shown();
        Assert.Equal(2, labels.Distinct().Count());
        Assert.All(labels, label => Assert.StartsWith("crane #", label, StringComparison.Ordinal));

        foreach (JsonNode? entry in image["maps"]!.AsArray().Concat(image["predictions"]!.AsArray()))
        {
            entry!["class"] = $"c{entry["index"]}";
            entry.AsObject().Remove("label");
            entry.AsObject().Remove("index");
        }

        File.WriteAllText(manifest, changed.ToJsonString());
        Assert.All(Shown(), label => Assert.StartsWith("c", label, StringComparison.Ordinal));

        string[] Shown()
        {
            Gpucam.Call("report", cams).Succeeded();
            JsonArray items = Data(Path.Combine(cams, "cam.html"))["gallery"]!["items"]!.AsArray();
            Assert.Equal((string?)items[0]!["class"], (string?)items[0]!["frames"]![0]!["predicted"]);
            Assert.NotEqual((double?)items[0]!["frames"]![0]!["probability"], (double?)items[1]!["frames"]![0]!["probability"]);
            return [.. items.Select(item => (string)item!["class"]!)];
        }
    }

    [Fact]
    public void A_run_under_way_shows_the_lines_that_are_whole()
    {
        TinyRun.Copy(trained.Run, _folder["run"]);
        File.AppendAllText(_folder["run/metrics.jsonl"], "{\"step\":16,\"ima");
        Gpucam.Call("report", _folder["run"]).Succeeded();
        Assert.Equal(4, Data(_folder["run/report.html"])["metrics"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("--lr", "--lr")]
    [InlineData("runs/a b", "'runs/a b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("", "''")]
    [InlineData("$HOME", "'$HOME'")]
    public void A_recorded_command_can_be_pasted(string word, string quoted) => Assert.Equal(quoted, ShellWord.Quote(word));

    private void Damaged(string name, Func<string, string> change)
    {
        string run = _folder[$"damaged {Path.GetFileName(name)}"];
        TinyRun.Copy(trained.Run, run);
        File.Delete(Path.Combine(run, "report.html"));
        string path = Path.Combine(run, name);
        File.WriteAllText(path, change(File.ReadAllText(path, System.Text.Encoding.Latin1)), System.Text.Encoding.Latin1);
        Gpucam.Call("report", run).Refused(path);
        Assert.False(File.Exists(Path.Combine(run, "report.html")));
    }

    private static JsonNode Data(string page) => JsonNode.Parse(DataElement().Match(File.ReadAllText(page)).Groups[1].Value)!;

    [GeneratedRegex("""<script type="application/json" id="data">(.*?)</script>""")]
    private static partial Regex DataElement();
}
