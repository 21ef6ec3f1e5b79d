using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Models;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;
using GpuCam.Tests.Model.Onnx;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>A head on a small ONNX network, from pictures to the run folder.</summary>
public sealed class HeadRunTests : IDisposable
{
    private static readonly string[] s_files =
    [
        "accuracy.svg", "best.safetensors", "confusion.svg", "evaluation.json", "features.safetensors", "last.safetensors", "loss.svg",
        "metrics.jsonl", "run.json", "split.tsv", "timing.jsonl",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    private static string Network => Path.Combine(PeerFolder.Small, "resnet", "opset13.onnx");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_leaves_its_files_and_a_model_that_every_command_takes()
    {
        TrainingOutcome outcome = Run("run", Settings() with { Heatmaps = 2, Compare = HeadRun.Untrained });
        Assert.Equal(6, outcome.Test!.Images);
        string run = _folder["run"];
        Assert.Equal(
            s_files.Append("features-untrained.safetensors").Order(StringComparer.Ordinal),
            Directory.GetFiles(run).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        HeadEntry[] entries = [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(RunnerJson.Read<HeadEntry>)];
        Assert.Equal(HeadFitter.Penalties.Count + 1, entries.Length);
        Assert.Equal(outcome.Test.Accuracy, entries[^1].TestAccuracy);
        Assert.NotNull(entries[^1].UntrainedClassAccuracy);
        Assert.True(File.Exists(Path.Combine(run, "cams", "manifest.json")));

        // What the network of the file says is what the run counted.
        using var device = new HostDevice(Backend.Simd, 1);
        using Execution network = NetworkLoader.Load(ModelNames.Request(run), device);
        Assert.Equal(["dark_red", "green", "sea_blue"], network.Network.ClassNames);
        Assert.NotNull(network.Network.Tail);
        PictureSet set = Pictures();
        int right = set.Test.Count(picture => Answer(network, picture) == picture.Label);
        Assert.Equal(outcome.Test.Accuracy, (double)right / set.Test.Count, 1e-9);

        string picture = set.Test[0].Path;
        Gpucam.Call("cam", "--model", run, picture, "--out", _folder["cams"], "--class", "dark red").Succeeded();
        Assert.Contains("a head for", Gpucam.Call("model", "show", "--model", run).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("report.html", Gpucam.Call("report", run).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_are_kept_and_a_run_with_them_ends_in_the_same_bytes()
    {
        Run("first", Settings());
        Assert.DoesNotContain(_said, line => line.Contains("kept from before", StringComparison.Ordinal));
        string features = Path.Combine(_folder["first"], "features.safetensors");
        byte[] kept = File.ReadAllBytes(features);
        Run("second", Settings(), features);
        Assert.Contains(_said, line => line == "features 24 of 24 pictures are kept from before");
        AssertSame("first", "second");
        Assert.Equal(kept, File.ReadAllBytes(features));

        // A damaged file, and one of pictures that were prepared otherwise, are made anew.
        File.WriteAllBytes(features, kept[..^9]);
        Run("third", Settings(), features);
        Assert.Contains(_said, line => line.StartsWith($"{features} is made anew: ", StringComparison.Ordinal));
        AssertSame("first", "third");
        Assert.Equal(kept, File.ReadAllBytes(features));
        Run("fourth", Settings() with { Fit = "pad" }, features);
        Assert.Contains(_said, line => line.EndsWith("or of pictures prepared otherwise", StringComparison.Ordinal));
    }

    [Fact]
    public void A_picture_that_was_changed_runs_through_the_network_again()
    {
        Run("first", Settings());
        string features = Path.Combine(_folder["first"], "features.safetensors");
        PictureSet set = Pictures();
        File.SetLastWriteTimeUtc(set.Train[0].Path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        _said.Clear();
        Run("second", Settings(), features);
        Assert.Contains(_said, line => line == "features 8 of 24 pictures are kept from before");      // the other batch
        AssertSame("first", "second");
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_and_one_that_is_complete_says_so()
    {
        using (var stop = new CancellationTokenSource())
        {
            stop.Cancel();
            Assert.True(Run("run", Settings(), token: stop.Token).Interrupted);
        }

        Assert.False(File.Exists(Path.Combine(_folder["run"], "last.safetensors")));
        Assert.NotNull(Run("run", Settings(), resume: true).Test);
        Run("whole", Settings());
        AssertSame("whole", "run");
        Assert.Equal(new TrainingOutcome(HeadFitter.Penalties.Count + 1, null, false), Run("run", Settings(), resume: true));
    }

    [Fact]
    public void A_head_whose_network_is_gone_or_another_says_which_it_needs()
    {
        string network = _folder["network.onnx"];
        File.Copy(Network, network);
        Run("run", Settings() with { Init = network });
        using var device = new HostDevice(Backend.Simd, 1);
        NetworkLoader.Load(ModelNames.Request(_folder["run"]), device).Dispose();

        // Beside the head it is found as well.
        File.Move(network, Path.Combine(_folder["run"], "network.onnx"));
        NetworkLoader.Load(ModelNames.Request(_folder["run"]), device).Dispose();
        File.Delete(Path.Combine(_folder["run"], "network.onnx"));
        GpuCamException gone = Assert.Throws<GpuCamException>(() => NetworkLoader.Load(ModelNames.Request(_folder["run"]), device));
        Assert.EndsWith(
            $"it is the head of {network}, which is not there; put that file back, or beside the head", gone.Message,
            StringComparison.Ordinal);
        File.Copy(Path.Combine(PeerFolder.Small, "resnet", "opset9.onnx"), network);
        GpuCamException other = Assert.Throws<GpuCamException>(() => NetworkLoader.Load(ModelNames.Request(_folder["run"]), device));
        Assert.Contains("it is the head of a network.onnx with SHA-256", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_our_own_and_a_head_can_be_begun_from_too()
    {
        Run("first", Settings());
        Run("second", Settings() with { Init = _folder["first"] });
        Assert.Equal(
            File.ReadAllLines(Path.Combine(_folder["first"], "metrics.jsonl")),
            File.ReadAllLines(Path.Combine(_folder["second"], "metrics.jsonl")));
    }

    private static TrainSettings Settings() => new()
    {
        Preset = "quick", Data = "here", Init = Network, Freeze = TrainSettings.Features, Preprocess = "unit", Steps = 1, Heatmaps = 0,
    };

    /// <summary>24 pictures of three classes, each of a colour, with noise.</summary>
    private PictureSet Pictures()
    {
        string[] names = ["dark_red", "green", "sea_blue"];
        var pictures = new List<DataPicture>();
        for (int i = 0; i < 24; i++)
        {
            string id = $"{names[i % 3]}/{i}.png", path = _folder[Path.Combine("pictures", id)];
            pictures.Add(new DataPicture(id, path, i % 3));
            if (!File.Exists(path))
            {
                var random = new CounterRandom(5, RandomPurpose.Shuffle, (ulong)i);
                byte[] pixels = new byte[40 * 36 * 3];
                for (int p = 0; p < pixels.Length; p++)
                {
                    pixels[p] = (byte)(random.Word((uint)p) % 120 + (p % 3 == i % 3 ? 120u : 0));
                }

                PngWriter.WriteFile(path, Image8.FromRgb(pixels, 40, 36));
            }
        }

        return new PictureSet(_folder["pictures"], "made", names) { Train = pictures[..18], Test = pictures[18..] };
    }

    private TrainingOutcome Run(
        string name, TrainSettings settings, string? features = null, bool resume = false, CancellationToken token = default)
    {
        var folder = new RunFolder(_folder[name]);
        using var device = new HostDevice(Backend.Simd, 1);
        using var run = new HeadRun(RankJob.Alone, settings, Pictures(), folder, device, new Listening(_said), features);
        Directory.CreateDirectory(folder.Root);
        return run.Run(resume, token);
    }

    private void AssertSame(string first, string second)
    {
        foreach (string file in s_files.Where(file => file is not ("run.json" or "timing.jsonl" or "features.safetensors")))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder[first], file)), File.ReadAllBytes(Path.Combine(_folder[second], file)));
        }
    }

    private static int Answer(Execution network, DataPicture picture)
    {
        Preprocessing preprocessing = network.Network.Preprocessing!;
        Image8 image = ImageReader.ReadFile(picture.Path, ImageOrientation.Exif);
        PictureGeometry plan = preprocessing.Plan(image.Width, image.Height);
        float[] input = new float[Preprocessing.InputLength(plan, 3)];
        preprocessing.Apply(image.Pixels, plan, 3, input);
        using var classifier = new Classifier(network);
        return Ranking.IndexOfMax(classifier.Logits(input, 1));
    }

    private sealed class Listening(List<string> said) : ITrainingDisplay
    {
        public void Say(string line) => said.Add(line);

        public void Track(int firstStep, int lastStep, Action<Action<StepReport>> body) => body(_ => { });
    }
}
