using System.Globalization;
using Spectre.Console;

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

/// <summary>For terminals: a progress bar with loss, accuracy, speed and the time left under the lines.</summary>
internal sealed class TerminalDisplay : ITrainingDisplay
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public void Say(string line) => _console.WriteLine(line);

    public void Track(int firstStep, int lastStep, Action<Action<StepReport>> body) =>
        _console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left },
                new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("starting", maxValue: Math.Max(1, lastStep - firstStep));
                body(report =>
                {
                    task.Value = report.Step - firstStep;
                    task.Description = string.Create(
                        CultureInfo.InvariantCulture,
                        $"step {report.Step}/{lastStep} · loss {report.Loss:0.000} · accuracy {report.Accuracy:0.0 %} · "
                            + $"{report.ImagesPerSecond:0} images/s");
                });
            });
}

/// <summary>Chooses between the displays.</summary>
internal static class TrainingDisplay
{
    /// <summary>A bar where stderr is a terminal that can show one, else plain lines.</summary>
    public static ITrainingDisplay Create() =>
        Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb"
            || Environment.GetEnvironmentVariable("CI") is not null
            ? new PlainDisplay(Console.Error)
            : new TerminalDisplay();
}
