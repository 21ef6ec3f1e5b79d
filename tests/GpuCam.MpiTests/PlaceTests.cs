using System.Runtime.Intrinsics;
using System.Text.Json;

namespace GpuCam.MpiTests;

/// <summary>What of its machine each rank takes, and what it writes there.</summary>
public sealed class PlaceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiTheory]
    [InlineData("none", 2)]
    [InlineData("core", 1)]
    public void Ranks_share_out_the_processors_of_their_machine(string bound, int ranks)
    {
        JsonElement[] shares = Ranks(["--bind-to", bound], ranks + 1);
        Assert.Equal(Enumerable.Range(0, ranks + 1), shares.Select(rank => rank.GetProperty("rank").GetInt32()));
        Assert.All(shares, rank => Assert.Equal(Environment.MachineName, rank.GetProperty("host").GetString()));
        int threads = shares.Sum(rank => rank.GetProperty("threads").GetInt32());
        Assert.InRange(threads, ranks + 1, Math.Max(ranks + 1, Environment.ProcessorCount));
    }

    [MpiFact]
    public void A_folder_that_is_not_the_same_for_all_ranks_is_refused_and_not_left_behind()
    {
        string[] command = MpiRun.Gpucam("data", "make", "--digits", "synthetic", "--size", "40", "--count", "2", "--out", "made");
        Directory.CreateDirectory(_folder.Path("a"));
        Directory.CreateDirectory(_folder.Path("b"));
        string[] words = ["-n", "1", "-wdir", _folder.Path("a"), .. command, ":", "-n", "1", "-wdir", _folder.Path("b"), .. command];
        MpiRun.Run(_folder.Root, words, []).Refused("the output folder made of rank 0 (", "is not there for rank 1 (");
        IEnumerable<string> left = Directory.EnumerateFileSystemEntries(_folder.Root, "*", SearchOption.AllDirectories);
        Assert.Equal(["a", "b"], left.Select(Path.GetFileName).Order());
    }

    [MpiFact]
    public void Ranks_with_other_vectors_are_said_where_bits_hang_on_them_and_train()
    {
        string[] command = MpiRun.Gpucam(
            "train", "--digits", "synthetic", "--steps", "1", "--every", "1", "--batch", "8", "--size", "40", "--canvas", "40:1",
            "--widths", "4,8", "--heatmaps", "0", "--eval-images", "8", "--final-eval-images", "8", "--backend", "simd", "--out", "run");
        string[] words = ["-n", "1", "-x", "GPUCAM_SIMD_WIDTH=128", .. command, ":", "-n", "1", .. command];
        string errors = MpiRun.Run(_folder.Root, words, []).Succeeded().Errors;
        Assert.Equal(
            Vector256.IsHardwareAccelerated,
            errors.Contains("warning  vectors of 128 bits on rank 0", StringComparison.Ordinal));
    }

    private JsonElement[] Ranks(string[] options, int count) =>
        [.. MpiRun.Run(_folder.Root, options, [], (count, ["devices", "--json"])).Json().GetProperty("ranks").EnumerateArray()];
}
