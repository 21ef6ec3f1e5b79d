using System.CommandLine;
using GpuCam.Runner.Reports.Compare;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam compare</c>: several runs side by side.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("RUN") { Description = "run folders, two or more", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out", "-o")
        {
            Description = "page to write: curves, figures and settings",
            DefaultValueFactory = _ => "compare.html", HelpName = "FILE"
        };
        var json = new Option<bool>("--json") { Description = "print one JSON object instead of the table" };
        var command = new Command(
            "compare", "Compare runs: final figures, the settings that differ, and a page with their curves.") { runs, output, json };
        command.SetAction(parsed =>
        {
            string[] folders = parsed.GetRequiredValue(runs);
            if (folders.Length < 2)
            {
                throw new GpuCamException($"{folders[0]} alone cannot be compared; give two or more run folders");
            }

            var comparison = RunComparison.Of(ComparedRun.ReadAll(folders));
            string page = parsed.GetRequiredValue(output);
            ComparisonPage.WriteFile(page, comparison);
            Console.Error.WriteLine($"page: {Path.GetFullPath(page)}");
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(RunnerJson.Line(comparison.ToJson()));
            }
            else
            {
                ComparisonText.Write(Console.Out, comparison);
            }

            return CommandLine.Done;
        });
        return command;
    }
}
