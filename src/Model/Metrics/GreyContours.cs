namespace GpuCam.Model;

/// <summary>
/// The outlines of what is above a grey value, as border following finds them (S. Suzuki and K. Abe, "Topological structural analysis
/// of digitized binary images by border following", 1985): of every 8-connected part its outer border, and of every 4-connected hole in
/// one the border that runs through the pixels around it. Reuses its buffers; not for two threads at once.
/// </summary>
/// <remarks>
/// A border's box needs no following: an outer one has that of its part, a hole's is one pixel wider than the hole on each side. Parts and
/// holes are runs of a row, joined with those of the row above. Borders are followed only for the area that they enclose.
/// </remarks>
internal sealed class GreyContours
{
    // The eight neighbours, clockwise from the right; y points down.
    private static readonly int[] s_x = [1, 1, 0, -1, -1, -1, 0, 1];
    private static readonly int[] s_y = [0, 1, 1, 1, 0, -1, -1, -1];

    private Run[] _runs = new Run[256];
    private int _count;
    private byte[] _grey = [];
    private int _width;
    private int _height;
    private int _cut;

    /// <summary>Finds the outlines of the pixels above <paramref name="cut"/>.</summary>
    /// <param name="grey">Greys, row after row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="cut">0 … 254.</param>
    public void Find(byte[] grey, int width, int cut)
    {
        (_grey, _width, _height, _cut, _count) = (grey, width, grey.Length / width, cut, 0);
        Add(new Run { Box = new Box(-1, -1, -1, -1) });         // all that is around the map
        for (int y = 0, above = 1; y < _height; y++)
        {
            int first = _count;
            AddRow(y);
            Link(above, first);
            above = first;
        }
    }

    /// <summary>The boxes of all outlines.</summary>
    public IEnumerable<Box> All()
    {
        for (int i = 1; i < _count; i++)
        {
            if (_runs[i].Parent == i)
            {
                Box box = _runs[i].Box;
                yield return _runs[i].Above ? box : new Box(box.X0 - 1, box.Y0 - 1, box.X1 + 1, box.Y1 + 1);
            }
        }
    }

    /// <summary>
    /// The box of the outline that encloses most; of equals the one that begins last in reading order. Null where there is none.
    /// </summary>
    public Box? Largest()
    {
        int best = 0;
        long most = -1;
        for (int i = _count - 1; i > 0; i--)
        {
            // No polygon through the middles of a box's pixels encloses more than the whole box.
            Box box = _runs[i].Box;
            if (_runs[i].Parent == i && _runs[i].Above && 2L * (box.Width - 1) * (box.Height - 1) > most && TwiceArea(i) is var area
                && area > most)
            {
                (best, most) = (i, area);
            }
        }

        return best > 0 ? _runs[best].Box : null;
    }

    /// <summary>The boxes of the outer borders in that order.</summary>
    public IReadOnlyList<Box> LargestFirst() =>
    [
        .. Enumerable.Range(1, _count - 1).Where(i => _runs[i].Parent == i && _runs[i].Above)
            .Select(i => (Index: i, Area: TwiceArea(i)))
            .OrderByDescending(one => one.Area).ThenByDescending(one => one.Index).Select(one => _runs[one.Index].Box),
    ];

    private void AddRow(int y)
    {
        ReadOnlySpan<byte> row = _grey.AsSpan(y * _width, _width);
        for (int x = 0; x < row.Length;)
        {
            bool above = row[x] > _cut;
            ReadOnlySpan<byte> rest = row[x..];
            int length = above ? rest.IndexOfAnyInRange((byte)0, (byte)_cut) : rest.IndexOfAnyInRange((byte)(_cut + 1), (byte)255);
            int end = length < 0 ? row.Length : x + length;
            int run = Add(new Run { Above = above, X0 = x, X1 = end - 1, Y = y, Box = new Box(x, y, end - 1, y) });
            if (!above && (x == 0 || end == row.Length || y == 0 || y == _height - 1))
            {
                Join(0, run);
            }

            x = end;
        }
    }

    private int Add(Run run)
    {
        if (_count == _runs.Length)
        {
            Array.Resize(ref _runs, 2 * _count);
        }

        _runs[_count] = run with { Parent = _count };
        return _count++;
    }

    /// <summary>Joins the runs from <paramref name="first"/> on with those of the row above that they touch.</summary>
    private void Link(int above, int first)
    {
        int i = above;
        for (int j = first; j < _count; j++)
        {
            while (i < first && _runs[i].X1 < _runs[j].X0 - 1)
            {
                i++;
            }

            for (int k = i; k < first && _runs[k].X0 <= _runs[j].X1 + 1; k++)
            {
                bool beside = _runs[k].X1 >= _runs[j].X0 && _runs[k].X0 <= _runs[j].X1;
                if (_runs[k].Above == _runs[j].Above && (beside || _runs[j].Above))
                {
                    Join(k, j);
                }
            }
        }
    }

    /// <summary>The first run in reading order stands for all.</summary>
    private void Join(int a, int b)
    {
        (a, b) = (Root(a), Root(b));
        if (a == b)
        {
            return;
        }

        (a, b) = (Math.Min(a, b), Math.Max(a, b));
        (Box one, Box two) = (_runs[a].Box, _runs[b].Box);
        _runs[b].Parent = a;
        _runs[a].Box = new Box(
            Math.Min(one.X0, two.X0), Math.Min(one.Y0, two.Y0), Math.Max(one.X1, two.X1), Math.Max(one.Y1, two.Y1));
    }

    private int Root(int run)
    {
        while (_runs[run].Parent != run)
        {
            _runs[run].Parent = _runs[_runs[run].Parent].Parent;
            run = _runs[run].Parent;
        }

        return run;
    }

    /// <summary>
    /// Twice the area of the polygon through the middles of an outer border's pixels: <c>|sum of x_i y_(i+1) - x_(i+1) y_i|</c>. Of
    /// a line or a single pixel it is 0.
    /// </summary>
    private long TwiceArea(int run)
    {
        (int startX, int startY) = (_runs[run].X0, _runs[run].Y);
        int from = Turn(startX, startY, 4, 1);
        if (from < 0)
        {
            return 0;
        }

        (int lastX, int lastY) = (startX + s_x[from], startY + s_y[from]);
        long sum = 0;
        for (int x = startX, y = startY; ;)
        {
            int to = Turn(x, y, from - 1, -1);
            (int nextX, int nextY) = (x + s_x[to], y + s_y[to]);
            sum += ((long)x * nextY) - ((long)nextX * y);
            if ((nextX, nextY) == (startX, startY) && (x, y) == (lastX, lastY))
            {
                return Math.Abs(sum);
            }

            (x, y, from) = (nextX, nextY, (to + 4) & 7);
        }
    }

    /// <summary>The first direction from <paramref name="direction"/> on in which there is a pixel of the part; -1 for none.</summary>
    private int Turn(int x, int y, int direction, int step)
    {
        for (int i = 0; i < 8; i++, direction += step)
        {
            (int nx, int ny) = (x + s_x[direction & 7], y + s_y[direction & 7]);
            if ((uint)nx < (uint)_width && (uint)ny < (uint)_height && _grey[(ny * _width) + nx] > _cut)
            {
                return direction & 7;
            }
        }

        return -1;
    }

    /// <summary>Pixels of a row side by side that are all above the cut or all not.</summary>
    private record struct Run
    {
        public bool Above;
        public int X0;
        public int X1;
        public int Y;
        public int Parent;

        /// <summary>Of all runs that this one stands for.</summary>
        public Box Box;
    }
}
