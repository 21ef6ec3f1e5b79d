using System.Diagnostics;
using System.Text.Json;

namespace GpuCam.Runner.Training;

/// <summary>
/// Seconds spent on training steps, evaluations and drawing not counted. What it says goes to <c>timing.jsonl</c>, apart from
/// the metrics, which are the same on every run.
/// </summary>
internal sealed class TrainingClock(RunFolder folder)
{
    private readonly Stopwatch _watch = new();
    private double _before;
    private long _images;

    /// <summary>Seconds of training, those before a resume included.</summary>
    public double Seconds => _before + _watch.Elapsed.TotalSeconds;

    /// <summary>Training speed of this process.</summary>
    public double ImagesPerSecond => _images / Math.Max(1e-9, _watch.Elapsed.TotalSeconds);

    /// <summary>Before a step.</summary>
    public void Start() => _watch.Start();

    /// <summary>After a step of <paramref name="images"/> images.</summary>
    public void Stop(int images)
    {
        _watch.Stop();
        _images += images;
    }

    /// <summary>Appends a line about the evaluation at <paramref name="step"/>.</summary>
    public void Log(int step, double testImagesPerSecond) => RunFolder.Append(folder.Timing, RunnerJson.Line(new
    {
        Step = step,
        Seconds = Math.Round(Seconds, 3),
        ImagesPerSecond = Math.Round(ImagesPerSecond, 1),
        TestImagesPerSecond = Math.Round(testImagesPerSecond, 1),
        PeakMemoryMib = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
    }));

    /// <summary>Goes on from the last line of the log.</summary>
    public void Resume()
    {
        if (!File.Exists(folder.Timing) || File.ReadLines(folder.Timing).LastOrDefault() is not { } line)
        {
            return;
        }

        try
        {
            using var entry = JsonDocument.Parse(line);
            _before = entry.RootElement.GetProperty("seconds").GetDouble();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new GpuCamException($"{folder.Timing}: '{line}' is no entry of a log; the file is damaged, remove it", e);
        }
    }
}
