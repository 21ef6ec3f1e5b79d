using System.CommandLine;
using System.Globalization;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam train</c> that say when it ends.</summary>
internal sealed class LengthOptions
{
    private readonly Option<int?> _steps = new("--steps") { Description = "steps in all, 1 or more", HelpName = "N" };
    private readonly Option<double?> _epochs =
        new("--epochs")
        {
            Description = "the same in passes over the training pictures of --data, or over 70,000 images, above 0",
            HelpName = "N",
        };
    private readonly Option<string?> _time =
        new("--time")
        {
            Description = "stop after this much training: 90s, 5m, 1h; such a run is not repeatable bit for bit",
            HelpName = "TIME"
        };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_steps, _epochs, _time];

    /// <summary>The time limit, or null.</summary>
    public TimeSpan? TimeLimit(ParseResult parsed)
    {
        if (parsed.GetValue(_time) is not { } text)
        {
            return null;
        }

        double seconds = text.Length > 1 && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value * (text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => double.NaN })
            : double.NaN;
        return seconds is > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : throw new GpuCamException($"--time {text} is not understood; give for example 90s, 5m or 1h");
    }

    /// <summary>Passes over pictures become steps when the pictures are known; over generated samples, which are endless, now.</summary>
    public TrainSettings Apply(ParseResult parsed, TrainSettings start, int batch)
    {
        if (parsed.GetValue(_steps) is not null && parsed.GetValue(_epochs) is not null)
        {
            throw new GpuCamException("--steps and --epochs say the same thing; give one of them");
        }

        if (parsed.GetValue(_epochs) is not { } epochs)
        {
            return parsed.GetValue(_steps) is { } steps ? start with { Steps = steps, Epochs = 0 } : start;
        }

        return start.Data is null ? start with { Steps = StepsOf(epochs, batch) }
            : epochs > 0 && double.IsFinite(epochs) ? start with { Epochs = epochs, Steps = epochs == start.Epochs ? start.Steps : 0 }
            : throw new GpuCamException(FormattableString.Invariant($"--epochs {epochs} is out of range; give a number above 0"));
    }

    private static int StepsOf(double epochs, int batch)
    {
        const int Epoch = 70_000;
        double steps = Math.Ceiling(epochs * Epoch / Math.Max(1, batch));
        return steps is >= 1 and <= int.MaxValue
            ? (int)steps
            : throw new GpuCamException(FormattableString.Invariant($"--epochs {epochs} is out of range; give a number above 0"));
    }
}
