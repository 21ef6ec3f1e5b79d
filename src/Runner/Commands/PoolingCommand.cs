using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment pooling</c>: average against maximum, on the same features.</summary>
internal static class PoolingCommand
{
    public static Command Create()
    {
        var train = new Option<int>(
            "--train-images")
        { Description = "training images for the heads, at most", DefaultValueFactory = _ => 20_000, HelpName = "N" };
        var command = new Command(
            "pooling",
            "Compare global average with global max pooling: a linear head on each of both poolings of the same last feature maps, by "
                + "what it names and where its maps point.")
        {
            train,
        };
        var options = new ExperimentOptions(command, "test images", 10_000);
        command.SetAction(parsed =>
        {
            int images = options.Count(parsed);
            int learned = ExperimentOptions.InRange(parsed, train, 1, 1_000_000);
            using IDevice device = options.Open(parsed);
            Corpus corpus;
            using (Execution network = options.Load(parsed, device))
            {
                PooledFeatures.LayerOf(network.Network);
                corpus = options.OpenCorpus(parsed, network, learned);
            }

            var experiment = new PoolingExperiment(
                RankJob.OfProcess, device, options.Request(parsed), corpus, learned, Console.Error.WriteLine);
            IReadOnlyList<PoolingRow> rows = experiment.Run(images);
            var result = new
            {
                Model = options.Model(parsed),
                Precision = DeviceCatalog.NameOf(device.Precision),
                Samples = corpus.Message,
                Rows = rows,
            };
            return options.Print(parsed, result, () => Write(rows));
        });
        return command;
    }

    private static void Write(IReadOnlyList<PoolingRow> rows)
    {
        var table = new TextTable(
            1, "pooling", "penalty", "right in training", "right", "mean of classes", "images", "with a box", "boxes at 20 %",
            "at a chosen threshold", "pointing game");
        foreach (PoolingRow row in rows)
        {
            string chosen = row.ChosenGtKnown is null ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{row.ChosenGtKnown:0.0 %} ({row.ChosenThreshold:0.00})");
            table.Add(
                row.Pooling, row.Penalty.ToString("0.######", CultureInfo.InvariantCulture), Percent(row.TrainAccuracy),
                Percent(row.Accuracy), Percent(row.MeanClassAccuracy), row.TestImages.ToString("N0", CultureInfo.InvariantCulture),
                row.BoxImages?.ToString("N0", CultureInfo.InvariantCulture) ?? "", Percent(row.GtKnown), chosen,
                Percent(row.PointingGame));
        }

        table.Write(Console.Out);
        if (rows[0].BoxImages is null)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine("localisation   not measured: these images have no boxes");
        }
    }

    private static string Percent(double? share) => share is { } value ? value.ToString("0.00 %", CultureInfo.InvariantCulture) : "";
}
