using GpuCam.Model;

namespace GpuCam.Runner.Evaluation;

/// <summary>An evaluation for people.</summary>
internal static class EvaluationText
{
    public static void Write(TextWriter output, EvaluationResult result, EvaluationPlan plan, IReadOnlyList<string> classNames)
    {
        string top5 = result.Top5Accuracy is { } five ? $"    top-5 {five:0.00 %}" : "";
        output.WriteLine($"accuracy   {result.Accuracy:0.00 %} of {result.Images:N0} images{top5}    loss {result.Loss:0.0000}    "
            + $"{result.ImagesPerSecond:0} images/s");
        output.WriteLine();
        ConfusionText.Write(output, result, classNames);
        if (plan.Maps.Smoothing != CamSmoothing.None)
        {
            output.WriteLine($"maps were smoothed: --smooth {OptionNames.Smoothing.NameOf(plan.Maps.Smoothing)}");
        }

        WriteBoxes(output, result.Maps, result.Images, plan);
        if (result.Maps.Any(row => row.Faithfulness is not null))
        {
            WriteFaithfulness(output, result.Maps, plan);
        }

        WriteWarnings(output, result.Maps);
    }

    /// <summary>What was found of score maps without a network.</summary>
    public static void Write(TextWriter output, ScoreMapResult result, EvaluationPlan plan)
    {
        WriteBoxes(output, result.Maps, result.Images, plan);
        WriteWarnings(output, result.Maps);
    }

    private static void WriteBoxes(TextWriter output, IReadOnlyList<MapResult> maps, int images, EvaluationPlan plan)
    {
        if (!maps.Any(row => row.Localisation is not null))
        {
            if (plan.Boxes)
            {
                output.WriteLine("localisation   not measured: these samples have neither boxes nor masks");
            }

            return;
        }

        string heuristic = string.Join(',', plan.Heuristic.BoxesPerClass);
        long boxed = maps.Max(row => row.Localisation?.Count ?? 0);
        output.WriteLine("localisation by the maps of the true class, in % of the "
            + (boxed == 0 ? "pixels: no image has a box"
                : boxed < images ? $"{boxed:N0} of {images:N0} images that have a box" : "images"));
        if (plan.Rules == MapRules.Contours)
        {
            output.WriteLine("  by the rules of wsolevaluation: 224x224 pixels, 256 greys, outlines by what they enclose");
        }

        var table = new TextTable(
            2, "method", "layer", "images", "at 20 %", "chosen", "(t)", "best", "(t)", "top-1 err", "top-5 err", $"{heuristic} err",
            "V2 chosen", "V2 best", "PxAP", "pointing", "energy");
        foreach (MapResult row in maps)
        {
            if (row.Localisation is not { } found)
            {
                continue;
            }

            if (found.Count == 0)
            {
                table.Add([NameOf(row), row.Layer, .. Enumerable.Repeat("", 11), Percent(found.PixelAveragePrecision), "", ""]);
                continue;
            }

            LocalisationScore shown = found.Chosen ?? found.Paper;
            table.Add(
                NameOf(row), row.Layer, $"{found.Count}", Percent(found.Paper.GtKnown50), Percent(found.Chosen?.GtKnown50),
                Threshold(found.Chosen?.Threshold),
                Percent(found.Best50.GtKnown50), Threshold(found.Best50.Threshold), Percent(1 - shown.Top1), Percent(1 - shown.Top5),
                Percent(1 - shown.Heuristic),
                Percent(found.ChosenAny?.Mean), Percent(found.BestAny.Mean), Percent(found.PixelAveragePrecision),
                Percent(found.PointingGame), Percent(found.EnergyPointingGame));
        }

        table.Write(output);
        long? chosenOn = maps.Max(row => row.ValidationImages);
        output.WriteLine();
        output.WriteLine("  at 20 %: IoU >= 0.5 of the box around the largest part above 20 % of the map's maximum (GT-known)");
        if (chosenOn is not null)
        {
            output.WriteLine(
                $"  chosen: the same above t of the normalised map (MaxBoxAcc); t was the best on {chosenOn:N0} validation images, which "
                    + "are not among these");
        }

        output.WriteLine("  best: at the threshold that is best for these very images, so a bound rather than a result; V2: any part, "
            + "mean over IoU 0.3, 0.5, 0.7");
        output.WriteLine(
            $"  err: localisation error at {(chosenOn is null ? "20 %" : "t")}; PxAP: pixel average precision; pointing: pointing game "
            + "(maximum in the box); energy: share inside the box");
        output.WriteLine();
    }

    private static void WriteFaithfulness(TextWriter output, IReadOnlyList<MapResult> maps, EvaluationPlan plan)
    {
        output.WriteLine("faithfulness: what the true class's probability does when the image changes as the map says");
        var table = new TextTable(2, "method", "layer", "images", "avg drop", "increase", "deletion", "insertion", "ROAD", "MoRF", "LeRF");
        foreach (MapResult row in maps)
        {
            if (row.Faithfulness is { } found)
            {
                table.Add(
                    NameOf(row), row.Layer, $"{found.Count}", Percent(found.AverageDrop), Percent(found.IncreaseInConfidence),
                    $"{found.Deletion:0.000}",
                    $"{found.Insertion:0.000}", $"{found.Road:0.000}", $"{found.RoadMostRelevantFirst:0.000}",
                    $"{found.RoadLeastRelevantFirst:0.000}");
            }
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(
            $"  avg drop, deletion, MoRF: lower is better; increase, insertion, ROAD, LeRF: higher. Deletion and insertion on black, "
            + $"{plan.Steps} steps");
        output.WriteLine();
    }

    /// <summary>Names what is wrong with maps, so that no figure hides it.</summary>
    private static void WriteWarnings(TextWriter output, IReadOnlyList<MapResult> maps)
    {
        foreach (MapResult row in maps)
        {
            // Faithfulness may look at fewer images than localisation; with both, the latter says it.
            (long constant, long nonFinite, long nonPositive) = row switch
            {
                { Localisation: { } found } => (found.Constant, found.NonFinite, found.NonPositive),
                { Faithfulness: { } found } => (found.Constant, found.NonFinite, 0),
                _ => default,
            };
            if (constant + nonFinite + nonPositive == 0)
            {
                continue;
            }

            string meaning = row.Localisation is null ? "count as zeros" : "misses";
            string[] kinds = [
                constant > 0 ? $"{constant:N0} constant ({meaning})" : "",
                nonFinite > 0 ? $"{nonFinite:N0} not finite ({meaning})" : "",
                nonPositive > 0 ? $"{nonPositive:N0} nowhere above 0 (misses at 20 %)" : "",
            ];
            output.WriteLine($"maps of {NameOf(row)}{(row.Layer == "-" ? "" : $" at {row.Layer}")}: "
                    + $"{string.Join(", ", kinds.Where(kind => kind.Length > 0))}");
        }
    }

    private static string NameOf(MapResult row) => row.Weights == "random" ? $"{row.Method}, random network" : row.Method;

    private static string Percent(double? share) => share is { } value ? $"{100 * value:0.0}" : "";

    private static string Threshold(double? threshold) => threshold is { } value ? $"{value:0.000}" : "";
}
