using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>
/// The figures of the public evaluation code of arXiv 2001.07437 on the same maps, boxes and masks: Golden/localisation/expected.json,
/// which make.py beside it writes with that code.
/// </summary>
public sealed class PublicCodeTests : IDisposable
{
    private static readonly JsonElement s_expected = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/localisation/expected.json"))).RootElement;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Figures_by_its_rules_are_its_figures(int run)
    {
        JsonElement expected = s_expected.GetProperty("runs")[run];
        (int rows, int columns) = (expected.GetProperty("rows").GetInt32(), expected.GetProperty("columns").GetInt32());
        for (int i = 0; i < MadeMaps.Count; i++)
        {
            MadeMaps.Write(_folder[$"maps/test/{i}.jpg.npy"], MadeMaps.Map(i, rows, columns), rows, columns, single: i % 2 == 1);
        }

        int thresholds = (int)Math.Round(1 / expected.GetProperty("interval").GetDouble()) + 1;
        LocalisationResult boxes = Measure(thresholds, null), pixels = Measure(thresholds, _folder.Path);
        Equal(expected.GetProperty("max_box_acc"), boxes.Best50.GtKnown50);
        Equal(expected.GetProperty("px_ap"), pixels.PixelAveragePrecision!.Value);
        if (!expected.TryGetProperty("v2_each", out JsonElement limits))
        {
            return;     // all outlines at a thousand thresholds take the public code minutes
        }

        Equal(expected.GetProperty("max_box_acc_v2"), boxes.BestAny.Mean);
        AnyBoxScore[] each = [boxes.BestAny.Iou30, boxes.BestAny.Iou50, boxes.BestAny.Iou70];
        for (int i = 0; i < each.Length; i++)
        {
            Equal(limits[i], each[i].Share);
        }
    }

    [Fact]
    public void Boxes_by_its_rules_are_its_boxes()
    {
        double[] at = [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9];
        var contours = new GreyContours();
        for (int i = 0; i < MadeMaps.Count; i++)
        {
            byte[] grey = Array.ConvertAll(MadeMaps.Map(i, MadeMaps.Side, MadeMaps.Side), score => (byte)(score * 255));
            for (int k = 0; k < at.Length; k++)
            {
                JsonElement expected = s_expected.GetProperty("boxes")[i][k];
                contours.Find(grey, MadeMaps.Side, (int)(at[k] * grey.Max()));
                Box[] all = [.. contours.All().Select(Wider)];
                all = all.Length > 0 ? all : [default];
                Assert.Equal(Numbers(expected.GetProperty("largest")), Corners(contours.Largest() is { } box ? Wider(box) : default));
                Assert.Equal(expected.GetProperty("count").GetInt32(), all.Length);
                Assert.Equal(
                    Numbers(expected.GetProperty("sum")),
                    all.Select(Corners).Aggregate((sum, box) => [.. sum.Zip(box, (a, b) => a + b)]));
            }
        }
    }

    private static void Equal(JsonElement percent, double share) => Assert.Equal(percent.GetDouble(), 100 * share, 1e-9);

    private static Box Wider(Box box) =>
        box with { X1 = Math.Min(box.X1 + 1, MadeMaps.Side - 1), Y1 = Math.Min(box.Y1 + 1, MadeMaps.Side - 1) };

    private static int[] Corners(Box box) => [box.X0, box.Y0, box.X1, box.Y1];

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    private LocalisationResult Measure(int thresholds, string? maskFolder)
    {
        DataPicture[] pictures = [.. Enumerable.Range(0, MadeMaps.Count).Select(i => MadeMaps.Picture(i, maskFolder))];
        var plan = new EvaluationPlan { Rules = MapRules.Contours, Thresholds = thresholds, Pixels = true };
        var maps = ScoreMapFolder.ToRead(_folder["maps"], plan.Rules);
        var evaluation = new ScoreMapEvaluation(RankJob.Alone, maps, plan, ["object"], line => Assert.Fail(line));
        return evaluation.Run(pictures, []).Maps[0].Localisation!;
    }
}
