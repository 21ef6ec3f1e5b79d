namespace GpuCam.Model;

/// <summary>
/// The components at every threshold of a sweep (arXiv 2001.07437): the map is min-max normalised, a pixel counts where it is
/// strictly above the threshold, components are 8-connected. One pass for all thresholds: pixels are added from high to low
/// and joined with what is there (union-find), so components only grow. Not for two threads at once.
/// </summary>
public sealed class BoxSweep
{
    private readonly Box?[] _boxes;
    private readonly int[] _reach;
    private readonly int[] _start;
    private readonly int[] _live = new int[IouLimits.All.Count + 1];
    private int[] _level = [];
    private int[] _order = [];
    private int[] _parent = [];
    private MapComponent[] _component = [];
    private byte[] _reachOf = [];

    /// <summary>A sweep over <paramref name="count"/> thresholds 0, 1 / (count - 1), …, 1.</summary>
    public BoxSweep(int count = 101)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        Count = count;
        _boxes = new Box?[count];
        _reach = new int[count];
        _start = new int[count + 1];
    }

    /// <summary>Number of thresholds.</summary>
    public int Count { get; }

    /// <summary>Threshold <paramref name="index"/>, in [0, 1].</summary>
    public float Threshold(int index) => index / (float)(Count - 1);

    /// <summary>
    /// Per threshold the best <see cref="IouLimits.Reach"/> of all components, the largest or not; valid until the next call.
    /// </summary>
    public ReadOnlySpan<int> BestReach => _reach;

    /// <summary>What <see cref="Boxes"/> returned last.</summary>
    public ReadOnlySpan<Box?> LastBoxes => _boxes;

    /// <summary>
    /// Per threshold the box of the largest component; null where no pixel is above it, and everywhere for a constant or non-finite map.
    /// Valid until the next call.
    /// </summary>
    /// <param name="map">A raw map, row after row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="truths">The true boxes that <see cref="BestReach"/> is about.</param>
    public ReadOnlySpan<Box?> Boxes(ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> truths = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (map.Length % width != 0)
        {
            throw new ArgumentException($"{map.Length} pixels do not fill rows of {width}", nameof(map));
        }

        Array.Clear(_boxes);
        Array.Clear(_reach);
        Array.Clear(_live);
        if (!SortByLevel(map))
        {
            return _boxes;
        }

        var best = default(MapComponent);
        int height = map.Length / width;
        for (int level = Count - 1; level >= 0; level--)
        {
            for (int i = _start[level]; i < _start[level + 1]; i++)
            {
                MapComponent grown = _component[AddPixel(_order[i], width, height, truths)];
                if (grown.Pixels > best.Pixels || (grown.Pixels == best.Pixels && grown.FirstPixel < best.FirstPixel))
                {
                    best = grown;
                }
            }

            _boxes[level] = best.Pixels > 0 ? best.Box : null;
            _reach[level] = _live.AsSpan(1).LastIndexOfAnyExcept(0) + 1;
        }

        return _boxes;
    }

    /// <summary>Orders the pixels by the highest threshold they exceed; false if the map says nothing.</summary>
    private bool SortByLevel(ReadOnlySpan<float> map)
    {
        if (_level.Length < map.Length)
        {
            (_level, _order, _parent) = (new int[map.Length], new int[map.Length], new int[map.Length]);
            (_component, _reachOf) = (new MapComponent[map.Length], new byte[map.Length]);
        }

        if (MapNormalization.Range(map, out float min, out float max) != MapKind.Defined)
        {
            return false;
        }

        Array.Clear(_start);
        for (int i = 0; i < map.Length; i++)
        {
            _parent[i] = -1;
            _level[i] = LevelOf((map[i] - min) / (max - min));
            if (_level[i] >= 0)
            {
                _start[_level[i]]++;
            }
        }

        // A counting sort: sums make the ends of the buckets, and filling from behind turns them into the starts.
        for (int level = 1; level <= Count; level++)
        {
            _start[level] += _start[level - 1];
        }

        for (int i = map.Length - 1; i >= 0; i--)
        {
            if (_level[i] >= 0)
            {
                _order[--_start[_level[i]]] = i;
            }
        }

        return true;
    }

    /// <summary>The last threshold below <paramref name="value"/>, -1 if there is none; the product may be off by one step.</summary>
    private int LevelOf(float value)
    {
        int level = Math.Min(Count - 1, (int)(value * (Count - 1)) + 1);
        while (level >= 0 && Threshold(level) >= value)
        {
            level--;
        }

        return level;
    }

    private int AddPixel(int pixel, int width, int height, ReadOnlySpan<Box> truths)
    {
        int x = pixel % width;
        int y = pixel / width;
        _parent[pixel] = pixel;
        _component[pixel] = new MapComponent(new Box(x, y, x, y), 1, pixel);
        Rate(pixel, truths);
        int root = pixel;
        for (int ny = Math.Max(0, y - 1); ny <= Math.Min(height - 1, y + 1); ny++)
        {
            for (int nx = Math.Max(0, x - 1); nx <= Math.Min(width - 1, x + 1); nx++)
            {
                int neighbour = (ny * width) + nx;
                if (_parent[neighbour] >= 0)
                {
                    root = Join(root, Find(neighbour), truths);
                }
            }
        }

        return root;
    }

    /// <summary>Notes which limits the component meets, and that it lives.</summary>
    private void Rate(int root, ReadOnlySpan<Box> truths)
    {
        int reach = IouLimits.Reach(_component[root].Box, truths);
        _reachOf[root] = (byte)reach;
        _live[reach]++;
    }

    private int Join(int a, int b, ReadOnlySpan<Box> truths)
    {
        if (a == b)
        {
            return a;
        }

        if (_component[a].Pixels < _component[b].Pixels)
        {
            (a, b) = (b, a);
        }

        MapComponent large = _component[a];
        MapComponent small = _component[b];
        _parent[b] = a;
        _component[a] = new MapComponent(
            new Box(
                Math.Min(large.Box.X0, small.Box.X0), Math.Min(large.Box.Y0, small.Box.Y0),
                Math.Max(large.Box.X1, small.Box.X1), Math.Max(large.Box.Y1, small.Box.Y1)),
            large.Pixels + small.Pixels,
            Math.Min(large.FirstPixel, small.FirstPixel));
        _live[_reachOf[a]]--;
        _live[_reachOf[b]]--;
        Rate(a, truths);
        return a;
    }

    private int Find(int pixel)
    {
        while (_parent[pixel] != pixel)
        {
            _parent[pixel] = _parent[_parent[pixel]];
            pixel = _parent[pixel];
        }

        return pixel;
    }
}
