using System.Text.Json;
using System.Text.RegularExpressions;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

public sealed partial class CompareTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_comparison_has_the_figures_of_the_last_evaluations_and_the_settings_that_differ()
    {
        string other = Copy("other", record => record.Replace("\"batch\": 8", "\"batch\": 16", StringComparison.Ordinal));
        JsonElement answer = Gpucam.Call("compare", trained.Run, other, "--out", _folder["page.html"], "--json").Json();
        JsonElement[] runs = [.. answer.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["run", "other"], runs.Select(run => run.GetProperty("name").GetString()));
        using var last = JsonDocument.Parse(File.ReadLines(Path.Combine(trained.Run, "metrics.jsonl")).Last());
        foreach (JsonElement run in runs)
        {
            Assert.Equal(last.RootElement.GetProperty("test_accuracy").GetDouble(), run.GetProperty("figures").GetProperty("test_accuracy")
                .GetDouble());
            Assert.Equal(12, run.GetProperty("figures").GetProperty("steps").GetDouble());
            Assert.Equal(["batch"], run.GetProperty("differing").EnumerateObject().Select(setting => setting.Name));
        }

        Assert.Equal("16", runs[1].GetProperty("differing").GetProperty("batch").GetString());
        Assert.Equal("12", answer.GetProperty("common").GetProperty("steps").GetString());
    }

    [Fact]
    public void The_table_stars_what_is_best_and_names_a_run_that_is_not_complete()
    {
        string half = Copy("half", record => record.Replace("\"seed\": 1", "\"seed\": 2", StringComparison.Ordinal));
        // Two of four evaluations, and a third that is being written.
        string metrics = Path.Combine(half, "metrics.jsonl");
        string[] lines = File.ReadAllLines(metrics);
        File.WriteAllText(
            metrics, $"{lines[0]}\n{Regex.Replace(lines[1], "\"test_accuracy\":[0-9.]+", "\"test_accuracy\":0.999")}\n{lines[2][..20]}");
        Outcome outcome = Gpucam.Call("compare", trained.Run, half, "--out", _folder["page.html"]).Succeeded();
        Assert.Matches(@"(?m)^ +run +half$", outcome.Output);
        Assert.Matches(@"(?m)^test accuracy +[0-9.]+ % +99\.90 % \*$", outcome.Output);
        Assert.Matches(@"(?m)^seed +1 +2$", outcome.Output);
        Assert.Contains("half is not complete: step 4 of 12", outcome.Output, StringComparison.Ordinal);
        Assert.Equal($"page: {_folder["page.html"]}\n", outcome.Errors);
    }

    [Fact]
    public void The_page_stands_alone_and_shows_what_a_run_says_as_text()
    {
        const string Evil = "</title><script>alert('x')</script> & \"😀\"";
        string odd = Copy("a<b>&'c", record =>
            record.Replace("\"digits\": \"synthetic\"", $"\"digits\": {JsonSerializer.Serialize(Evil)}", StringComparison.Ordinal));
        Gpucam.Call("compare", trained.Run, odd, "--out", _folder["page.html"]).Succeeded();
        string page = File.ReadAllText(_folder["page.html"]);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;/title&gt;&lt;script&gt;alert(", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        string withoutNames = page.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
        Assert.DoesNotMatch(Address(), withoutNames);
        Assert.Equal(4, Regex.Count(page, "<svg "));
    }

    [Fact]
    public void Runs_of_the_same_name_are_told_apart_by_their_folders()
    {
        string first = Copy("first/run"), second = Copy("second/run");
        JsonElement answer = Gpucam.Call("compare", first, second + "/", "--out", _folder["page.html"], "--json").Json();
        Assert.Equal(
            ["first/run", "second/run"], answer.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()));
        Assert.Empty(answer.GetProperty("runs")[0].GetProperty("differing").EnumerateObject());
    }

    [Fact]
    public void What_cannot_be_compared_is_named_and_no_page_is_written()
    {
        string page = _folder["page.html"];
        Gpucam.Call("compare", trained.Run, "--out", page).Refused("two or more run folders");
        Gpucam.Call("compare", trained.Run, trained.Run + "/", "--out", page).Refused(trained.Run, "given twice");
        Gpucam.Call("compare", trained.Run, trained.Samples, "--out", page)
            .Refused(trained.Samples, "no run that can be compared", "gpucam train");
        string untested = Copy("untested");
        File.Delete(Path.Combine(untested, "metrics.jsonl"));
        Gpucam.Call("compare", trained.Run, untested, "--out", page).Refused(untested, "has not been tested yet");
        string damaged = Copy("damaged");
        File.WriteAllText(Path.Combine(damaged, "metrics.jsonl"), "{\"step\":0}\n");
        Gpucam.Call("compare", trained.Run, damaged, "--out", page).Refused(Path.Combine(damaged, "metrics.jsonl"), "line 1");
        Gpucam.Call("compare", trained.Run, Copy("fine"), "--out", Path.Combine(trained.Image, "page.html")).Refused("cannot be written");
        Gpucam.Call("compare", trained.Run, "--html", "x").Refused("'--html'");
        Assert.False(File.Exists(page));
    }

    private string Copy(string name, Func<string, string>? change = null)
    {
        string record = File.ReadAllText(Path.Combine(trained.Run, "run.json"));
        string changed = change?.Invoke(record) ?? record;
        Assert.Equal(change is null, changed == record);
        _folder.Write($"{name}/run.json", changed);
        foreach (string log in (string[])["metrics.jsonl", "timing.jsonl"])
        {
            _folder.Write($"{name}/{log}", File.ReadAllText(Path.Combine(trained.Run, log)));
        }

        return _folder[name];
    }

    [GeneratedRegex(@"https?://|\bsrc=|\bhref=|url\(")]
    private static partial Regex Address();
}
