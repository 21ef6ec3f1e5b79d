using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>One picture of a montage and the text under it ("" for none).</summary>
/// <param name="Picture">The picture; it is not scaled.</param>
/// <param name="Caption">Wrapped to the picture's width.</param>
public sealed record MontageTile(Image8 Picture, string Caption = "");

/// <summary>Several pictures with captions on one sheet.</summary>
public static class Montage
{
    private const int Gap = 12;

    private static readonly Rgb s_background = new(0xE4, 0xE6, 0xEA);
    private static readonly Rgb s_ink = new(0x20, 0x22, 0x26);

    /// <summary>A grid, row by row; columns as wide as the widest tile, each row as high as its highest.</summary>
    /// <param name="tiles">At least one.</param>
    /// <param name="columns">Pictures a row; 0 chooses the squarest grid.</param>
    /// <param name="title">A line above, in double size; "" for none.</param>
    public static Image8 Compose(IReadOnlyList<MontageTile> tiles, int columns = 0, string title = "")
    {
        if (tiles.Count == 0)
        {
            throw new GpuCamException("a montage needs at least one picture");
        }

        Image8[] cells = tiles.Select(tile => Caption.Under(tile.Picture, tile.Caption)).ToArray();
        (int across, int cellWidth, int[] heights) = Grid(cells, columns);
        int width = Gap + (across * (cellWidth + Gap));
        // Double size where it fits, else single, wrapped.
        int scale = Font.Width(title, 2) <= width - (2 * Gap) ? 2 : 1;
        IReadOnlyList<string> heading = title.Length == 0 ? [] : Font.Wrap(title, (width - (2 * Gap) + scale) / (Font.Advance * scale));
        int top = Gap + (heading.Count == 0 ? 0 : (heading.Count * Font.LineHeight * scale) + (Gap / 2));

        var sheet = new Image8(width, top + heights.Sum(height => height + Gap));
        sheet.Fill(s_background);
        for (int i = 0; i < heading.Count; i++)
        {
            Font.Draw(sheet, heading[i], Gap, Gap + (i * Font.LineHeight * scale), s_ink, scale);
        }

        int y = top;
        for (int row = 0; row < heights.Length; row++)
        {
            for (int i = row * across; i < Math.Min(cells.Length, (row + 1) * across); i++)
            {
                sheet.Draw(cells[i], Gap + (i % across * (cellWidth + Gap)), y);
            }

            y += heights[row] + Gap;
        }

        return sheet;
    }

    /// <summary>The pixels of <see cref="Compose"/>'s sheet without a title, however many that are.</summary>
    internal static long PixelsOf(IReadOnlyList<MontageTile> tiles, int columns)
    {
        Image8[] cells = tiles.Select(tile => Caption.Under(tile.Picture, tile.Caption)).ToArray();
        (int across, int cellWidth, int[] heights) = Grid(cells, columns);
        return (Gap + (across * (cellWidth + (long)Gap))) * (Gap + heights.Sum(height => height + (long)Gap));
    }

    private static (int Across, int CellWidth, int[] Heights) Grid(Image8[] cells, int columns)
    {
        int across = Math.Min(cells.Length, columns > 0 ? columns : (int)Math.Ceiling(Math.Sqrt(cells.Length)));
        int[] heights = cells.Chunk(across).Select(row => row.Max(cell => cell.Height)).ToArray();
        return (across, cells.Max(cell => cell.Width), heights);
    }
}
