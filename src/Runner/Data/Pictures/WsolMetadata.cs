using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// The metadata of wsolevaluation (arXiv 2001.07437): for each split a folder with <c>image_ids.txt</c>, <c>class_labels.txt</c>
/// (<c>id,label</c>), <c>image_sizes.txt</c> (<c>id,width,height</c>) and <c>localization.txt</c>, of boxes (<c>id,x0,y0,x1,y1</c>, counted
/// from 0, both corners included) or of masks (<c>id,mask,ignore</c>). Pictures and masks lie below the set's folder.
/// </summary>
internal sealed class WsolMetadata
{
    private const string Ids = "image_ids.txt";
    private const string Labels = "class_labels.txt";
    private const string Sizes = "image_sizes.txt";
    private const string Places = "localization.txt";

    /// <summary>Names of the classes, a line each; not of wsolevaluation, whose classes are numbers.</summary>
    private const string Names = "classes.txt";

    private const int MostClasses = 100_000;
    private readonly string _metadata;
    private readonly PictureSetOptions _options;
    private readonly Dictionary<string, FoundPicture> _pictures = [];

    private WsolMetadata(string metadata, PictureSetOptions options) => (_metadata, _options) = (metadata, options);

    /// <summary>The folder that holds the splits: the given one or <c>metadata</c> in it; null where there is none.</summary>
    public static string? In(string folder) =>
        new[] { folder, Path.Combine(folder, "metadata") }.FirstOrDefault(metadata => SplitsOf(metadata).Length > 0);

    /// <summary>Reads the splits that are there.</summary>
    /// <exception cref="GpuCamException">A line is wrong, or two splits hold one picture.</exception>
    public static FoundPictures Read(string metadata, PictureSetOptions options) => new WsolMetadata(metadata, options).Read();

    private static (string Path, PictureSplit Split)[] SplitsOf(string metadata) =>
    [
        .. (Directory.Exists(metadata) ? Directory.EnumerateDirectories(metadata) : [])
            .Where(path => SplitNames.Parse(Path.GetFileName(path)) is not null && File.Exists(Path.Combine(path, Ids)))
            .Select(path => (path, SplitNames.Parse(Path.GetFileName(path))!.Value)).OrderBy(of => of.Item2),
    ];

    private FoundPictures Read()
    {
        foreach ((string path, PictureSplit split) in SplitsOf(_metadata))
        {
            ReadSplit(path, split);
        }

        if (_pictures.Count == 0)
        {
            throw new GpuCamException($"{_metadata}: there is no {Ids} in train, val or test below it; give a folder with one");
        }

        int highest = _pictures.Values.Max(picture => picture.Picture.Label);
        string named = Path.Combine(_metadata, Names);
        IReadOnlyList<string> names = _options.Classes
            ?? (File.Exists(named) ? ClassNames.Load(named) : PictureClasses.Numbered(highest + 1));
        if (highest >= names.Count)
        {
            FoundPicture picture = _pictures.Values.First(picture => picture.Picture.Label >= names.Count);
            throw new GpuCamException(
                $"{picture.Place}: label {picture.Picture.Label}, but classes are 0 to {names.Count - 1}; correct it, or give all classes");
        }

        var found = new FoundPictures("metadata of wsolevaluation", _metadata, names, [.. _pictures.Values]);
        return PictureClasses.WithoutSkipped(found, _options);
    }

    private void ReadSplit(string folder, PictureSplit split)
    {
        string table = Path.Combine(folder, Ids);
        var labels = new Dictionary<string, (int Label, int Line)>();
        foreach ((int line, string id, string[] fields) in Rows(Path.Combine(folder, Labels), 1))
        {
            int label = Number(Path.Combine(folder, Labels), line, fields[0]);
            labels[id] = label is >= 0 and < MostClasses ? (label, line)
                : throw Bad(Path.Combine(folder, Labels), line, $"label {label}, but classes are 0 to {MostClasses - 1}");
        }

        int number = 0;
        foreach (string id in File.ReadLines(table))
        {
            number++;
            if (id.Length == 0)
            {
                continue;
            }

            if (!labels.TryGetValue(id, out (int Label, int Line) row))
            {
                throw Bad(table, number, $"{id} has no label in {Labels}");
            }

            var picture = new DataPicture(id, Path.Combine(_options.Folder, id), row.Label);
            if (!_pictures.TryAdd(id, new FoundPicture(picture, split, new FilePlace(table, number))))
            {
                throw Bad(table, number, $"{id} again, after {_pictures[id].Place}");
            }
        }

        ReadSizes(Path.Combine(folder, Sizes));
        ReadPlaces(Path.Combine(folder, Places));
    }

    private void ReadSizes(string table)
    {
        foreach ((int line, string id, string[] fields) in Optional(table, 2))
        {
            if (_pictures.TryGetValue(id, out FoundPicture? found))
            {
                (int width, int height) = (Number(table, line, fields[0]), Number(table, line, fields[1]));
                _pictures[id] = found with { Picture = found.Picture with { Width = width, Height = height } };
            }
        }
    }

    private void ReadPlaces(string table)
    {
        bool masks = File.Exists(table) && File.ReadLines(table).FirstOrDefault() is { } first && !IsBox(first);
        foreach ((int line, string id, string[] fields) in Optional(table, masks ? 2 : 4))
        {
            if (!_pictures.TryGetValue(id, out FoundPicture? found))
            {
                continue;
            }

            DataPicture picture = found.Picture;
            if (masks)
            {
                string ignore = fields[1];
                picture = picture with
                {
                    Masks = [.. picture.Masks, Path.Combine(_options.Folder, fields[0])],
                    IgnoreMask = ignore.Length > 0 ? Path.Combine(_options.Folder, ignore) : picture.IgnoreMask,
                };
                _pictures[id] = found with { Picture = picture };
                continue;
            }

            int[] sides = Array.ConvertAll(fields, field => Number(table, line, field));
            var box = new Box(sides[0], sides[1], sides[2], sides[3]);
            _pictures[id] = found with
            {
                Picture = picture with { Boxes = [.. picture.Boxes, BoxFiles.ToEdge(box, picture)] },
                BoxPlaces = [.. found.BoxPlaces, new FilePlace(table, line)],
            };
        }
    }

    private static bool IsBox(string row) =>
        row.Split(',') is [_, .., _, _, _, _] fields && fields[^4..].All(field => int.TryParse(
            field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    private static IEnumerable<(int Line, string Id, string[] Fields)> Optional(string table, int fields) =>
        File.Exists(table) ? Rows(table, fields) : [];

    /// <summary>Rows of an id and that many fields; an id may hold commas.</summary>
    private static IEnumerable<(int Line, string Id, string[] Fields)> Rows(string table, int fields)
    {
        if (!File.Exists(table))
        {
            throw new GpuCamException($"{table}: missing; write a line for each picture of {Ids}");
        }

        int line = 0;
        foreach (string text in File.ReadLines(table))
        {
            line++;
            if (text.Length == 0)
            {
                continue;
            }

            string[] parts = text.Split(',');
            yield return parts.Length > fields
                ? (line, string.Join(',', parts[..^fields]), parts[^fields..])
                : throw Bad(table, line, $"{parts.Length} fields between commas, not {fields + 1}");
        }
    }

    private static int Number(string table, int line, string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
        : throw Bad(table, line, $"'{text}' is no whole number");

    private static GpuCamException Bad(string table, int line, string message) => new($"{table}: line {line}: {message}; correct it");
}
