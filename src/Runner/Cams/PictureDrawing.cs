using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Cams;

/// <summary>A picture, what the network said of it, and the classes to draw.</summary>
/// <param name="Number">Its place among the pictures.</param>
/// <param name="File">What it was called.</param>
/// <param name="Picture">The copy to draw on.</param>
/// <param name="Geometry">Where the network's input lies on the picture itself.</param>
/// <param name="Truth">Its class, where that is known.</param>
/// <param name="Ranked">The classes to list, best first.</param>
/// <param name="Classes">The classes to draw.</param>
internal sealed record Subject(
    int Number, string File, Image8 Picture, PictureGeometry Geometry, int? Truth, IReadOnlyList<ClassPrediction> Ranked,
    IReadOnlyList<ClassPrediction> Classes);

/// <summary>A map of a subject, and how it was made.</summary>
internal sealed record SubjectMap(CamRequest Request, ClassMap Map);

/// <summary>
/// Writes the pictures of one subject: a copy of it, an overlay and a raw map per class, method and layer, and a montage.
/// </summary>
internal sealed class PictureDrawing(
    CamOptions options, IReadOnlyList<CamRequest> requests, ClassTable classes, IReadOnlyList<string> names)
{
    private const int MostOfCaption = 200;

    /// <summary>Pictures up to this side are drawings of pixels: they are enlarged, and kept without loss.</summary>
    private const int SmallSide = 256;

    private readonly bool _namesMethods = requests.Any(request => request.Method.Name != "cam");

    /// <summary>Writes everything but what names it.</summary>
    /// <param name="subject">The picture.</param>
    /// <param name="maps">In the order in which they are listed: by class, then as requested.</param>
    /// <param name="folder">Where; <see cref="CamFolder.Begin"/> has been called.</param>
    /// <param name="montage">Whether to draw one.</param>
    public CamImage Draw(Subject subject, IReadOnlyList<SubjectMap> maps, CamFolder folder, bool montage)
    {
        int number = subject.Number;
        bool small = Math.Max(subject.Picture.Width, subject.Picture.Height) <= SmallSide;
        string input = folder.NameOf(number, small ? "input.png" : "input.jpg");
        Write(folder.PathOf(input), subject.Picture);
        int scale = small ? Heatmap.ScaleFor(subject.Picture.Width, 0) : 1;
        MontageTile? original = montage
            ? new MontageTile(Caption.Under(Heatmap.Enlarge(subject.Picture, scale), Path.GetFileName(subject.File)))
            : null;
        var montages = new List<string>();
        var sheets = new MontageSheets(requests.Count > 1 ? requests.Count + 1 : 0, WriteMontage);
        var unique = new UniqueNames();
        var listed = new List<CamMap>();
        foreach (IGrouping<int, SubjectMap> ofClass in maps.GroupBy(map => map.Map.Class.Index))
        {
            // Several kinds of map are compared in a row per class, which begins with the picture; of one kind it is enough once.
            List<MontageTile> row = original is not null && (requests.Count > 1 || listed.Count == 0) ? [original] : [];
            foreach (SubjectMap map in ofClass)
            {
                string part = unique.Take($"{map.Request.FilePrefix}_{OutsideNames.Class(ofClass.Key, names[ofClass.Key])}");
                (CamMap entry, Image8 picture) = Draw(subject.Picture, map, scale, folder, folder.NameOf(number, part));
                listed.Add(entry);
                row.Add(new MontageTile(picture));
            }

            if (montage)
            {
                sheets.Add(row);
            }
        }

        sheets.Flush();
        return new CamImage(
            subject.File, input, subject.Geometry.PictureWidth, subject.Geometry.PictureHeight, subject.Geometry.Seen,
            subject.Truth is { } truth ? names[truth] : null, montages.Count > 0 ? montages[0] : null,
            montages.Count > 1 ? montages[1..] : null,
            [.. subject.Ranked.Select(c => new CamPrediction(c.Name, c.Index, LabelOf(c.Index), c.Probability, c.Logit))], listed,
            IsPadded(subject.Geometry) ? subject.Geometry.Shown : null);

        void WriteMontage(string name, Image8 sheet)
        {
            montages.Add(folder.NameOf(number, small ? name : Path.ChangeExtension(name, ".jpg")));
            Write(folder.PathOf(montages[^1]), sheet);
        }
    }

    private (CamMap Map, Image8 Picture) Draw(Image8 picture, SubjectMap subject, int scale, CamFolder folder, string path)
    {
        (CamRequest request, ClassMap map) = subject;
        (int width, int height) = (picture.Width, picture.Height);
        string caption = string.Create(CultureInfo.InvariantCulture,
            $"{(_namesMethods ? $"{Shorten(request.Title)}: " : "")}{Shorten(classes.Label(map.Class.Index))} "
            + $"({100 * map.Class.Probability:0.0} %)");
        HeatmapOptions look = options.Look with
        {
            Caption = caption,
            PredictedBox = map.BoxOn(width, height),
            Scale = scale,
            Seen = map.Geometry.OnCopy(width, height).Seen,
        };
        Image8 drawn = Heatmap.Draw(picture, map.OnPicture(width, height), look);
        string overlay = path + (scale > 1 ? ".png" : ".jpg");
        Write(folder.PathOf(overlay), drawn);
        Npy.WriteFile(folder.PathOf(path + ".npy"), map.Raw, [map.Rows, map.Columns]);
        var raw = MapRange.Of(map.Raw);
        bool finite = raw.State != MapState.NonFinite;
        var entry = new CamMap(
            map.Class.Name, map.Class.Index, LabelOf(map.Class.Index), map.Method, map.Layer, overlay, path + ".npy",
            finite ? raw.Minimum : null, finite ? raw.Maximum : null, map.Rectifies, map.Range.State, map.Range.Explanation, map.Box);
        return (entry, drawn);
    }

    private static bool IsPadded(PictureGeometry geometry) => geometry.Shown.Area < (long)geometry.InputWidth * geometry.InputHeight;

    private static void Write(string path, Image8 picture)
    {
        if (path.EndsWith(".png", StringComparison.Ordinal))
        {
            PngWriter.WriteFile(path, picture);
        }
        else
        {
            JpegWriter.WriteFile(path, picture);
        }
    }

    /// <summary>Null where the name says it.</summary>
    private string? LabelOf(int index) => classes.Label(index) is var label && label != names[index] ? label : null;

    /// <summary>A picture grows by a line for every 30 letters under it.</summary>
    private static string Shorten(string text) => text.Length <= MostOfCaption ? text : $"{text[..MostOfCaption]}...";
}
