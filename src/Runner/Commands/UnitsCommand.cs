using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment units</c>: shows what the units of the pooled layer see.</summary>
internal static class UnitsCommand
{
    public static Command Create()
    {
        var name =
            new Option<string>("--class") { Description = "class whose weights rank the units", HelpName = "CLASS", Required = true };
        var units = new Option<int>(
            "--units")
        { Description = "units to show, largest weight first", DefaultValueFactory = _ => 5, HelpName = "N" };
        var top = new Option<int>("--top") { Description = "images to show for each", DefaultValueFactory = _ => 8, HelpName = "N" };
        var output = new Option<string>("--out", "-o")
        {
            Description = "folder for units_CLASS.png and units_CLASS.json",
            DefaultValueFactory = _ => "units", HelpName = "DIR"
        };
        var command = new Command(
            "units",
            "Show what the units of the pooled layer see: those that speak most for a class, each with the images and the regions in them "
                + "that excite it most.")
        {
            name, units, top, output,
        };
        var options = new ExperimentOptions(command, "test images to look through", 2000);
        command.SetAction(parsed =>
        {
            int images = options.Count(parsed);
            using IDevice device = options.Open(parsed);
            using Execution network = options.Load(parsed, device);
            int classIndex = new ClassTable(network.Network.ClassNames).IndexOf(parsed.GetRequiredValue(name));
            int wanted = ExperimentOptions.InRange(parsed, units, 1, UnitExperiment.CountOf(network.Network));
            int each = ExperimentOptions.InRange(parsed, top, 1, 100);
            ISampleSource source = options.OpenTest(parsed, network);
            string file = string.Create(CultureInfo.InvariantCulture, $"units_{classIndex}");
            RankJob job = RankJob.OfProcess;
            using var experiment = new UnitExperiment(job, network, source, classIndex, wanted, each);
            UnitResults? results = experiment.Run(images, options.Model(parsed), $"{file}.png");
            job.OnFirst(() =>
            {
                string folder = parsed.GetRequiredValue(output);
                using var held = FolderLock.Take(folder);
                PngWriter.WriteFile(Path.Combine(folder, $"{file}.png"), UnitPicture.Draw(results!, source));
                AtomicFile.WriteAllText(Path.Combine(folder, $"{file}.json"), RunnerJson.Pretty(results) + "\n");
                options.Print(parsed, results!, () => Write(results!, folder));
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(UnitResults results, string folder)
    {
        string region = results.RegionThreshold is null ? "" : " (regions: above half of the unit's maximum)";
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"class {Printable.Line(results.Class)}, layer {results.Layer}, receptive field {results.Field.Size}x{results.Field.Size}"
                + $"{region}, {results.Images:N0} test images"));
        Console.Out.WriteLine();
        Console.Out.WriteLine("unit   weight   mean in class   elsewhere   most exciting images: of the class   on the target");
        foreach (UnitResult unit in results.Units)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{unit.Unit,4}{unit.Weight,9:0.00}{unit.MeanInClass,16:0.0000}{unit.MeanElsewhere,12:0.0000}"
                + $"{unit.OfClass,36:0 %}{unit.OnTarget,16:0 %}"));
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine(Path.Combine(folder, results.Picture));
    }
}
