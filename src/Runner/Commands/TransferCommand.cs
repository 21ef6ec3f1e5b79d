using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment transfer</c>: trains a new linear head on the features of a model.</summary>
internal static class TransferCommand
{
    public static Command Create()
    {
        var clutter = new Option<string?>(
            "--clutter")
        { Description = "set that fragments are cut from (default: the digits themselves)", HelpName = "SET" };
        var train = new Option<int>(
            "--train-images")
        { Description = "training images for the new head", DefaultValueFactory = _ => 20_000, HelpName = "N" };
        var epochs =
            new Option<int>("--epochs") { Description = "passes over their features", DefaultValueFactory = _ => 30, HelpName = "N" };
        var rate = new Option<float>("--lr") { Description = "highest learning rate", DefaultValueFactory = _ => 0.01f, HelpName = "RATE" };
        var also = new Option<string[]>(
            "--also")
        { Description = "another folder of photographs for the table; may be given again", HelpName = "DIR" };
        var output = new Option<string>("--out", "-o")
        {
            Description = "model file to write, for eval and cam; none for photographs", DefaultValueFactory = _ =>
            "transfer.safetensors", HelpName = "FILE"
        };
        var command = new Command(
            "transfer",
            "Keep a model's convolutions, train a new linear head on other data, and localise with the new head's weights; beside it the "
                + "same on convolutions that never learned anything. Of photographs: a table of how well features tell classes apart.")
        {
            clutter, train, epochs, rate, also, output,
        };
        var options = new ExperimentOptions(command, "test images", 10_000);
        command.SetAction(parsed =>
        {
            int images = options.Count(parsed);
            float peak = parsed.GetValue(rate);
            if (!(peak > 0 && float.IsFinite(peak)))
            {
                throw new GpuCamException(FormattableString.Invariant($"--lr {peak} is out of range; give a number above 0"));
            }

            var plan = new TransferOptions(
                ExperimentOptions.InRange(parsed, train, 1, 1_000_000), ExperimentOptions.InRange(parsed, epochs, 1, 10_000), peak,
                options.Data.Seed(parsed) ?? 1);
            if (parsed.GetValue(clutter) is { } set && !DigitSource.Names.Contains(set))
            {
                throw new GpuCamException($"--clutter {set} is not known; choose one of {string.Join(", ", DigitSource.Names)}");
            }

            if (parsed.GetValue(clutter) is not null && options.Data.Data(parsed) is not null)
            {
                throw new GpuCamException(
                    "--clutter and --data do not go together: images from a folder have their fragments already; leave --clutter out");
            }

            string file = parsed.GetRequiredValue(output);
            if (Path.GetFullPath(file) == Path.GetFullPath(options.Model(parsed)))
            {
                throw new GpuCamException($"--out {file} is the model itself; give another file");
            }

            if (Directory.Exists(file))
            {
                throw new GpuCamException($"--out {file} is a folder; give a file to write");
            }

            RankJob job = RankJob.OfProcess;
            using IDevice device = options.Open(parsed);
            using Execution start = options.Load(parsed, device);
            if (options.Photographs(parsed, start.Network, null) is { } photographs)
            {
                return PictureTransferText.Run(job, parsed, options, device, photographs, parsed.GetValue(also) ?? [], plan.Seed);
            }

            if (parsed.GetValue(also) is { Length: > 0 })
            {
                throw new GpuCamException("--also goes with --data and a network that takes photographs; give both, or leave it out");
            }

            Corpus corpus = options.OpenCorpus(parsed, start, plan.TrainImages, parsed.GetValue(clutter));
            var transfer = new Transfer(job, device, corpus, plan, Console.Error.WriteLine);
            var rows = new List<TransferRow>();
            if (start.Network.ClassNames.SequenceEqual(corpus.Test.ClassNames))
            {
                rows.Add(transfer.Test(start, "the model with its own head", null, images));
            }

            rows.Add(LearnAndTest(job, transfer, start, "the model with a new head", images, file));
            using (Execution untrained = Architectures.Create(device, start.Network.Config, plan.Seed))
            {
                rows.Add(LearnAndTest(job, transfer, untrained, "untrained convolutions, new head", images, null));
            }

            var result = new
            {
                Model = options.Model(parsed),
                Precision = DeviceCatalog.NameOf(device.Precision),
                Samples = corpus.Message,
                Options = plan,
                Rows = rows,
                Output = file,
            };
            return options.Print(parsed, result, () => Write(rows, plan, file));
        });
        return command;
    }

    private static TransferRow LearnAndTest(
        RankJob job, Transfer transfer, Execution start, string name, int images, string? file)
    {
        (Execution network, double trainAccuracy) = transfer.Learn(start);
        using (network)
        {
            if (file is not null)
            {
                job.OnFirst(() => AtomicFile.Write(file, stream => ModelFile.Save(stream, network)));
            }

            return transfer.Test(network, name, trainAccuracy, images);
        }
    }

    private static void Write(List<TransferRow> rows, TransferOptions options, string file)
    {
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"head trained on {options.TrainImages:N0} images, {options.Epochs} passes; tested on {rows[0].TestImages:N0}"));
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"",-36}{"train",9}{"test",9}{"boxes at 20 %",16}{"at a chosen threshold",24}{"pointing game",16}");
        foreach (TransferRow row in rows)
        {
            string chosen = row.ChosenGtKnown is null
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{row.ChosenGtKnown:0.0 %} ({row.ChosenThreshold:0.00})");
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Features,-36}{row.TrainAccuracy,9:0.00 %}{row.Accuracy,9:0.00 %}"
                + $"{row.GtKnown,16:0.0 %}{chosen,24}{row.PointingGame,16:0.0 %}"));
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine(file);
    }
}
