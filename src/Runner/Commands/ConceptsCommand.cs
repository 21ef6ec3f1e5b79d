using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment concepts</c>: where attributes or words are seen in pictures.</summary>
internal static class ConceptsCommand
{
    public static Command Create()
    {
        var table = new Option<string>("--table")
        {
            Description = "lines of 'picture TAB concept TAB concept', paths below the table's folder or --data", HelpName = "FILE",
            Required = true,
        };
        var data = new Option<string?>("--data") { Description = "folder that the table's paths are in", HelpName = "DIR" };
        Option<string?> orientation = PictureOptions.Orientation();
        var penalty = new Option<double>(
            "--penalty")
        { Description = "of large weights, 0.01 or so", DefaultValueFactory = _ => 0.1, HelpName = "X" };
        var least = new Option<int>("--least")
        {
            Description = "pictures with a concept, and without it, to learn from, and as many to test on; others are left out",
            DefaultValueFactory = _ => 5, HelpName = "N",
        };
        var top = new Option<int>("--top") { Description = "pictures to draw for each", DefaultValueFactory = _ => 8, HelpName = "N" };
        var seed = new Option<ulong>(
            "--seed")
        { Description = "seed of the split: 70 % to learn from", DefaultValueFactory = _ => 1, HelpName = "N" };
        var output = new Option<string>("--out", "-o")
        {
            Description = "folder for concepts.json and a picture of each concept", DefaultValueFactory = _ => "concepts", HelpName = "DIR",
        };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command(
            "concepts",
            "Show where concepts are seen: for each attribute or word of a table a linear head that tells pictures with it from all "
                + "others, and the maps of what belongs to it in those that it scores highest.")
        {
            table, data, orientation, penalty, least, top, seed, output, json,
        };
        var model = new ModelOptions(command, anyNetwork: true);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            double lambda = parsed.GetValue(penalty);
            if (!(lambda > 0 && double.IsFinite(lambda)))
            {
                throw new GpuCamException(FormattableString.Invariant($"--penalty {lambda} is out of range; give a number above 0"));
            }

            var plan = new ConceptOptions(
                lambda, ExperimentOptions.InRange(parsed, least, 1, 1_000_000), ExperimentOptions.InRange(parsed, top, 1, 100),
                parsed.GetValue(seed));
            string file = parsed.GetRequiredValue(table), folder = parsed.GetRequiredValue(output);
            var concepts = ConceptTable.Read(file, parsed.GetValue(data));
            ImageOrientation upright = OptionNames.Orientation.Parse(parsed.GetValue(orientation) ?? "exif");
            using IDevice device = devices.Open(parsed);
            RankJob job = RankJob.OfProcess;
            using FolderLock? held = job.Together(() => job.IsFirst ? FolderLock.Take(folder) : null);
            var experiment =
                new ConceptExperiment(job, device, model.Request(parsed, null), concepts, upright, plan, Console.Error.WriteLine);
            ConceptResults? results = experiment.Run(model.Path(parsed), file, folder);
            job.OnFirst(() =>
            {
                AtomicFile.WriteAllText(Path.Combine(folder, "concepts.json"), RunnerJson.Pretty(results) + "\n");
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(RunnerJson.Line(results));
                }
                else
                {
                    Write(results!, folder);
                }
            });
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(ConceptResults results, string folder)
    {
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Concepts.Count} concepts, learned from {results.TrainPictures:N0} pictures, tested on {results.TestPictures:N0}; "
                + $"average precision {results.MeanAveragePrecision:0.0 %} in the mean"));
        Console.Out.WriteLine();
        var table = new TextTable(1, "concept", "to learn", "to test", "by chance", "average precision", "picture");
        foreach (ConceptResult concept in results.Concepts.OrderByDescending(concept => concept.AveragePrecision))
        {
            table.Add(
                Printable.Name(concept.Name, 30), $"{concept.TrainPictures}", $"{concept.TestPictures}",
                Percent((double)concept.TestPictures / results.TestPictures), Percent(concept.AveragePrecision),
                Path.Combine(folder, concept.Picture));
        }

        table.Write(Console.Out);
        if (results.LeftOut.Count > 0)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(Printable.Line($"{results.LeftOut.Count} concepts with too few pictures are left out (--least)"));
        }
    }

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
