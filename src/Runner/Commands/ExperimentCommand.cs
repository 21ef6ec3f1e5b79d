using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary>
/// <c>gpucam experiment</c>: the experiments of the CAM paper that need a command of their own; docs/experiments.md has their figures.
/// </summary>
internal static partial class ExperimentCommand
{
    public static Command Create() => new("experiment", "The CAM paper's experiments on this data, one command each.")
    {
        CreateLookTwice(),
        CreateUnits(),
        CreateTransfer(),
    };

    private static Option<bool> JsonOption() => new("--json") { Description = "print one JSON object" };

    private static Option<int> CountOption(string description, int usual) =>
        new("--count", "-n") { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };

    private static int Checked(ParseResult parsed, Option<int> option, int least, int most)
    {
        int value = parsed.GetValue(option);
        return value >= least && value <= most
            ? value
            : throw new GpuCamException(
                string.Create(CultureInfo.InvariantCulture, $"{option.Name} {value} is out of range; give {least} to {most}"));
    }

    /// <summary>The test samples, which must be what the network was made for.</summary>
    private static ISampleSource OpenTest(ParseResult parsed, DataOptions data, Network network, string model, int count)
    {
        var corpus = Corpus.Open(data.TestOptions(parsed, network.Config, count), Console.Error.WriteLine);
        EvalCommand.CheckFit(network, corpus.Test, model);
        Console.Error.WriteLine($"{model}; {corpus.Message}");
        return corpus.Test;
    }

    private static void Row(string name, string value) => Console.Out.WriteLine($"{name,-44}{value}");

    private static string Percent(double share) => share.ToString("0.00 %", CultureInfo.InvariantCulture);
}
