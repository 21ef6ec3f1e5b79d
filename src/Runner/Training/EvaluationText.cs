using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>An evaluation for people.</summary>
internal static class EvaluationText
{
    public static void Write(TextWriter output, EvaluationResult result, IReadOnlyList<string> classNames)
    {
        Line(output, $"accuracy   {result.Accuracy:0.00 %} of {result.Images:N0} images    loss {result.Loss:0.0000}    {result.ImagesPerSecond:0} images/s");
        output.WriteLine();
        WriteConfusion(output, result, classNames);
        if (result.Localisation is not { } found)
        {
            output.WriteLine();
            output.WriteLine("localisation   not measured: these samples have no boxes (boxes.csv)");
            return;
        }

        output.WriteLine();
        output.WriteLine("localisation (box of the largest part of the true class's map)    IoU 0.5   IoU 0.3   top-1, IoU 0.5");
        WriteScore(output, string.Create(CultureInfo.InvariantCulture, $"paper's threshold, {found.Paper.Threshold:0 %} of the maximum"), found.Paper);
        WriteScore(output, string.Create(CultureInfo.InvariantCulture, $"best threshold for IoU 0.5, {found.Best50.Threshold:0.00}"), found.Best50);
        WriteScore(output, string.Create(CultureInfo.InvariantCulture, $"best threshold for IoU 0.3, {found.Best30.Threshold:0.00}"), found.Best30);
        output.WriteLine();
        Line(output, $"pointing game   {found.PointingGame:0.00 %} of the maps have their maximum in the true box");
        if (found.Constant + found.NonFinite > 0)
            Line(output, $"{found.Constant + found.NonFinite:N0} maps are constant or not finite and count as misses");
    }

    private static void WriteScore(TextWriter output, string name, LocalisationScore score) =>
        Line(output, $"  {name,-62}{score.GtKnown50,8:0.0 %}  {score.GtKnown30,8:0.0 %}  {score.Top1,8:0.0 %}");

    private static void WriteConfusion(TextWriter output, EvaluationResult result, IReadOnlyList<string> classNames)
    {
        int name = Math.Max(5, classNames.Max(n => n.Length));
        int cell = Math.Max(5, result.Confusion.Max(row => row.Max()).ToString("N0", CultureInfo.InvariantCulture).Length + 1);
        output.WriteLine($"{"true".PadRight(name)}  right    predicted as");
        output.WriteLine($"{"".PadRight(name + 7)}{string.Concat(classNames.Select(n => (n.Length < cell ? n : n[..(cell - 1)]).PadLeft(cell)))}");
        for (int label = 0; label < classNames.Count; label++)
        {
            string right = result.ClassAccuracy[label] is { } share ? share.ToString("0.0 %", CultureInfo.InvariantCulture) : "none";
            string counts = string.Concat(result.Confusion[label].Select(count => (count == 0 ? "·" : count.ToString("N0", CultureInfo.InvariantCulture)).PadLeft(cell)));
            output.WriteLine($"{classNames[label].PadRight(name)}{right.PadLeft(7)}{counts}");
        }
    }

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
