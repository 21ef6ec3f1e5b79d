using System.CommandLine;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam report</c>: a run folder, or a folder of maps, as one HTML file to look at.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "run folder of train, or folder of maps of cam" };
        var cams =
            new Option<string[]>("--cams")
            {
                Description = "also compare the methods and layers in this folder of gpucam cam (may be "
                + "repeated)", HelpName = "DIR"
            };
        var output = new Option<string?>(
            "--out", "-o")
        { Description = "the file to write (default: report.html, or cam.html, in DIR)", HelpName = "FILE" };
        var command = new Command("report",
            "Write a run as one HTML page: curves, maps through training, confusion, settings. It opens from disk and needs no network.")
        {
            folder, cams, output,
        };
        command.SetAction(parsed =>
        {
            string root = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(root))
            {
                throw new GpuCamException($"{root}: there is no such folder; give the --out folder of gpucam train or gpucam cam");
            }

            var run = new RunFolder(root);
            bool onlyMaps = !File.Exists(run.RunJson) && !File.Exists(run.Metrics)
                && File.Exists(Path.Combine(root, CamReport.ManifestName));
            string path = onlyMaps
                ? CamReport.Write(root, parsed.GetValue(output))
                : RunReport.Write(run, parsed.GetValue(cams) ?? [], parsed.GetValue(output));
            Console.Out.WriteLine(path);
            return CommandLine.Done;
        });
        return command;
    }
}
