using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// Score maps of pictures as they are exchanged with other programs: <c>DIR/ID.npy</c>, two-dimensional, from 0 to 1. The id's extension is
/// left out by the papers' rules; by those of the public code it stays, since that is what it reads.
/// </summary>
internal sealed class ScoreMapFolder
{
    private const string Extension = ".npy";

    private readonly string _folder;
    private readonly MapRules _rules;

    private ScoreMapFolder(string folder, MapRules rules) =>
        (_folder, _rules) = (Path.GetFullPath(folder), rules);

    /// <summary>Maps written so far.</summary>
    public int Written { get; private set; }

    /// <summary>A folder to read.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static ScoreMapFolder ToRead(string folder, MapRules rules) => Directory.Exists(folder)
        ? new ScoreMapFolder(folder, rules)
        : throw new GpuCamException($"{folder}: there is no such folder; give --score-maps with one that holds ID.npy for every picture");

    /// <summary>A new or empty folder to write, of all ranks. Collective.</summary>
    /// <param name="job">The job.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="rules">What files are called, and how large maps are.</param>
    /// <param name="pictures">All that may be written.</param>
    /// <exception cref="GpuCamException">It holds something, or two pictures' maps would have one name.</exception>
    public static ScoreMapFolder ToWrite(RankJob job, string folder, MapRules rules, IEnumerable<DataPicture> pictures)
    {
        job.OnFirst(() => ImageFolder.CheckEmpty(folder));
        var maps = new ScoreMapFolder(folder, rules);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DataPicture picture in pictures)
        {
            string path = maps.PathOf(picture.Id, rules == MapRules.Contours);
            if (!names.TryAdd(path, picture.Id) && names[path] != picture.Id)
            {
                throw new GpuCamException($"the pictures {names[path]} and {picture.Id} would have one score map, "
                    + $"{Path.GetRelativePath(maps._folder, path)}; give --rules wsolevaluation, which keeps extensions, or rename one");
            }
        }

        return maps;
    }

    /// <summary>Writes the maps of a batch's pictures that are not null.</summary>
    /// <param name="pictures">The pictures; null for those that get no map.</param>
    /// <param name="mapOf">The map of one, its rows and its columns.</param>
    public void Write(IReadOnlyList<DataPicture?> pictures, Func<int, (float[] Map, int Height, int Width)> mapOf)
    {
        AllCores.For(pictures.Count, n =>
        {
            if (pictures[n] is { } picture)
            {
                (float[] map, int height, int width) = mapOf(n);
                Npy.WriteFile(PathOf(picture.Id, _rules == MapRules.Contours), map, [height, width]);
            }
        });
        Written += pictures.Count(picture => picture is not null);
    }

    /// <summary>Measures the map of a picture.</summary>
    /// <param name="picture">The picture; its size is known.</param>
    /// <param name="truth">What is true of it.</param>
    /// <param name="into">Gets the counts.</param>
    /// <param name="found">What was found.</param>
    /// <returns>What is wrong with the file; null where it was measured.</returns>
    public string? Measure(DataPicture picture, PictureTruth truth, Localisation into, out FoundBoxes found)
    {
        found = default;
        string whole = PathOf(picture.Id, keepsExtension: true), path = File.Exists(whole) ? whole : PathOf(picture.Id, false);
        if (!File.Exists(path))
        {
            return $"{path}: is missing";
        }

        try
        {
            (double[] values, int[] shape) = Npy.ReadDoublesFile(path);
            if (Fault(values, shape, picture) is { } fault)
            {
                return $"{path}: {fault}";
            }

            (float[] map, double[] exact) = Placed(values, shape[0], shape[1], truth);
            found = truth.Measure(into, map, exact, new Box(0, 0, truth.Width - 1, truth.Height - 1), null);
            return null;
        }
        catch (GpuCamException e) when (e is not OutputException)
        {
            return e.Message;
        }
    }

    private string? Fault(double[] values, int[] shape, DataPicture picture)
    {
        if (shape.Length != 2 || values.Length == 0)
        {
            return $"an array of shape ({string.Join(", ", shape)}) is no map of rows and columns";
        }

        if (picture.Width != picture.Height && (shape[0], shape[1]) == (picture.Width, picture.Height))
        {
            return $"{shape[0]} rows of {shape[1]} values lie on their side: the picture has {picture.Height} rows of {picture.Width}";
        }

        return _rules == MapRules.Contours && values.AsSpan().IndexOfAnyExceptInRange(0, 1) is >= 0 and int at
            ? FormattableString.Invariant($"value {values[at]} at row {at / shape[1]}, column {at % shape[1]} is not from 0 to 1")
            : null;
    }

    /// <summary>The map on the pixels that it is measured on.</summary>
    private (float[] Map, double[] Exact) Placed(double[] values, int rows, int columns, PictureTruth truth)
    {
        if (_rules == MapRules.Contours)
        {
            double[] exact = (rows, columns) == (truth.Height, truth.Width) ? values
                : CubicResize.Normalized(values, rows, columns, truth.Height, truth.Width);
            return (Array.ConvertAll(exact, value => (float)value), exact);
        }

        float[] map = Array.ConvertAll(values, value => (float)value);
        return (rows, columns) == (truth.Height, truth.Width) ? (map, [])
            : (new PictureGeometry(truth.Width, truth.Height, columns, rows, columns, rows, 0, 0).MapToPicture(map, rows, columns), []);
    }

    private string PathOf(string id, bool keepsExtension)
    {
        string name = keepsExtension ? id : Path.ChangeExtension(id, null);
        string path = Path.GetFullPath(Path.Combine(_folder, name + Extension));
        return path.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new GpuCamException($"{id}: a picture of this name would have its score map outside of {_folder}; rename it");
    }
}
