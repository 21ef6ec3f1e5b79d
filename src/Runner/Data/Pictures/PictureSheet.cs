using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>A contact sheet: a row of pictures for each class, with their boxes.</summary>
internal static class PictureSheet
{
    private const int Side = 96;
    private const int PerClass = 8;
    private const int MostClasses = 400;
    private static readonly Rgb s_box = new(255, 0, 255);

    /// <summary>The first pictures of each class, those to learn from first.</summary>
    /// <param name="set">The set.</param>
    /// <param name="orientation">Which way up pictures are read.</param>
    /// <param name="report">Gets a line where classes are left out.</param>
    public static Image8 Draw(PictureSet set, ImageOrientation orientation, Action<string> report)
    {
        IGrouping<int, DataPicture>[] classes =
            [.. set.Train.Concat(set.Validation).Concat(set.Test).GroupBy(picture => picture.Label).OrderBy(group => group.Key)];
        if (classes.Length > MostClasses)
        {
            report($"the sheet holds the first {MostClasses} of {classes.Length} classes");
        }

        (DataPicture Picture, int Class)[] chosen =
            [.. classes.Take(MostClasses).SelectMany((group, row) => group.Take(PerClass).Select(picture => (picture, row)))];
        var drawn = new Image8[chosen.Length];
        AllCores.For(chosen.Length, i => drawn[i] = Draw(chosen[i].Picture, orientation));
        MontageTile[] rows =
        [
            .. classes.Take(MostClasses).Select((group, row) => new MontageTile(
                Row([.. Enumerable.Range(0, chosen.Length).Where(i => chosen[i].Class == row).Select(i => drawn[i])]),
                string.Create(CultureInfo.InvariantCulture, $"{set.ClassNames[group.Key]} \u00B7 {group.Count()}"))),
        ];
        return Montage.Compose(rows, columns: 1, set.Description);
    }

    private static Image8 Row(Image8[] pictures)
    {
        const int Step = Side + 4;
        var row = new Image8((PerClass * Step) - 4, Side);
        row.Fill(new Rgb(255, 255, 255));
        for (int i = 0; i < pictures.Length; i++)
        {
            row.Draw(pictures[i], (i * Step) + ((Side - pictures[i].Width) / 2), (Side - pictures[i].Height) / 2);
        }

        return row;
    }

    private static Image8 Draw(DataPicture picture, ImageOrientation orientation)
    {
        Image8 whole = ImageReader.ReadReduced(picture.Path, orientation, (_, _) => (2 * Side, 2 * Side)).Image;
        double scale = (double)Side / Math.Max(picture.Width, picture.Height);
        Image8 small =
            whole.ScaledTo(Math.Max(1, (int)Math.Round(picture.Width * scale)), Math.Max(1, (int)Math.Round(picture.Height * scale)));
        small = ReferenceEquals(small, whole) ? Image8.FromRgb(whole.Pixels, whole.Width, whole.Height) : small;
        double x = (double)small.Width / picture.Width, y = (double)small.Height / picture.Height;
        foreach (Box box in picture.Boxes)
        {
            var scaled = new Box((int)(box.X0 * x), (int)(box.Y0 * y), (int)Math.Ceiling((box.X1 + 1) * x) - 1, (int)Math.Ceiling(
                (box.Y1 + 1) * y) - 1);
            Heatmap.Outline(small, scaled, 1, s_box);
        }

        return small;
    }
}
