using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>
/// What a run that trains a head alone leaves in its folder. <c>last.safetensors</c> comes last: it says that the run is complete.
/// </summary>
internal sealed class HeadRunFiles(
    TrainSettings settings, PictureSet set, RunFolder folder, BaseFile known, Execution network)
{
    /// <summary>Writes the figures, the best model, and maps that it makes of test pictures.</summary>
    /// <param name="head">The head.</param>
    /// <param name="entries">Every fit.</param>
    /// <param name="test">What the head says of the test pictures.</param>
    /// <param name="say">Hears what cannot be drawn.</param>
    public EvaluationResult Write(HeadWeights head, IReadOnlyList<HeadEntry> entries, Classification test, Action<string> say)
    {
        EvaluationResult result = Result(test);
        AtomicFile.WriteAllText(folder.Metrics, string.Concat(entries.Select(entry => RunnerJson.Line(entry) + "\n")));
        EvaluationRecord.Write(folder, entries[^1].Step, set.ClassNames, result);
        ConfusionSvg.WriteFile(folder.File("confusion.svg"), result.Confusion!, set.ClassNames);
        HeadCurve.Write(folder, entries);
        HeadNetwork.SetHead(network, head);
        AtomicFile.WriteAllBytes(folder.Best, Bytes(head, entries[^1]));
        DrawMaps(say);
        return result;
    }

    /// <summary>Writes what the clock said, and the last model.</summary>
    public void Finish(HeadWeights head, HeadEntry last, double seconds, FeaturePass pass)
    {
        double speed = Math.Round(pass.Done / Math.Max(1e-9, pass.Seconds), 1);
        AtomicFile.WriteAllText(folder.Timing, RunnerJson.Line(new
        {
            last.Step,
            Seconds = Math.Round(seconds, 3),
            ImagesPerSecond = speed,
            TestImagesPerSecond = speed,
            PeakMemoryMib = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
        }) + "\n");
        AtomicFile.WriteAllBytes(folder.Last, Bytes(head, last));
    }

    private EvaluationResult Result(Classification test) => new()
    {
        Images = (int)test.Count,
        Accuracy = test.Accuracy,
        Loss = test.MeanLoss,
        ClassAccuracy = [.. Enumerable.Range(0, test.ClassCount).Select(test.AccuracyOf)],
        Top5Accuracy = test.ClassCount > 10 ? test.Top5 : null,
        Confusion = [.. Enumerable.Range(0, test.ClassCount)
            .Select(label => (long[])[.. Enumerable.Range(0, test.ClassCount).Select(p => test.Confusion(label, p))])],
        ImagesPerSecond = null,
        Precision = DeviceCatalog.NameOf(network.Device.Precision),
        Maps = [],
    };

    private byte[] Bytes(HeadWeights head, HeadEntry last)
    {
        Preprocessing preprocessing = network.Network.Preprocessing!;
        var file = new HeadFile(head, set.ClassNames, known.Name, known.Sha256, network.Graph.Output.Producer!.Inputs[0].Name)
        {
            Preprocessing = preprocessing with { MeanImage = null },
            HasMeanImage = preprocessing.MeanImage is not null,
            Notes = new Dictionary<string, string>
            {
                ["gpucam.step"] = last.Step.ToString(CultureInfo.InvariantCulture),
                ["gpucam.data"] = Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Folder)),
                ["gpucam.train_images"] = last.Images.ToString(CultureInfo.InvariantCulture),
                ["gpucam.penalty"] = last.Penalty.ToString("R", CultureInfo.InvariantCulture),
                ["gpucam.test_class_accuracy"] = last.TestClassAccuracy!.Value.ToString("R", CultureInfo.InvariantCulture),
            },
        };
        using var stream = new MemoryStream();
        file.Save(stream);
        return stream.ToArray();
    }

    /// <summary>Maps of the predicted class of test pictures, evenly spread, as <c>gpucam cam</c> draws them.</summary>
    private void DrawMaps(Action<string> say)
    {
        int count = Math.Min(settings.Heatmaps, set.Test.Count);
        if (count == 0 || network.Network.DefaultValue is null)
        {
            return;
        }

        ListedPicture[] pictures = [.. Enumerable.Range(0, count).Select(i => set.Test[(int)((long)i * set.Test.Count / count)])
            .Select(picture => new ListedPicture(picture.Path, picture.Id))];
        var options = new CamOptions
        {
            Output = folder.File("cams"),
            Top = 1,
            Side = 320,
            Orientation = OptionNames.Orientation.Parse(settings.Orientation),
            Resize = OptionNames.Resize.Parse(settings.Resize),
            Look = new HeatmapOptions { Background = settings.ShownBackground },
        };
        using var drawing = new CamDrawing(RankJob.Alone, network, options, say);
        CamManifest manifest = drawing.DrawAll(pictures, folder.Best)!;
        CamReport.Write(options.Output, manifest);
    }
}
