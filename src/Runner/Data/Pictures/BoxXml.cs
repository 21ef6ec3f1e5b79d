using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// An annotation of PASCAL VOC, or of ILSVRC, which took its format. VOC counts pixels from 1 ("the top-left pixel in the image has
/// coordinates (1,1)", development kit), ILSVRC from 0; which one a file is, its source's database and its names tell.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="Picture">The name of the picture that it says it belongs to; null where it says none.</param>
/// <param name="Width">Columns of that picture; 0 where it says none.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Objects">Its objects, with pixels counted from 0.</param>
internal sealed record BoxXml(string File, string? Picture, int Width, int Height, IReadOnlyList<(string Name, Box Box)> Objects)
{
    private const int MostCharacters = 16 << 20;
    private static readonly string[] s_fromZero = ["ILSVRC", "ImageNet"];
    private static readonly string[] s_sides = ["xmin", "ymin", "xmax", "ymax"];

    private static readonly XmlReaderSettings s_reading = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MostCharacters,
        IgnoreComments = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="GpuCamException">It is none, or a box of it has no numbers.</exception>
    public static BoxXml Read(string file)
    {
        XElement root;
        try
        {
            using FileStream stream = System.IO.File.OpenRead(file);
            using var reader = XmlReader.Create(stream, s_reading);
            root = XElement.Load(reader);
        }
        catch (XmlException e)
        {
            throw new GpuCamException(
                $"{new FilePlace(file, e.LineNumber)}: no XML as VOC and ILSVRC have it ({e.Message}); mend or delete it", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{file}: cannot be read ({e.Message.TrimEnd('.')}); check its permissions", e);
        }

        if (root.Name.LocalName != "annotation")
        {
            throw new GpuCamException(
                $"{file}: its root is <{root.Name.LocalName}>, but VOC and ILSVRC have <annotation>; move it elsewhere or delete it");
        }

        string? name = root.Element("filename")?.Value.Trim();
        string database = root.Element("source")?.Element("database")?.Value ?? "";
        int first = Array.Exists(s_fromZero, word => database.Contains(word, StringComparison.OrdinalIgnoreCase)) ? 0 : 1;
        XElement? size = root.Element("size");
        // A name of this kind was never filled in; ILSVRC has a few.
        return new BoxXml(
            file, name is null or "" or "%s" ? null : name, Whole(size?.Element("width")), Whole(size?.Element("height")),
            [.. root.Elements("object").Where(one => one.Element("bndbox") is not null).Select(one => Object(file, one, first))]);
    }

    /// <summary>Why this is not the file of a picture; null where it is.</summary>
    public string? FaultFor(DataPicture picture)
    {
        string stem = Path.GetFileNameWithoutExtension(picture.Path);
        if (Picture is not null && Path.GetFileName(Picture.Replace('\\', '/')) is var named && named != stem
            && Path.GetFileNameWithoutExtension(named) != stem)
        {
            return $"{File}: belongs to {Picture}, not to {Path.GetFileName(picture.Path)}; put the right file there";
        }

        if (Width > 0 && Height > 0 && (Width, Height) != (picture.Width, picture.Height))
        {
            string turned = (Height, Width) == (picture.Width, picture.Height) ? ", or give --orientation stored" : "";
            return $"{File}: belongs to a picture of {Width}x{Height} pixels, but {picture.Path} has {picture.Width}x{picture.Height}; put "
                + $"the right file there{turned}";
        }

        return null;
    }

    private static int Whole(XElement? element) =>
        int.TryParse(element?.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    private static (string Name, Box Box) Object(string file, XElement element, int first)
    {
        XElement box = element.Element("bndbox")!;
        int[] corners = [.. s_sides.Select(side =>
            double.TryParse(box.Element(side)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && Math.Abs(value) < int.MaxValue
                ? (int)Math.Round(value) - first
                : throw new GpuCamException($"{file}: a <bndbox> has no number as its <{side}>; correct it"))];
        return (element.Element("name")?.Value ?? "", new Box(corners[0], corners[1], corners[2], corners[3]));
    }
}
