using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment transfer</c> on folders of photographs.</summary>
internal static class PictureTransferText
{
    /// <summary>Measures the folders, and prints the table.</summary>
    /// <param name="job">Who measures.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">Those of an experiment.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="first">The folder of <c>--data</c>.</param>
    /// <param name="others">Other folders, split in the same way; what was said of labels, boxes and classes is of the first alone.</param>
    /// <param name="seed">Seed of the weights that know nothing.</param>
    public static int Run(
        RankJob job, ParseResult parsed, ExperimentOptions options, IDevice device, PictureSetOptions first, IReadOnlyList<string> others,
        ulong seed)
    {
        var transfer = new PictureTransfer(job, device, options.Request(parsed), seed, Console.Error.WriteLine);
        PictureTransferRow[] rows =
        [
            .. others.Select(folder => first with { Folder = folder, Labels = null, Boxes = null, SkipClasses = [] }).Prepend(first)
                .SelectMany(folder => transfer.Run(folder, options.Count(parsed))),
        ];
        var result = new { Model = options.Model(parsed), Precision = DeviceCatalog.NameOf(device.Precision), Seed = seed, Rows = rows };
        return options.Print(parsed, result, () => Write(rows));
    }

    private static void Write(PictureTransferRow[] rows)
    {
        var table = new TextTable(2, "data", "features", "classes", "train", "test", "penalty", "right in training", "right",
            "mean of classes");
        foreach (PictureTransferRow row in rows)
        {
            table.Add(
                Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(row.Data))), row.Features, Number(row.Classes),
                Number(row.TrainPictures), Number(row.TestPictures), row.Penalty.ToString("0.######", CultureInfo.InvariantCulture),
                Percent(row.TrainAccuracy), Percent(row.Accuracy), Percent(row.MeanClassAccuracy));
        }

        table.Write(Console.Out);
        Console.Out.WriteLine();
        Console.Out.WriteLine(
            "a linear head on pooled features, fitted anew for each folder; untrained: the same network with random weights");
    }

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0.00 %", CultureInfo.InvariantCulture);
}
