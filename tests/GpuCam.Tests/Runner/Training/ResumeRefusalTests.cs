using System.Text.Json.Nodes;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>What is no run to continue, or would overwrite one: refused with what is wrong.</summary>
[Collection(CommandsGroup.Name)]
public sealed class ResumeRefusalTests(TrainedRun trained) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string RunFolder => _folder["run"];

    private string[] Resume => ["train", "--resume", "--out", RunFolder, "--threads", "1"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_never_overwritten_by_accident()
    {
        byte[][] before = ResumeTests.Results(trained.Run);
        Gpucam.Call(TinyRun.Train(trained.Run)).Refused(trained.Run, "--resume", "--out");
        Assert.Equal(before, ResumeTests.Results(trained.Run));

        ResumeTests.Copy(trained.Run, RunFolder);
        File.Delete(Path.Combine(RunFolder, "run.json"));
        Gpucam.Call(TinyRun.Train(RunFolder)).Refused(RunFolder, "--out");
    }

    [Fact]
    public void What_cannot_be_resumed_is_named()
    {
        Gpucam.Call(Resume).Refused(RunFolder, "no run that can be continued", "without --resume");
        Assert.False(Directory.Exists(RunFolder));

        ResumeTests.Copy(trained.Run, RunFolder);
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
        ResumeTests.Copy(trained.Run, RunFolder);
        string log = Path.Combine(RunFolder, "metrics.jsonl");
        string text = File.ReadAllText(log);
        File.WriteAllText(log, "nonsense\n" + text);
        Gpucam.Call(Resume).Refused(log, "nonsense");
        File.WriteAllText(log, text);

        foreach (string name in (string[])["step-12.safetensors", "step-12.state.safetensors"])
        {
            string path = Path.Combine(RunFolder, "checkpoints", name);
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, bytes[..^8]);
            Gpucam.Call(Resume).Refused(path);
            File.WriteAllBytes(path, bytes);
        }

        Gpucam.Call(Resume).Succeeded();
    }

    private void RefusesRecord(string text, params string[] fragments)
    {
        File.WriteAllText(Path.Combine(RunFolder, "run.json"), text);
        Gpucam.Call(Resume).Refused(fragments);
    }
}
