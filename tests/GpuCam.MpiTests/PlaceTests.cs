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

    private JsonElement[] Ranks(string[] options, int count) =>
        [.. MpiRun.Run(_folder.Root, options, [], (count, ["devices", "--json"])).Json().GetProperty("ranks").EnumerateArray()];
}
