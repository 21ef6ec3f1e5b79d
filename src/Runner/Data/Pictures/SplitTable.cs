using System.Globalization;
using System.Text;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// Writes a set down as a table that <see cref="LabelTable"/> reads to the same set: classes, then file, label and split of each picture,
/// and its boxes and masks where the set has any.
/// </summary>
internal static class SplitTable
{
    /// <summary>What it is called.</summary>
    public const string FileName = "split.tsv";

    private const char Separator = '\t';

    /// <summary>Writes a file.</summary>
    /// <exception cref="GpuCamException">It cannot be written.</exception>
    public static void Write(string path, PictureSet set) => AtomicFile.WriteAllText(path, Text(set));

    /// <summary>The table.</summary>
    public static string Text(PictureSet set)
    {
        IReadOnlyList<DataPicture> all = set.All;
        bool boxes = all.Any(picture => picture.Boxes.Count > 0), masks = all.Any(picture => picture.Masks.Count > 0);
        var text = new StringBuilder();
        Append(text, [LabelTable.ClassesMark, .. set.ClassNames]);
        string[] places = [.. boxes ? (string[])["x0", "y0", "x1", "y1"] : [], .. masks ? (string[])["mask", "ignore"] : []];
        Append(text, ["file", "label", "split", .. places]);
        foreach (PictureSplit split in Enum.GetValues<PictureSplit>())
        {
            foreach (DataPicture picture in set.Of(split))
            {
                string[] name = [picture.Id, set.ClassNames[picture.Label], SplitNames.Of(split)];
                for (int i = 0; i < Math.Max(1, Math.Max(picture.Boxes.Count, picture.Masks.Count)); i++)
                {
                    string[] box = boxes ? Corners(i < picture.Boxes.Count ? picture.Boxes[i] : null) : [];
                    string[] mask = !masks ? [] : i < picture.Masks.Count
                        ? [PictureIds.Of(set.Folder, picture.Masks[i]), IgnoreMask(set, picture)] : ["", ""];
                    Append(text, [.. name, .. box, .. mask]);
                }
            }
        }

        return text.ToString();
    }

    private static string[] Corners(Box? box) =>
        box is { } known ? [.. new[] { known.X0, known.Y0, known.X1, known.Y1 }.Select(side => side.ToString(CultureInfo.InvariantCulture))]
        : ["", "", "", ""];

    private static string IgnoreMask(PictureSet set, DataPicture picture) =>
        picture.IgnoreMask is null ? "" : PictureIds.Of(set.Folder, picture.IgnoreMask);

    private static void Append(StringBuilder text, IEnumerable<string> fields) =>
        text.Append(DelimitedText.Line(fields, Separator)).Append('\n');
}
