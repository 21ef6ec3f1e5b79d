using System.Text.Json;
using GpuCam.MpiTests;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.CudaTests.Driver;

/// <summary>Processes of the program, each with a driver of its own: one that has a fault ends at once.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly (string Name, string Value)[] s_driver = [("DOTNET_STARTUP_HOOKS", typeof(ProcessTests).Assembly.Location)];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>In tf32: it has all rows of fp32, and those that tensor cores round.</summary>
    [DriverFact]
    public void The_self_test_passes_in_every_check()
    {
        JsonElement result = Gpucam.Run(_folder.Root, s_driver, "selftest", "--backend", "cuda", "--precision", "tf32", "--json").Json();
        Assert.Equal(0, result.GetProperty("failed").GetInt32());
        Assert.True(result.GetProperty("passed").GetInt32() > 850);
    }

    /// <summary>The two take the one device.</summary>
    [RankFact]
    public void Two_ranks_come_to_the_bytes_of_one()
    {
        string[] command = [.. Training("ordered"), "--shards", "2"];
        Gpucam.Run(_folder.Root, s_driver, [.. command, "--out", _folder.Path("alone")]).Succeeded();
        MpiRun.Run(_folder.Root, [], s_driver, (2, [.. command, "--out", _folder.Path("ranks")])).Succeeded();
        foreach (string file in (string[])["last.safetensors", "metrics.jsonl"])
        {
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder.Path("alone"), file)), File.ReadAllBytes(Path.Combine(_folder.Path("ranks"), file)));
        }
    }

    /// <summary>Gradients go by page-locked memory, beside the launches.</summary>
    [RankFact]
    public void Two_ranks_add_as_their_library_likes() =>
        MpiRun.Run(_folder.Root, [], s_driver, (2, [.. Training("fast"), "--out", _folder.Path("fast")])).Succeeded();

    private static string[] Training(string reduce) =>
    [
        "train", "--backend", "cuda", "--device", "0", "--digits", "synthetic", "--size", "28", "--distractors", "0", "--canvas", "28:1",
        "--widths", "4,8", "--batch", "4", "--steps", "2", "--every", "2", "--eval-images", "4", "--final-eval-images", "4",
        "--heatmaps", "0", "--reduce", reduce,
    ];
}

/// <summary>A test of ranks on the driver; skipped where there are none, or no driver.</summary>
public sealed class RankFactAttribute : FactAttribute
{
    public RankFactAttribute() => Skip = DriverLibrary.WhyNot ?? MpiRun.WhyNot;
}
