using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>What ranks draw together is what one process draws, file by file, and they end together.</summary>
public sealed partial class CamTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private string Cams => _folder.Path("cams");

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Pictures_are_drawn_as_by_one_process_and_those_that_cannot_be_are_listed_in_their_places()
    {
        string pictures = Pictures("a", "c", "d", "f", "g");
        File.WriteAllText(Path.Combine(pictures, "b.jpg"), "no picture");
        File.WriteAllText(Path.Combine(pictures, "e.jpg"), "none either");
        string[] command =
            Command(pictures, "--method", "cam,gradcam,random,sscam", "--samples", "2", "--top", "2", "--batch", "2", "--side", "64");
        MpiOutcome alone = SharedRun.Call(command);
        Assert.Equal(CommandLine.Failed, alone.ExitCode);
        Directory.Move(Cams, _folder.Path("alone"));
        foreach (int ranks in (int[])[2, 3])
        {
            MpiOutcome shared = MpiRun.Run(_folder.Root, ranks, command);
            Assert.Equal((alone.ExitCode, alone.Output), (shared.ExitCode, shared.Output));
            Assert.Equal(Errors(alone), Errors(shared));
            SharedRun.AssertSame(_folder.Path("alone"), Cams, except: "cam.html");
            Assert.Equal(Page(_folder.Path("alone")), Page(Cams));
        }
    }

    [MpiFact]
    public void A_map_that_a_rank_cannot_write_ends_all_and_nothing_names_what_was_drawn()
    {
        string[] command = Command(Pictures("a", "b", "c", "d", "e"), "--method", "gradcam", "--class", "1", "--batch", "1");
        Directory.CreateDirectory(Path.Combine(Cams, "d", "gradcam_last_1.jpg"));
        MpiRun.Run(_folder.Root, 2, command).Refused("rank 1", "gradcam_last_1.jpg", "cannot be written");
        Assert.False(File.Exists(Path.Combine(Cams, "manifest.json")));
        Assert.False(File.Exists(Path.Combine(Cams, ".gpucam.lock")));
    }

    [MpiFact]
    public void Whoever_interrupts_it_finds_no_manifest_of_what_was_drawn()
    {
        string[] command = Command(Pictures([.. Enumerable.Range(0, 200).Select(i => $"p{i}")]), "--batch", "1");
        using var running = MpiRun.Start(_folder.Root, [], [], (2, command));
        Assert.True(running.WaitUntil(() => Directory.Exists(Path.Combine(Cams, "p5"))));
        running.Signal("INT", rank: 1);
        MpiOutcome outcome = running.Wait();
        Assert.Equal(CommandLine.Interrupted, outcome.ExitCode);
        Assert.Single(outcome.Errors.Split('\n'), line => line.StartsWith("interrupted; no manifest", StringComparison.Ordinal));
        Assert.Equal([], Directory.EnumerateFiles(Cams));
    }

    private static string[] Errors(MpiOutcome outcome) =>
        [.. outcome.Errors.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal))];

    private static string Page(string folder) => Written().Replace(File.ReadAllText(Path.Combine(folder, "cam.html")), "");

    private string[] Command(string pictures, params string[] options) =>
    [
        "cam", pictures, "--model", Path.Combine(Repository(), "tests/GpuCam.Tests/Golden/peers/resnet/opset13.onnx"), "--preprocess",
        "imagenet", "--out", Cams, .. options,
    ];

    /// <summary>A folder of photographs by these names.</summary>
    private string Pictures(params string[] names)
    {
        string[] photographs = ["chelsea.jpg", "coffee.jpg", "rocket.jpg"];
        string folder = Directory.CreateDirectory(_folder.Path("pictures")).FullName;
        for (int i = 0; i < names.Length; i++)
        {
            File.CreateSymbolicLink(
                Path.Combine(folder, $"{names[i]}.jpg"), Path.Combine(Repository(), "data/photographs", photographs[i % 3]));
        }

        return folder;
    }

    private static string Repository([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(file, "../../.."));

    [GeneratedRegex("\"written\":\"[^\"]*\"")]
    private static partial Regex Written();
}
