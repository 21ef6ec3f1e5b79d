using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// A table of pictures, CSV or TSV: <c>file</c> and <c>label</c>, and perhaps <c>split</c>, <c>x0,y0,x1,y1</c>, <c>mask</c>, <c>ignore</c>.
/// A picture of several boxes or masks has a row for each. Files are relative to the set's folder.
/// </summary>
internal sealed class LabelTable
{
    /// <summary>What the line of a table begins with that names its classes, and says that nothing of it is split any further.</summary>
    public const string ClassesMark = "#classes";

    private const int MostClasses = 100_000;
    private static readonly string[][] s_columns =
    [
        ["file", "filename", "image", "path"], ["label", "class", "category"], ["split", "set", "subset"],
        ["x0", "xmin"], ["y0", "ymin"], ["x1", "xmax"], ["y1", "ymax"], ["mask"], ["ignore"],
    ];

    private readonly string _path;
    private readonly PictureSetOptions _options;
    private readonly List<Row> _rows = [];
    private readonly Dictionary<string, int> _byFile = [];
    private IReadOnlyList<string>? _named;
    private int[] _columns = [0, 1, 2, -1, -1, -1, -1, -1, -1];
    private char _separator;

    private LabelTable(string path, PictureSetOptions options) => (_path, _options) = (path, options);

    /// <summary>What it is called where it lies in the set's folder.</summary>
    public static IReadOnlyList<string> Names { get; } = ["labels.csv", "labels.tsv", "split.tsv"];

    /// <summary>Reads a table.</summary>
    /// <exception cref="GpuCamException">A row is wrong; the message names its line.</exception>
    public static FoundPictures Read(string path, PictureSetOptions options) => new LabelTable(path, options).Read();

    private FoundPictures Read()
    {
        int line = 0;
        bool first = true;
        foreach (string text in File.ReadLines(_path))
        {
            line++;
            if (text.Length == 0)
            {
                continue;
            }

            if (first)
            {
                _separator = text.Contains('\t', StringComparison.Ordinal) ? '\t' : ',';
            }

            string[] fields = DelimitedText.Fields(line == 1 ? text.TrimStart('\uFEFF') : text, _separator)
                ?? throw Bad(line, "a quote that does not end its field");
            if (fields[0] == ClassesMark && first)
            {
                _named = fields[1..];
                continue;
            }

            if (!(first && TakeHeader(fields)))
            {
                Add(fields, line);
            }

            first = false;
        }

        return Found();
    }

    private FoundPictures Found()
    {
        if (_rows.Count == 0)
        {
            throw new GpuCamException($"{_path}: names no picture; write a line for each: its file and its label");
        }

        if (_rows.Find(row => row.Split is null) is { } untold && _rows.Find(row => row.Split is not null) is { } told)
        {
            throw Bad(untold.Line, $"no split, but line {told.Line} has one");
        }

        string[] labels = _named is not null ? [.. _named] : PictureClasses.InOrder(_rows.Select(row => row.Label));
        PictureClasses.CheckSkipped(_options, labels);
        string[] kept = [.. labels.Except(_options.SkipClasses)];
        IReadOnlyList<string> names = _options.Classes ?? kept;
        if (names.Count > MostClasses)
        {
            throw new GpuCamException($"{_path}: {names.Count} different labels; there are at most {MostClasses} classes");
        }

        var places = names.Select((name, i) => (name, i)).DistinctBy(pair => pair.name).ToDictionary(pair => pair.name, pair => pair.i);
        FoundPicture[] pictures =
            [.. _rows.Where(row => !_options.SkipClasses.Contains(row.Label)).Select(row => Picture(row, Label(row)))];
        return new FoundPictures($"the table {Path.GetFileName(_path)}", _path, names, pictures) { Settled = _named is not null };

        int Label(Row row) =>
            places.TryGetValue(row.Label, out int place) ? place
            : _options.Classes is not null && PictureClasses.NumberOf(row.Label) is { } number && number < names.Count ? number
            : throw Bad(row.Line, $"label {Shorten(row.Label)}, but classes are {Shorten(string.Join(", ", names))}");
    }

    private FoundPicture Picture(Row row, int label)
    {
        string path = Path.Combine(_options.Folder, row.File);
        var picture = new DataPicture(PictureIds.Of(_options.Folder, path), path, label)
        {
            Boxes = row.Boxes,
            Masks = [.. row.Masks.Select(mask => Path.Combine(_options.Folder, mask))],
            IgnoreMask = row.Ignore is null ? null : Path.Combine(_options.Folder, row.Ignore),
        };
        return new FoundPicture(picture, row.Split, new FilePlace(_path, row.Line)) { BoxPlaces = row.Places };
    }

    /// <summary>Whether these are names of columns; then they are where these stand.</summary>
    private bool TakeHeader(string[] fields)
    {
        int[] places = [.. s_columns.Select(names =>
            Array.FindIndex(fields, field => names.Contains(field.Trim(), StringComparer.OrdinalIgnoreCase)))];
        if (places[0] < 0)
        {
            return false;
        }

        if (places[1] < 0)
        {
            throw Bad(1, $"a column {fields[places[0]]}, but none that is called label");
        }

        if (places[3..7].Any(place => place < 0) && places[3..7].Any(place => place >= 0))
        {
            throw Bad(1, "a box takes all of the columns x0, y0, x1 and y1");
        }

        _columns = places;
        return true;
    }

    private void Add(string[] fields, int line)
    {
        string file = Field(fields, 0).Replace('\\', '/'), label = Field(fields, 1), split = Field(fields, 2);
        if (file.Length == 0 || label.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
        {
            throw Bad(line, $"'{Shorten(string.Join(_separator, fields))}' is not a file and its label");
        }

        PictureSplit? part = split.Length == 0 ? null : SplitNames.Parse(split)
            ?? throw Bad(line, $"split {Shorten(split)}; there are train, val and test");
        bool again = _byFile.TryGetValue(file, out int index);
        if (!again)
        {
            index = _byFile[file] = _rows.Count;
            _rows.Add(new Row(file, label, part, line));
        }

        Row row = _rows[index];
        bool more = AddBox(row, fields, line) | AddMask(row, fields);
        if (again && (row.Label != label || row.Split != part || !more))
        {
            throw Bad(line, $"{Shorten(file)} again, after line {row.Line}");
        }
    }

    private bool AddBox(Row row, string[] fields, int line)
    {
        string[] corners = [.. Enumerable.Range(3, 4).Select(column => Field(fields, column))];
        if (Array.TrueForAll(corners, corner => corner.Length == 0))
        {
            return false;
        }

        int[] numbers = new int[4];
        for (int i = 0; i < 4; i++)
        {
            if (!int.TryParse(corners[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw Bad(line, $"'{Shorten(string.Join(_separator, corners))}' is no box of four whole numbers");
            }
        }

        row.Boxes.Add(new Box(numbers[0], numbers[1], numbers[2], numbers[3]));
        row.Places.Add(new FilePlace(_path, line));
        return true;
    }

    private bool AddMask(Row row, string[] fields)
    {
        string mask = Field(fields, 7), ignore = Field(fields, 8);
        if (ignore.Length > 0)
        {
            row.Ignore = ignore;
        }

        if (mask.Length > 0)
        {
            row.Masks.Add(mask);
        }

        return mask.Length > 0;
    }

    private string Field(string[] fields, int column) =>
        _columns[column] is >= 0 and int place && place < fields.Length ? fields[place].Trim() : "";

    private GpuCamException Bad(int line, string message) => new($"{_path}: line {line}: {message}; correct it");

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private sealed class Row(string file, string label, PictureSplit? split, int line)
    {
        public string File { get; } = file;

        public string Label { get; } = label;

        public PictureSplit? Split { get; } = split;

        public int Line { get; } = line;

        public List<Box> Boxes { get; } = [];

        public List<FilePlace> Places { get; } = [];

        public List<string> Masks { get; } = [];

        public string? Ignore { get; set; }
    }
}
