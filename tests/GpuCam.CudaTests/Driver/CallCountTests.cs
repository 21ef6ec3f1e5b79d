using GpuCam.MpiTests;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.CudaTests.Driver;

/// <summary>What the driver is asked for in a step and in a batch of an evaluation: what more of them add to a run's calls.</summary>
public sealed class CallCountTests : DriverTest, IDisposable
{
    private readonly TestFolder _folder = new();
    private int _runs;

    public new void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [DriverFact]
    public void A_step_launches_kernels_and_asks_for_nothing_else_and_an_evaluation_takes_no_memory()
    {
        Dictionary<string, int> few = Calls(steps: 2, images: 4);
        Dictionary<string, int> steps = More(few, Calls(steps: 6, images: 4)), images = More(few, Calls(steps: 2, images: 104));
        Assert.All(steps.Keys, name => Assert.StartsWith("cuLaunchKernel", name, StringComparison.Ordinal));
        Assert.All(steps.Values, count => Assert.Equal(0, count % 4));
        Assert.DoesNotContain(images.Keys, name => name.StartsWith("cuMemAlloc", StringComparison.Ordinal)
            || name.StartsWith("cuMemFree", StringComparison.Ordinal));
    }

    /// <summary>What there is more of; all that a process asks once is left out.</summary>
    private static Dictionary<string, int> More(Dictionary<string, int> few, Dictionary<string, int> many) => many
        .Select(call => (call.Key, Count: call.Value - few.GetValueOrDefault(call.Key))).Where(call => call.Count > 0)
        .ToDictionary(call => call.Key, call => call.Count);

    private Dictionary<string, int> Calls(int steps, int images)
    {
        using DriverLog log = CudaDriver.Listen();
        Gpucam.Call(
            "train", "--backend", "cuda", "--digits", "synthetic", "--size", "28", "--distractors", "0", "--canvas", "28:1",
            "--widths", "4,4", "--batch", "2", "--steps", $"{steps}", "--every", $"{steps}", "--eval-images", $"{images}",
            "--final-eval-images", $"{images}", "--heatmaps", "1", "--out", _folder.Path($"run-{_runs++}")).Succeeded();
        return log.Calls.GroupBy(call => (call.Name + " " + call.Detail).Trim()).ToDictionary(calls => calls.Key, calls => calls.Count());
    }
}
