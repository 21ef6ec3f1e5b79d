using System.Diagnostics;
using System.Globalization;

namespace GpuCam.Runner.Training;

/// <summary>How training stands after a step.</summary>
internal readonly record struct StepReport(int Step, double Loss, double Accuracy, double ImagesPerSecond);

/// <summary>What the user sees of a training run, on stderr.</summary>
internal interface ITrainingDisplay
{
    /// <summary>Prints a line of its own.</summary>
    void Say(string line);

    /// <summary>Runs <paramref name="body"/> and shows the steps it reports.</summary>
    void Track(int firstStep, int lastStep, Action<Action<StepReport>> body);
}

/// <summary>For logs and pipes: only the lines, one per evaluation.</summary>
internal sealed class PlainDisplay(TextWriter output) : ITrainingDisplay
{
    public void Say(string line)
    {
        output.WriteLine(line);
        output.Flush();
    }

    public void Track(int firstStep, int lastStep, Action<Action<StepReport>> body) => body(_ => { });
}

/// <summary>
/// For terminals: under the lines a bar with loss, accuracy, speed and the time left, as long as the terminal is wide enough for one.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="columns">Its width at the moment.</param>
internal sealed class TerminalDisplay(TextWriter output, Func<int> columns) : ITrainingDisplay
{
    /// <summary>In fewer columns a bar says nothing.</summary>
    public const int Narrowest = 40;

    private const int BarWidth = 24;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(0.1);
    private bool _shown;

    public void Say(string line)
    {
        Erase();
        output.WriteLine(line);
        output.Flush();
    }

    public void Track(int firstStep, int lastStep, Action<Action<StepReport>> body)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan drawn = -s_pause;
        try
        {
            body(report =>
            {
                if (clock.Elapsed - drawn < s_pause)
                {
                    return;
                }

                drawn = clock.Elapsed;
                double share = (double)(report.Step - firstStep) / Math.Max(1, lastStep - firstStep);
                Draw(Text(report, lastStep, share, drawn.TotalSeconds * (1 - share) / Math.Max(1e-9, share)));
            });
        }
        finally
        {
            Erase();
            output.Flush();
        }
    }

    private static string Text(StepReport report, int lastStep, double share, double seconds)
    {
        var left = TimeSpan.FromSeconds(Math.Min(seconds, 999 * 3600));
        int full = (int)Math.Clamp(BarWidth * share, 0, BarWidth);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{new string('━', full)}{new string('─', BarWidth - full)} step {report.Step}/{lastStep} · loss {report.Loss:0.000} · "
                + $"accuracy {report.Accuracy:0.0 %} · {report.ImagesPerSecond:0} images/s · {(long)left.TotalHours}:{left:mm\\:ss} left");
    }

    /// <summary>Shows the bar, cut to the terminal's width; the last column stays free, so that no terminal begins a new line.</summary>
    private void Draw(string text)
    {
        int width = columns();
        if (width < Narrowest)
        {
            Erase();
            return;
        }

        output.Write($"\r{text[..Math.Min(text.Length, width - 1)]}\u001b[K");
        output.Flush();
        _shown = true;
    }

    private void Erase()
    {
        if (_shown)
        {
            output.Write("\r\u001b[K");
            _shown = false;
        }
    }
}

/// <summary>Chooses between the displays.</summary>
internal static class TrainingDisplay
{
    /// <summary>A bar where stderr is a terminal that can show one, else plain lines.</summary>
    public static ITrainingDisplay Create() =>
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb"
            || Environment.GetEnvironmentVariable("CI") is not null
            ? new PlainDisplay(Console.Error)
            : new TerminalDisplay(Console.Error, Columns);

    /// <summary>The terminal's width at the moment; 0 where nobody knows.</summary>
    private static int Columns()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
