namespace GpuCam.Model;

/// <summary>Pixels of a map that touch, corners included.</summary>
/// <param name="Box">The tightest box around them.</param>
/// <param name="Pixels">How many.</param>
/// <param name="FirstPixel">The first of them in reading order, as <c>y * width + x</c>.</param>
public readonly record struct MapComponent(Box Box, int Pixels, int FirstPixel);

/// <summary>
/// The paper's rule for boxes (arXiv 1512.04150, section 3.2): pixels strictly above a share of the map's maximum, 8-connected
/// components, largest first. Reuses its buffers; not for two threads at once.
/// </summary>
public sealed class MapComponents
{
    /// <summary>The paper's share of the maximum.</summary>
    public const float PaperShare = 0.2f;

    private bool[] _open = [];
    private int[] _queue = [];

    /// <summary>
    /// The components, largest first, of equals the first in reading order. None if the maximum is not positive or a value not finite.
    /// </summary>
    /// <param name="map">A raw map, row after row; what is negative counts as nothing.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="share">Share of the maximum that a pixel must exceed, in [0, 1].</param>
    public IReadOnlyList<MapComponent> AboveShareOfMax(ReadOnlySpan<float> map, int width, float share = PaperShare)
    {
        float max = 0;
        foreach (float value in map)
        {
            if (!float.IsFinite(value))
            {
                return [];
            }

            max = Math.Max(max, value);
        }

        return max > 0 ? Above(map, width, share * max) : [];
    }

    /// <summary>The components of the pixels strictly above <paramref name="threshold"/>, in the same order.</summary>
    public IReadOnlyList<MapComponent> Above(ReadOnlySpan<float> map, int width, float threshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (map.Length % width != 0)
        {
            throw new ArgumentException($"{map.Length} pixels do not fill rows of {width}", nameof(map));
        }

        if (_open.Length < map.Length)
        {
            (_open, _queue) = (new bool[map.Length], new int[map.Length]);
        }

        for (int i = 0; i < map.Length; i++)
        {
            _open[i] = map[i] > threshold;
        }

        var components = new List<MapComponent>();
        for (int i = 0; i < map.Length; i++)
        {
            if (_open[i])
            {
                components.Add(Flood(i, width, map.Length / width));
            }
        }

        components.Sort((a, b) => a.Pixels != b.Pixels ? b.Pixels.CompareTo(a.Pixels) : a.FirstPixel.CompareTo(b.FirstPixel));
        return components;
    }

    /// <summary>Closes the component of <paramref name="first"/>; the queue keeps all of its pixels.</summary>
    private MapComponent Flood(int first, int width, int height)
    {
        int count = 0;
        (int x0, int y0, int x1, int y1) = (width, height, -1, -1);
        _open[first] = false;
        _queue[count++] = first;
        for (int next = 0; next < count; next++)
        {
            (int y, int x) = Math.DivRem(_queue[next], width);
            (x0, y0, x1, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(x1, x), Math.Max(y1, y));
            for (int ny = Math.Max(0, y - 1); ny <= Math.Min(height - 1, y + 1); ny++)
            {
                for (int nx = Math.Max(0, x - 1); nx <= Math.Min(width - 1, x + 1); nx++)
                {
                    int neighbour = (ny * width) + nx;
                    if (!_open[neighbour])
                    {
                        continue;
                    }

                    _open[neighbour] = false;
                    _queue[count++] = neighbour;
                }
            }
        }

        return new MapComponent(new Box(x0, y0, x1, y1), count, first);
    }
}
