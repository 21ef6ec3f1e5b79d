using System.Text.Json.Nodes;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>A run of which something is missing or damaged: what can be saved is, the rest is named, nothing is overwritten.</summary>
public sealed class DamagedRunTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string RunFolder => _folder["run"];

    private string[] Resume => ["train", "--resume", "--out", RunFolder, "--threads", "1"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_cannot_be_resumed_is_named()
    {
        Gpucam.Call(Resume).Refused(RunFolder, "no run that can be continued", "without --resume");
        Assert.False(Directory.Exists(RunFolder));

        TinyRun.Copy(trained.Run, RunFolder);
        Gpucam.Call([.. Resume, "--lr", "0.5"]).Refused("--resume", "learning_rate", "0.003", "0.5");
        Gpucam.Call([.. Resume, "--preset", "reference"]).Refused("--resume", "quick", "reference");

        string record = Path.Combine(RunFolder, "run.json");
        string text = File.ReadAllText(record);
        RefusesRecord(text[..(text.Length / 2)], record, "line ");
        RefusesRecord("", record);
        RefusesRecord("null", record);
        RefusesRecord(text.Replace("gpucam-run/1", "gpucam-run/9", StringComparison.Ordinal), record, "gpucam-run/9");
        foreach (string key in (string[])["settings", "format"])
        {
            JsonObject damaged = JsonNode.Parse(text)!.AsObject();
            damaged[key] = null;
            RefusesRecord(damaged.ToJsonString(), record);
            damaged.Remove(key);
            RefusesRecord(damaged.ToJsonString(), record);
        }

        JsonObject changed = JsonNode.Parse(text)!.AsObject();
        changed["settings"]!["widths"] = null;
        RefusesRecord(changed.ToJsonString(), record);
        changed["settings"]!["widths"] = new JsonArray(4);
        RefusesRecord(changed.ToJsonString(), "--widths");
    }

    [Fact]
    public void A_damaged_checkpoint_or_log_is_named()
    {
        TinyRun.Copy(trained.Run, RunFolder);
        string log = Path.Combine(RunFolder, "metrics.jsonl");
        string text = File.ReadAllText(log);
        File.WriteAllText(log, "nonsense\n" + text);
        Gpucam.Call(Resume).Refused(log, "nonsense");
        File.WriteAllText(log, text);

        string[] all = Directory.GetFiles(Path.Combine(RunFolder, "checkpoints"));
        byte[][] whole = [.. all.Select(File.ReadAllBytes)];
        foreach (string path in all)
        {
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..^8]);
        }

        Gpucam.Call(Resume).Refused(Path.Combine(RunFolder, "checkpoints", "step-12.safetensors"), "no older checkpoint");
        for (int i = 0; i < all.Length; i++)
        {
            File.WriteAllBytes(all[i], whole[i]);
        }

        Gpucam.Call(Resume).Succeeded();
    }

    [Theory]
    [InlineData("step-12.safetensors", false)]
    [InlineData("step-12.state.safetensors", false)]
    [InlineData("step-12.state.safetensors", true)]
    public void A_damaged_checkpoint_is_named_and_the_older_one_leads_to_the_same_bytes(string name, bool gone)
    {
        TinyRun.Copy(trained.Run, RunFolder);
        string path = Path.Combine(RunFolder, "checkpoints", name);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^8]);
        if (gone)
        {
            File.Delete(path);
        }

        Outcome outcome = Gpucam.Call(Resume).Succeeded();
        Assert.Contains($"the checkpoint of step 12 cannot be used ({path}", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("continuing after step 8\n", outcome.Errors, StringComparison.Ordinal);
        TinyRun.AssertSameResults(trained.Run, RunFolder);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_run_whose_checkpoints_are_gone_is_not_begun_anew_over_what_it_left()
    {
        TinyRun.Copy(trained.Run, RunFolder);
        Directory.Delete(Path.Combine(RunFolder, "checkpoints"), recursive: true);
        Gpucam.Call(Resume).Refused(RunFolder, "got to step 12", "metrics.jsonl, best.safetensors, last.safetensors", "start a new run");
        TinyRun.AssertSameResults(trained.Run, RunFolder);

        // The logs may be gone as well: the model tells.
        foreach (string log in (string[])["metrics.jsonl", "heatmaps.jsonl", "timing.jsonl"])
        {
            File.Delete(Path.Combine(RunFolder, log));
        }

        Gpucam.Call(Resume).Refused(RunFolder, "got to step 12", "left are best.safetensors, last.safetensors");
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_checkpoint_begins_anew()
    {
        Directory.CreateDirectory(RunFolder);
        File.Copy(Path.Combine(trained.Run, "run.json"), Path.Combine(RunFolder, "run.json"));
        File.WriteAllLines(
            Path.Combine(RunFolder, "metrics.jsonl"), [File.ReadLines(Path.Combine(trained.Run, "metrics.jsonl")).First()]);
        Outcome outcome = Gpucam.Call(Resume).Succeeded();
        Assert.Contains("no checkpoint was written yet", outcome.Errors, StringComparison.Ordinal);
        TinyRun.AssertSameResults(trained.Run, RunFolder);
    }

    [Fact]
    public void A_run_is_never_overwritten_by_accident()
    {
        byte[][] before = TinyRun.Results(trained.Run);
        Gpucam.Call(TinyRun.Train(trained.Run)).Refused(trained.Run, "--resume", "--out");
        Assert.Equal(before, TinyRun.Results(trained.Run));

        TinyRun.Copy(trained.Run, RunFolder);
        File.Delete(Path.Combine(RunFolder, "run.json"));
        Gpucam.Call(TinyRun.Train(RunFolder)).Refused(RunFolder, "--out");
    }

    private void RefusesRecord(string text, params string[] fragments)
    {
        File.WriteAllText(Path.Combine(RunFolder, "run.json"), text);
        Gpucam.Call(Resume).Refused(fragments);
    }
}
