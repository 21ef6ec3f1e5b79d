using System.Globalization;
using System.Text;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>
/// A made data set of pictures of different sizes with exact boxes and masks, and the layouts it can be written in. The first 70 % train;
/// the last 15 % test, and what lies between validates, where a layout has such a split.
/// </summary>
internal sealed class MadePictures
{
    private static readonly string[] s_names = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"];

    /// <summary>Draws pictures, class after class.</summary>
    /// <param name="count">How many.</param>
    /// <param name="classes">Of how many classes, 2 to 10.</param>
    /// <param name="mostObjects">Objects of a picture, 1 to this many in turn.</param>
    /// <param name="least">Columns and rows at least.</param>
    /// <param name="most">And at most, 300.</param>
    /// <param name="photographs">Whether objects stand on photographs instead of noise.</param>
    public MadePictures(int count, int classes = 3, int mostObjects = 1, int least = 40, int most = 90, bool photographs = false)
    {
        ClassNames = s_names[..classes];
        Pictures = [.. Enumerable.Range(0, count)
            .Select(i => MadePicture.Draw(i, i % classes, 1 + (i / classes % mostObjects), least, most, photographs))];
    }

    public IReadOnlyList<string> ClassNames { get; }

    public IReadOnlyList<MadePicture> Pictures { get; }

    /// <summary>What the split of a picture is, by its place.</summary>
    public PictureSplit SplitOf(int index) => index < Pictures.Count * 7 / 10 ? PictureSplit.Train
        : index < Pictures.Count * 85 / 100 ? PictureSplit.Validation : PictureSplit.Test;

    /// <summary><c>CLASS/NAME.png</c>, with XML beside each in the way of VOC or ILSVRC, if any.</summary>
    public void WriteClassFolders(string folder, bool? voc = null, bool split = false, string ending = ".png")
    {
        for (int i = 0; i < Pictures.Count; i++)
        {
            MadePicture picture = Pictures[i];
            string of = Path.Combine(split ? Path.Combine(folder, NameOf(SplitOf(i))) : folder, ClassNames[picture.Label]);
            Write(Path.Combine(of, picture.Name + ending), picture.Image);
            if (voc is { } fromOne)
            {
                WriteXml(Path.Combine(of, picture.Name + ".xml"), picture, fromOne, ending);
            }
        }
    }

    /// <summary><c>pictures/NAME.png</c>, and a table with a row for each box.</summary>
    public void WriteTable(string folder, char separator = ',', bool split = true, bool masks = false)
    {
        string table = separator == ',' ? "labels.csv" : "labels.tsv";
        var text = new StringBuilder();
        Append("file", "label", split ? "split" : null, "x0", "y0", "x1", "y1", masks ? "mask" : null);
        for (int i = 0; i < Pictures.Count; i++)
        {
            MadePicture picture = Pictures[i];
            string file = $"pictures/{picture.Name}.png";
            Write(Path.Combine(folder, file), picture.Image);
            for (int n = 0; n < picture.Boxes.Count; n++)
            {
                Box box = picture.Boxes[n];
                Append(
                    file, ClassNames[picture.Label], split ? NameOf(SplitOf(i)) : null, Text(box.X0), Text(box.Y0), Text(box.X1),
                    Text(box.Y1), masks ? WriteMask(folder, picture, n) : null);
            }
        }

        File.WriteAllText(Path.Combine(folder, table), text.ToString());
        void Append(params string?[] fields) => text.Append(string.Join(separator, fields.Where(field => field is not null))).Append('\n');
    }

    /// <summary>The layout of the TensorFlow original; of several boxes, the first.</summary>
    public void WriteNumbered(string folder)
    {
        var labels = new StringBuilder();
        StringBuilder boxes = new StringBuilder("index,x0,y0,x1,y1").Append('\n');
        for (int i = 0; i < Pictures.Count; i++)
        {
            MadePicture picture = Pictures[i];
            Write(Path.Combine(folder, $"img_{i + 1}.png"), picture.Image);
            labels.Append(CultureInfo.InvariantCulture, $"{i + 1}\t{ClassNames[picture.Label]}\n");
            boxes.Append(CultureInfo.InvariantCulture, $"{i + 1},{picture.Boxes[0]}\n");
        }

        File.WriteAllText(Path.Combine(folder, "labels.txt"), labels.ToString());
        File.WriteAllText(Path.Combine(folder, "boxes.csv"), boxes.ToString());
    }

    /// <summary>The metadata of wsolevaluation in <c>metadata</c>, pictures in <c>pictures</c>, masks in <c>masks</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="masks">Whether objects are told by masks instead of boxes.</param>
    /// <param name="names">Whether the names of the classes are written as well, which wsolevaluation does not have.</param>
    public void WriteWsol(string folder, bool masks = false, bool names = true)
    {
        foreach (PictureSplit split in Enum.GetValues<PictureSplit>())
        {
            StringBuilder ids = new(), labels = new(), sizes = new(), places = new();
            for (int i = 0; i < Pictures.Count; i++)
            {
                if (SplitOf(i) != split)
                {
                    continue;
                }

                MadePicture picture = Pictures[i];
                string id = $"pictures/{picture.Name}.png";
                Write(Path.Combine(folder, id), picture.Image);
                ids.Append(CultureInfo.InvariantCulture, $"{id}\n");
                labels.Append(CultureInfo.InvariantCulture, $"{id},{picture.Label}\n");
                sizes.Append(CultureInfo.InvariantCulture, $"{id},{picture.Image.Width},{picture.Image.Height}\n");
                for (int n = 0; n < picture.Boxes.Count; n++)
                {
                    string place = masks ? $"{WriteMask(folder, picture, n)},{(n == 0 ? WriteIgnore(folder, picture) : "")}"
                        : picture.Boxes[n].ToString();
                    places.Append(CultureInfo.InvariantCulture, $"{id},{place}\n");
                }
            }

            string metadata = Path.Combine(folder, "metadata", NameOf(split));
            Directory.CreateDirectory(metadata);
            File.WriteAllText(Path.Combine(metadata, "image_ids.txt"), ids.ToString());
            File.WriteAllText(Path.Combine(metadata, "class_labels.txt"), labels.ToString());
            File.WriteAllText(Path.Combine(metadata, "image_sizes.txt"), sizes.ToString());
            File.WriteAllText(Path.Combine(metadata, "localization.txt"), places.ToString());
        }

        if (names)
        {
            File.WriteAllLines(Path.Combine(folder, "metadata/classes.txt"), ClassNames);
        }
    }

    /// <summary>An annotation as VOC has it, pixels counted from 1, or as ILSVRC has it, from 0.</summary>
    public void WriteXml(string path, MadePicture picture, bool voc, string ending = ".png")
    {
        int first = voc ? 1 : 0;
        string objects = string.Concat(picture.Boxes.Select(box => string.Create(CultureInfo.InvariantCulture, $"""
              <object>
                <name>{ClassNames[picture.Label]}</name>
                <bndbox>
                  <xmin>{box.X0 + first}</xmin><ymin>{box.Y0 + first}</ymin><xmax>{box.X1 + first}</xmax><ymax>{box.Y1 + first}</ymax>
                </bndbox>
              </object>

            """)));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"""
            <annotation>
              <filename>{picture.Name}{(voc ? ending : "")}</filename>
              <source><database>{(voc ? "The VOC2007 Database" : "ILSVRC_2012")}</database></source>
              <size><width>{picture.Image.Width}</width><height>{picture.Image.Height}</height><depth>3</depth></size>
            {objects}</annotation>
            """));
    }

    private static string NameOf(PictureSplit split) => SplitNames.Of(split);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string WriteMask(string folder, MadePicture picture, int number)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"masks/{picture.Name}_{number}.png");
        Write(Path.Combine(folder, file), picture.Masks[number]);
        return file;
    }

    /// <summary>What nobody has to tell: the first two columns.</summary>
    private static string WriteIgnore(string folder, MadePicture picture)
    {
        var ignore = new Image8(picture.Image.Width, picture.Image.Height);
        ignore.FillRectangle(0, 0, 2, ignore.Height, new Rgb(255, 255, 255));
        string file = $"masks/{picture.Name}_ignore.png";
        Write(Path.Combine(folder, file), ignore);
        return file;
    }

    private static void Write(string path, Image8 image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (path.EndsWith(".jpg", StringComparison.Ordinal))
        {
            JpegWriter.WriteFile(path, image);
            return;
        }

        PngWriter.WriteFile(path, image);
    }
}
