using System.CommandLine;
using System.Globalization;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam data show</c>: what a folder of pictures holds, and what is wrong with it.</summary>
internal static class DataShowCommand
{
    private const int MostListed = 20;

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "folder of pictures: a folder per class, or with a table of labels" };
        var sheet = new Option<string?>("--sheet")
        {
            Description = "write a contact sheet, PNG: a row of pictures for each class, with their boxes", HelpName = "FILE",
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "seed of the split, where the folder makes none", HelpName = "N", DefaultValueFactory = _ => 1,
        };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command("show", "Show a folder of pictures: layout, classes, splits, sizes, boxes, duplicates, broken files.")
        {
            folder, sheet, seed, json,
        };
        var pictures = new PictureSetOptionSet(command, broken: false);
        command.SetAction(parsed =>
        {
            PictureSetOptions options = pictures.Read(parsed, parsed.GetRequiredValue(folder), parsed.GetValue(seed)) with
            {
                SkipBroken = true,
            };
            var set = PictureSet.Open(options, Console.Error.WriteLine);
            var summary = PictureSummary.Of(set);
            if (parsed.GetValue(sheet) is { } file)
            {
                PngWriter.WriteFile(file, PictureSheet.Draw(set, options.Orientation, Console.Error.WriteLine));
                Console.Error.WriteLine($"sheet    {file}");
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(RunnerJson.Line(summary));
            }
            else
            {
                Write(summary);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(PictureSummary summary)
    {
        Line($"folder   {summary.Folder}, {summary.Layout}");
        int all = summary.Train + summary.Validation + summary.Test;
        Line($"pictures {all:N0}: {summary.Train:N0} train, {summary.Validation:N0} validation, {summary.Test:N0} test");
        Line($"sizes    {summary.Smallest} to {summary.Largest}, half of them up to {summary.Median}");
        Line($"boxes    {summary.Boxes:N0} in {summary.BoxedPictures:N0} pictures; {summary.MaskedPictures:N0} pictures have masks");
        WriteDuplicates(summary);
        Line($"broken   {(summary.Broken.Count == 0 ? "none" : $"{summary.Broken.Count:N0}, listed above")}");
        Line($"classes  {summary.Classes.Count:N0}");
        int width = Math.Max(8, summary.Classes.Max(of => of.Name.Length));
        Line($"");
        Line($"{"class".PadRight(width)}{"train",9}{"validation",12}{"test",9}");
        foreach (ClassCounts of in summary.Classes)
        {
            Line($"{Printable.Line(of.Name).PadRight(width)}{of.Train,9:N0}{of.Validation,12:N0}{of.Test,9:N0}");
        }
    }

    private static void WriteDuplicates(PictureSummary summary)
    {
        int leaks = summary.Duplicates.Count(same => same.Leaks);
        Line($"same     {(summary.Duplicates.Count == 0 ? "no two files have the same bytes"
            : $"{summary.Duplicates.Count:N0} groups of files with the same bytes")}");
        foreach (SamePictures same in summary.Duplicates.Take(MostListed))
        {
            string labels = same.Labels > 1 ? $"  ({same.Labels} CLASSES)" : "";
            Line($"{(same.Leaks ? "  TESTED TOO: " : "  ")}{Printable.Line(string.Join(" = ", same.Pictures))}{labels}");
        }

        if (summary.Duplicates.Count > MostListed)
        {
            Line($"  and {summary.Duplicates.Count - MostListed:N0} more");
        }

        if (leaks > 0)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"WARNING: {leaks:N0} pictures are learnt from and tested on; their tests show what was memorised: delete one of each"));
        }
    }

    private static void Line(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
