using System.Globalization;
using System.Text;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// What was found in every picture, as CSV: a row for each picture and map, in the pictures' order, and beside it a table of the figures.
/// Ranks that take batches by turns have a table each, until rank 0 gets the rows of all.
/// </summary>
internal sealed class PictureTable
{
    private const int Places = 5;
    private const double Found = 0.5;

    private static readonly string[] s_columns =
    [
        "image_id", "method", "layer", "weights", "label", "rank",
        "predicted_1", "predicted_2", "predicted_3", "predicted_4", "predicted_5",
        "threshold", "x0", "y0", "x1", "y1", "iou", "hit", "x0_20", "y0_20", "x1_20", "y1_20", "iou_20", "hit_20",
    ];

    private static readonly string[] s_figures =
    [
        "method", "layer", "weights", "images", "gt_known_20", "max_box_acc_chosen", "threshold_chosen", "max_box_acc_best",
        "threshold_best", "top1_error", "top5_error", "heuristic_error", "max_box_acc_v2_chosen", "max_box_acc_v2_best", "px_ap",
        "pointing_game", "energy_pointing_game",
    ];

    private readonly List<StringBuilder> _batches = [];
    private string[][] _batch = [];
    private int[] _indices = [];

    /// <summary>Rows of a batch follow.</summary>
    public void Begin() => _batches.Add(new StringBuilder());

    /// <summary>A batch whose rows follow.</summary>
    /// <param name="source">Where its samples come from.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="logits">What the network says, row by row.</param>
    /// <param name="ranks">The places of the true classes.</param>
    public void Begin(ISampleSource source, SampleBatch batch, ReadOnlySpan<float> logits, int[] ranks)
    {
        Begin();
        int classes = logits.Length / batch.Count;
        _indices = batch.Indices[..batch.Count];
        _batch = new string[batch.Count][];
        for (int n = 0; n < batch.Count; n++)
        {
            int[] top = Ranking.Top(logits.Slice(n * classes, classes), Places);
            string id = source.PictureOf(_indices[n])?.Id ?? Number(_indices[n]);
            _batch[n] =
            [
                id, source.ClassNames[batch.Labels[n]], Number(ranks[n] + 1),
                .. Enumerable.Range(0, Places).Select(place => place < top.Length ? NameOf(source, top[place]) : ""),
            ];
        }
    }

    /// <summary>What the maps of a row found in that batch.</summary>
    /// <param name="row">The maps.</param>
    /// <param name="threshold">The chosen threshold; null where there is none.</param>
    /// <param name="truths">What is true of the pictures.</param>
    /// <param name="found">What was found in them.</param>
    /// <param name="images">How many pictures of the set this row uses.</param>
    public void Add(MapRow row, double? threshold, PictureTruth[] truths, FoundBoxes[] found, int images)
    {
        for (int n = 0; n < truths.Length; n++)
        {
            if (_indices[n] < images)
            {
                string[] of = _batch[n];
                string cut = threshold is { } t ? Number(t) : "";
                Append(
                    [of[0], row.Name, row.Layer, row.Weights, .. of[1..], cut, .. Box(truths[n], found[n].Chosen, threshold is not null),
                    .. Box(truths[n], found[n].Paper, true)]);
            }
        }
    }

    /// <summary>Adds a picture of which a map alone is known.</summary>
    public void Add(DataPicture picture, string label, double? threshold, PictureTruth truth, FoundBoxes found) => Append(
        [picture.Id, ScoreMapResult.Method, "-", "-", label, .. Enumerable.Repeat("", 1 + Places), threshold is { } t ? Number(t) : "",
        .. Box(truth, found.Chosen, threshold is not null), .. Box(truth, found.Paper, true)]);

    /// <summary>Brings the rows of all ranks to rank 0, batch by batch in their order. Collective.</summary>
    public void Gather(RankJob job)
    {
        string[] own = [.. _batches.Select(rows => rows.ToString())];
        if (job.Gather(own) is { } all)
        {
            _batches.Clear();
            for (int batch = 0; batch / job.Size < all[batch % job.Size].Length; batch++)
            {
                _batches.Add(new StringBuilder(all[batch % job.Size][batch / job.Size]));
            }
        }
    }

    /// <summary>Writes the rows to the file, and the figures beside it: <c>NAME.table.csv</c>.</summary>
    public void Write(string path, IReadOnlyList<MapResult> maps)
    {
        AtomicFile.WriteAllText(path, string.Join(',', s_columns) + "\n" + string.Concat(_batches));
        var table = new StringBuilder(string.Join(',', s_figures) + "\n");
        foreach (MapResult map in maps)
        {
            if (map.Localisation is { } found)
            {
                LocalisationScore shown = found.Chosen ?? found.Paper;
                double?[] figures =
                [
                    found.Paper.GtKnown50, found.Chosen?.GtKnown50, found.Chosen?.Threshold, found.Best50.GtKnown50, found.Best50.Threshold,
                    1 - shown.Top1, 1 - shown.Top5, 1 - shown.Heuristic, found.ChosenAny?.Mean, found.BestAny.Mean,
                    found.PixelAveragePrecision, found.PointingGame, found.EnergyPointingGame,
                ];
                string[] cells = [map.Method, map.Layer, map.Weights, Number(found.Count)];
                table.Append(Line([.. cells, .. figures.Select(figure => figure is { } value ? Number(value) : "")]));
            }
        }

        AtomicFile.WriteAllText(Path.ChangeExtension(path, ".table.csv"), table.ToString());
    }

    private static IEnumerable<string> Box(PictureTruth truth, Box? box, bool measured)
    {
        if (!truth.IsKnown || !measured)
        {
            return Enumerable.Repeat("", 6);
        }

        double iou = truth.BestIou(box);
        IEnumerable<string> corners = box is { } at ? [Number(at.X0), Number(at.Y0), Number(at.X1), Number(at.Y1)]
            : Enumerable.Repeat("", 4);
        return [.. corners, Number(iou), iou >= Found ? "1" : "0"];
    }

    private static string NameOf(ISampleSource source, int index) =>
        index < source.ClassNames.Count ? source.ClassNames[index] : Number(index);

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);

    private void Append(IEnumerable<string> fields) => _batches[^1].Append(Line(fields));

    private static string Line(IEnumerable<string> fields) => DelimitedText.Line(fields, ',') + "\n";
}
