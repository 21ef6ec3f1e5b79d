using System.Text.Json.Nodes;
using GpuCam.Runner;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>A run that was stopped in whatever way, and resumed, ends in the bytes of a run that was not.</summary>
public sealed class ResumeTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{

    // Long enough to be stopped: 200 steps, 21 evaluations, a new canvas in the middle.
    private static readonly string[] s_long = ["--steps", "200", "--every", "10", "--canvas", "28:0.5,32:0.5", "--pooling-gain", "32"];

    private readonly TemporaryFolder _folder = new();

    private string RunFolder => _folder["run"];

    private string[] Resume => ["train", "--resume", "--out", RunFolder, "--threads", "1"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_is_killed_or_interrupted_ends_in_the_bytes_of_one_that_was_not()
    {
        Gpucam.Call(TinyRun.Train(_folder["whole"], s_long)).Succeeded();

        // Killed again and again: as soon as there is a run, then during later evaluations and steps.
        string[] command = TinyRun.Train(RunFolder, s_long);
        int kills = 0;
        foreach ((int lines, int delay) in ((int, int)[])[(0, 0), (1, 3), (9, 7)])
        {
            using Gpucam.Running running = Gpucam.Start(_folder.Path, command);
            if (!running.WaitUntil(() => LinesOf(RunFolder) >= lines))
            {
                break;
            }

            Thread.Sleep(delay);
            running.Kill();
            kills++;
            command = Resume;
        }

        Assert.True(kills >= 2, $"the run could be killed only {kills} times before it ended");
        Gpucam.Run(_folder.Path, command).Succeeded();
        TinyRun.AssertSameResults(_folder["whole"], RunFolder);

        // Interrupted: the step is finished and a checkpoint written.
        string interrupted = _folder["interrupted"];
        using (Gpucam.Running running = Gpucam.Start(_folder.Path, TinyRun.Train(interrupted, s_long)))
        {
            Assert.True(running.WaitUntil(() => LinesOf(interrupted) >= 2));
            running.Interrupt();
            Outcome outcome = running.Wait();
            Assert.Equal(130, outcome.ExitCode);
            Assert.Equal("", outcome.Output);
            string last = outcome.Errors.TrimEnd('\n').Split('\n')[^1];
            Assert.Matches($"^interrupted after step [0-9]+; continue with: gpucam train --resume --out {interrupted}$", last);
            string step = last.Split(' ', ';')[3];
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(interrupted, "last.safetensors")),
                File.ReadAllBytes(Path.Combine(interrupted, "checkpoints", $"step-{step}.safetensors")));
        }

        Gpucam.Call("train", "--resume", "--out", interrupted, "--threads", "1").Succeeded();
        TinyRun.AssertSameResults(_folder["whole"], interrupted);
    }

    [Fact]
    public void A_checkpoint_says_which_evaluation_was_the_best_so_far()
    {
        Gpucam.Call(TinyRun.Train(RunFolder, "--keep", "100")).Succeeded();
        MetricsEntry[] entries = [.. File.ReadLines(Path.Combine(RunFolder, "metrics.jsonl")).Select(RunnerJson.Read<MetricsEntry>)];
        foreach (MetricsEntry entry in entries)
        {
            using FileStream state = File.OpenRead(Path.Combine(RunFolder, "checkpoints", $"step-{entry.Step}.state.safetensors"));
            byte[] length = new byte[8];
            state.ReadExactly(length);
            byte[] header = new byte[BitConverter.ToInt64(length)];
            state.ReadExactly(header);
            MetricsEntry best = entries.Where(earlier => earlier.Step <= entry.Step).MaxBy(earlier => earlier.TestAccuracy)!;
            Assert.Equal($"{best.Step}", JsonNode.Parse(header)!["__metadata__"]!["gpucam.best_step"]!.GetValue<string>());
        }
    }

    [Fact]
    public void What_a_kill_in_the_middle_of_a_checkpoint_leaves_is_never_taken_for_good()
    {
        Gpucam.Call(TinyRun.Train(RunFolder, "--keep", "100")).Succeeded();
        byte[][] results = TinyRun.Results(RunFolder);
        string checkpoints = Path.Combine(RunFolder, "checkpoints");

        // The newest checkpoint, of step 12, as far as it gets before its model is renamed into place; a line torn in the middle.
        byte[] model = File.ReadAllBytes(Path.Combine(checkpoints, "step-12.safetensors"));
        File.Delete(Path.Combine(checkpoints, "step-12.safetensors"));
        File.WriteAllBytes(Path.Combine(checkpoints, ".step-12.safetensors.0.gpucam-tmp"), model[..200]);
        File.WriteAllBytes(Path.Combine(checkpoints, ".step-12.state.safetensors.1.gpucam-tmp"), []);
        File.AppendAllText(Path.Combine(RunFolder, "metrics.jsonl"), "{\"step\":16,\"ima");
        File.AppendAllText(Path.Combine(RunFolder, "heatmaps.jsonl"), "{\"step\":16,\"images\":[{");
        File.AppendAllText(Path.Combine(RunFolder, "timing.jsonl"), "{\"step\":16");
        Outcome outcome = Gpucam.Call(Resume).Succeeded();
        Assert.Contains("continuing after step 8", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(results, TinyRun.Results(RunFolder));
        Assert.Empty(Directory.EnumerateFiles(checkpoints, ".*"));
    }

    [Theory]
    [InlineData("1", "auto")]
    [InlineData("2", "simd", "--widths", "32,64", "--canvas", "28:0.4,30:0.2,32:0.4", "--channels", "3")]
    [InlineData("2", "simd", "--optimizer", "momentum", "--schedule", "one-cycle", "--lr", "0.05", "--weight-decay", "0.001")]
    [InlineData("2", "simd", "--pooling", "max")]
    [InlineData("2", "simd", "--pools", "1", "--widths", "32,64")]
    [InlineData("2", "cpu", "--optimizer", "sgd", "--pooling-gain", "1", "--protocol", "seed", "--batch", "4",
        "--eval-images", "5", "--final-eval-images", "5")]
    public void Resuming_from_any_checkpoint_gives_the_same_bytes(string threads, string backend, params string[] settings)
    {
        Gpucam.Call(TinyRun.Train(RunFolder, ["--keep", "100", "--threads", threads, "--backend", backend, .. settings])).Succeeded();
        byte[][] results = TinyRun.Results(RunFolder);
        foreach (int after in (int[])[8, 4, 0])
        {
            foreach (int step in (int[])[0, 4, 8, 12])
            {
                if (step > after)
                {
                    File.Delete(Path.Combine(RunFolder, "checkpoints", $"step-{step}.safetensors"));
                }
            }

            Gpucam.Call("train", "--resume", "--out", RunFolder, "--threads", threads, "--backend", backend).Succeeded();
            Assert.Equal(results, TinyRun.Results(RunFolder));
        }
    }

    /// <summary>
    /// Whatever file it is: all before it was written, nothing after it, and that is where a kill at this moment leaves the run.
    /// </summary>
    [Theory]
    [InlineData("metrics.jsonl", "none")]
    [InlineData("best.safetensors", "none")]
    [InlineData("last.safetensors", "none")]
    [InlineData("accuracy.svg", "none")]
    [InlineData("confusion.svg", "none")]
    [InlineData("evaluation.json", "none")]
    [InlineData("heatmaps.jsonl", "none")]
    [InlineData("img_1/cam_8.png", "4")]
    [InlineData("img_1/cam_12.npy", "8")]
    [InlineData("checkpoints/step-4.state.safetensors", "0")]
    [InlineData("checkpoints/step-4.safetensors", "0")]
    [InlineData("checkpoints/step-12.safetensors", "8")]
    public void A_run_that_cannot_write_a_file_names_it_and_goes_on_to_the_same_bytes_once_it_can(string name, string goesOnAfter)
    {
        string obstacle = Path.Combine(RunFolder, name);
        Directory.CreateDirectory(obstacle);
        Gpucam.Call(TinyRun.Train(RunFolder, "--heatmaps", "2")).Refused(obstacle, "cannot be written");
        Directory.Delete(obstacle);
        Outcome outcome = Gpucam.Call(Resume).Succeeded();
        if (goesOnAfter != "none")
        {
            Assert.Contains($"continuing after step {goesOnAfter}\n", outcome.Errors, StringComparison.Ordinal);
        }
        else
        {
            Assert.DoesNotContain("continuing", outcome.Errors, StringComparison.Ordinal);
        }

        TinyRun.AssertSameResults(trained.Run, RunFolder);
    }

    [Fact]
    public void A_complete_run_stays_as_it_is()
    {
        TinyRun.Copy(trained.Run, RunFolder);
        Outcome outcome = Gpucam.Call("train", "--resume", "--out", RunFolder).Succeeded();
        Assert.Contains("is complete", outcome.Errors, StringComparison.Ordinal);
        TinyRun.AssertSameResults(trained.Run, RunFolder);
    }

    [Fact]
    public void A_run_with_a_time_limit_ends_with_an_evaluation_and_is_then_complete()
    {
        Gpucam.Call(TinyRun.Train(RunFolder, "--steps", "100000000", "--every", "100000000", "--time", "0.5s")).Succeeded();
        string[] lines = File.ReadAllLines(Path.Combine(RunFolder, "metrics.jsonl"));
        Assert.Equal(2, lines.Length);
        Outcome outcome = Gpucam.Call([.. Resume, "--time", "0.5s"]).Succeeded();
        Assert.Contains("is complete", outcome.Errors, StringComparison.Ordinal);
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(RunFolder, "metrics.jsonl")));
    }

    [Fact]
    public void Two_processes_with_the_same_settings_write_the_same_bytes()
    {
        Gpucam.Run(_folder.Path, TinyRun.Train(RunFolder, "--heatmaps", "2")).Succeeded();
        TinyRun.AssertSameResults(trained.Run, RunFolder);
        foreach (string image in Directory.EnumerateFiles(Path.Combine(trained.Run, "img_2")))
        {
            Assert.Equal(File.ReadAllBytes(image), File.ReadAllBytes(Path.Combine(RunFolder, "img_2", Path.GetFileName(image))));
        }
    }

    /// <summary>Lines of the metrics; -1 before there is a run to resume.</summary>
    private static int LinesOf(string run)
    {
        if (!File.Exists(Path.Combine(run, "run.json")))
        {
            return -1;
        }

        string path = Path.Combine(run, "metrics.jsonl");
        if (!File.Exists(path))
        {
            return 0;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(c => c == '\n');
    }
}
