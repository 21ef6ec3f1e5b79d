using System.Globalization;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Cams;

/// <summary>
/// The pictures of one image side by side: on one sheet, or on several where they are more than one picture may hold. A sheet is written
/// as soon as it is full, so that any number of pictures takes the memory of one sheet.
/// </summary>
/// <param name="columns">Pictures a row; 0 chooses the squarest grid.</param>
/// <param name="write">Gets each sheet with its name: montage.png, montage_2.png, ….</param>
/// <param name="most">Most pixels of a sheet.</param>
internal sealed class MontageSheets(int columns, Action<string, Image8> write, long most = ImageLimits.MaxPixels)
{
    private readonly List<MontageTile> _tiles = [];
    private int _sheets;

    /// <summary>Adds pictures that belong in one row, if that is possible at all.</summary>
    public void Add(IReadOnlyList<MontageTile> row)
    {
        if (_tiles.Count > 0 && !Fits([.. _tiles, .. row]))
        {
            Flush();
        }

        if (row.Count > 1 && !Fits(row))
        {
            int half = row.Count / 2;
            Add([.. row.Take(half)]);
            Flush();
            Add([.. row.Skip(half)]);
            Flush();
            return;
        }

        _tiles.AddRange(row);
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Flush()
    {
        if (_tiles.Count == 0)
        {
            return;
        }

        _sheets++;
        string name = _sheets == 1 ? "montage.png" : string.Create(CultureInfo.InvariantCulture, $"montage_{_sheets}.png");
        write(name, Montage.Compose(_tiles, columns));
        _tiles.Clear();
    }

    private bool Fits(IReadOnlyList<MontageTile> tiles) => Montage.PixelsOf(tiles, columns) <= most;
}
