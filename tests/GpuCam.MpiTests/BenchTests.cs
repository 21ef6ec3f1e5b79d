using System.Text.Json;

namespace GpuCam.MpiTests;

/// <summary><c>gpucam bench --ranks</c>: what it times and what it predicts, not how fast that is.</summary>
public sealed class BenchTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Sums_are_timed_in_both_ways_and_training_is_predicted()
    {
        JsonElement report = MpiRun.Run(
            _folder.Root, 2,
            "bench", "--ranks", "--seconds", "0.005", "--backend", "simd", "--threads", "1", "--json", "--svg", "curve.svg").Json();
        Assert.Equal((2, 1, 256, 32), (Number("ranks"), Number("machines"), Number("batch"), Number("each_batch")));
        JsonElement[] links = [.. report.GetProperty("links").EnumerateArray()];
        Assert.Equal(["ordered", "tree"], links.Select(link => link.GetProperty("path").GetString()));
        foreach (JsonElement link in links)
        {
            JsonElement[] times = [.. link.GetProperty("times").EnumerateArray()];
            Assert.Equal(4, times[0].GetProperty("bytes").GetInt64());
            Assert.True(times.Length > 3 && times.All(time => time.GetProperty("seconds").GetDouble() > 0), $"{link}");
            Assert.True(link.GetProperty("seconds_per_byte").GetDouble() > 0, $"{link}");
        }

        JsonElement cost = Assert.Single(report.GetProperty("networks").EnumerateArray()).GetProperty("cost");
        Assert.True(cost.GetProperty("seconds_per_image").GetDouble() > 0, $"{cost}");
        foreach (JsonElement way in report.GetProperty("predicted").EnumerateArray())
        {
            JsonElement[] steps = [.. way.GetProperty("steps").EnumerateArray()];
            Assert.Equal(Enumerable.Range(0, 11).Select(i => 1 << i), steps.Select(step => step.GetProperty("ranks").GetInt32()));
            Assert.Equal(1, steps[0].GetProperty("efficiency").GetDouble());
            Assert.False(steps[^1].TryGetProperty("efficiency", out _));        // more ranks than images
            Assert.InRange(steps[^1].GetProperty("each_efficiency").GetDouble(), 0, 1);
        }

        Assert.Contains("reference, 32 a rank", File.ReadAllText(Path.Combine(_folder.Root, "curve.svg")), StringComparison.Ordinal);

        int Number(string name) => report.GetProperty(name).GetInt32();
    }
}
