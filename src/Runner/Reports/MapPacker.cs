using System.Buffers.Binary;
using GpuCam.Kernels.Ops;

namespace GpuCam.Runner.Reports;

/// <summary>
/// Packs maps of one size. A <c>.npy</c> file holds a map enlarged to the network's input; the page gets the small map that it was
/// enlarged from, recovered here by <see cref="BilinearInverse"/>: the fewest columns and rows whose enlargement is the map. A map that no
/// such small one reproduces is stored as it is, or as the nearest that has at most <paramref name="most"/> values a side. Not for two
/// threads at once.
/// </summary>
internal sealed class MapPacker(int width, int height, ResizeMode mode, int most = int.MaxValue)
{
    private const int Levels = ushort.MaxValue;

    // Half a level of the quantisation, and what float32 sums leave.
    private const double Tolerance = 0.5 / Levels, Rounding = 4e-7;

    private readonly Dictionary<(int, int), Lattice> _lattices = [];
    private readonly Axis _across = new(width, Math.Min((width + 1) / 2, most), mode);
    private readonly Axis _down = new(height, Math.Min((height + 1) / 2, most), mode);

    /// <summary>Packs one map, <paramref name="map"/> in rows of the width.</summary>
    public PackedMap Pack(ReadOnlySpan<float> map)
    {
        if (map.Length != width * height)
        {
            throw new GpuCamException($"a map of {map.Length} values does not fit an image of {width} x {height} pixels");
        }

        double least = double.PositiveInfinity, greatest = double.NegativeInfinity;
        foreach (float value in map)
        {
            if (!float.IsFinite(value))
            {
                return new PackedMap(width, height, 0, 0, null);
            }

            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        double tolerance = Math.Max(Tolerance * (greatest - least), Rounding * Math.Max(greatest, -least));
        // Rows and columns are looked at apart, which is quick. Together they may be just off; then the next that fit are tried.
        int columns = _across.Next(0, map, 1, width, height, tolerance), rows = _down.Next(0, map, width, 1, width, tolerance);
        while (columns > 0 && rows > 0)
        {
            Lattice lattice = LatticeOf(columns, rows);
            if (lattice.Recovers(map, tolerance))
            {
                return Quantise(lattice.Values, columns, rows);
            }

            columns = _across.Next(columns, map, 1, width, height, tolerance);
            rows = _down.Next(rows, map, width, 1, width, tolerance);
        }

        if (width <= most && height <= most)
        {
            return Quantise(Array.ConvertAll(map.ToArray(), value => (double)value), width, height);
        }

        Lattice nearest = LatticeOf(Math.Min(width, most), Math.Min(height, most));
        nearest.Recovers(map, double.PositiveInfinity);
        return Quantise(nearest.Values, nearest.Width, nearest.Height);
    }

    private Lattice LatticeOf(int columns, int rows)
    {
        if (!_lattices.TryGetValue((columns, rows), out Lattice? lattice))
        {
            _lattices.Add((columns, rows), lattice = new Lattice(columns, rows, width, height, mode));
        }

        return lattice;
    }

    private static PackedMap Quantise(double[] values, int width, int height)
    {
        float min = (float)values.Min(), max = (float)values.Max();
        double scale = max > min ? Levels / ((double)max - min) : 0;
        byte[] bytes = new byte[values.Length * sizeof(ushort)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(
                bytes.AsSpan(i * sizeof(ushort)), (ushort)Math.Clamp(Math.Round((values[i] - min) * scale), 0, Levels));
        }

        return new PackedMap(width, height, min, max, Convert.ToBase64String(bytes));
    }

    /// <summary>The sizes that lines of one direction may have been enlarged from.</summary>
    private sealed class Axis(int length, int limit, ResizeMode mode)
    {
        private readonly BilinearInverse?[] _inverses = new BilinearInverse?[limit + 1];
        private readonly double[] _line = new double[length];
        private readonly double[] _again = new double[length];
        private readonly double[] _small = new double[limit];

        /// <summary>The smallest size above <paramref name="size"/> that all lines fit; 0 where there is none.</summary>
        public int Next(int size, ReadOnlySpan<float> map, int step, int lineStep, int lines, double tolerance)
        {
            do
            {
                size++;
            }
            while (size <= limit && !Fits(size, map, step, lineStep, lines, tolerance));
            return size <= limit ? size : 0;
        }

        private bool Fits(int size, ReadOnlySpan<float> map, int step, int lineStep, int lines, double tolerance)
        {
            BilinearInverse inverse = _inverses[size] ??= new(new ResizeAxis(size, length, mode == ResizeMode.HalfPixel ? 1 : 0));
            for (int tried = 0; tried < lines; tried++)
            {
                // From the middle on: there is most to be seen there, so that what does not fit is found at once.
                int line = (tried + (lines / 2)) % lines;
                for (int i = 0; i < length; i++)
                {
                    _line[i] = map[(line * lineStep) + (i * step)];
                }

                inverse.Shrink(_line, _small.AsSpan(0, size));
                inverse.Enlarge(_small.AsSpan(0, size), _again);
                for (int i = 0; i < length; i++)
                {
                    if (!(Math.Abs(_again[i] - _line[i]) <= tolerance))
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }

    /// <summary>One size that a map may have been enlarged from.</summary>
    private sealed class Lattice(int width, int height, int imageWidth, int imageHeight, ResizeMode mode)
    {
        private readonly BilinearInverse _horizontal = new(new ResizeAxis(width, imageWidth, mode == ResizeMode.HalfPixel ? 1 : 0));
        private readonly BilinearInverse _vertical = new(new ResizeAxis(height, imageHeight, mode == ResizeMode.HalfPixel ? 1 : 0));
        private readonly double[] _columns = new double[width * imageHeight];
        private readonly double[] _line = new double[Math.Max(imageWidth, imageHeight)];
        private readonly double[] _column = new double[height];

        public int Width => width;

        public int Height => height;

        /// <summary>The small map of the last success; valid until the next call.</summary>
        public double[] Values { get; } = new double[width * height];

        /// <summary>Whether a small map reproduces <paramref name="map"/> to within <paramref name="tolerance"/>.</summary>
        public bool Recovers(ReadOnlySpan<float> map, double tolerance)
        {
            Span<double> row = _line.AsSpan(0, imageWidth);
            for (int y = 0; y < imageHeight; y++)
            {
                for (int x = 0; x < imageWidth; x++)
                {
                    row[x] = map[(y * imageWidth) + x];
                }

                _horizontal.Shrink(row, _columns.AsSpan(y * width, width));
            }

            Span<double> column = _line.AsSpan(0, imageHeight);
            for (int x = 0; x < width; x++)
            {
                for (int y = 0; y < imageHeight; y++)
                {
                    column[y] = _columns[(y * width) + x];
                }

                _vertical.Shrink(column, _column);
                for (int y = 0; y < height; y++)
                {
                    Values[(y * width) + x] = _column[y];
                }

                _vertical.Enlarge(_column, column);
                for (int y = 0; y < imageHeight; y++)
                {
                    _columns[(y * width) + x] = column[y];
                }
            }

            for (int y = 0; y < imageHeight; y++)
            {
                _horizontal.Enlarge(_columns.AsSpan(y * width, width), row);
                for (int x = 0; x < imageWidth; x++)
                {
                    if (!(Math.Abs(row[x] - map[(y * imageWidth) + x]) <= tolerance))
                    {
                        return false;
                    }
                }
            }

            return true;
        }
    }
}
