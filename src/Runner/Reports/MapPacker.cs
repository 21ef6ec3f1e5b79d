using System.Buffers.Binary;
using GpuCam.Kernels.Ops;

namespace GpuCam.Runner.Reports;

/// <summary>
/// Packs maps of one image size. A <c>.npy</c> file holds a map enlarged to its image; the page gets the small map that it was
/// enlarged from, recovered here by <see cref="BilinearInverse"/>. A map that no such small one reproduces is stored as it is.
/// Not for two threads at once.
/// </summary>
internal sealed class MapPacker(int width, int height, ResizeMode mode)
{
    private const int Levels = ushort.MaxValue;

    // Half a level of the quantisation, and what float32 sums leave.
    private const double Tolerance = 0.5 / Levels, Rounding = 4e-7;

    private readonly List<Lattice> _lattices =
        [.. Sizes(width, height).Select(size => new Lattice(size.Width, size.Height, width, height, mode))];

    /// <summary>Packs one map, <paramref name="map"/> in rows of the image's width.</summary>
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
        for (int i = 0; i < _lattices.Count; i++)
        {
            Lattice lattice = _lattices[i];
            if (!lattice.Recovers(map, tolerance))
            {
                continue;
            }
            // The next map is most likely of the same size.
            _lattices.RemoveAt(i);
            _lattices.Insert(0, lattice);
            return Quantise(lattice.Values, lattice.Width, lattice.Height);
        }

        return Quantise(Array.ConvertAll(map.ToArray(), value => (double)value), width, height);
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

    /// <summary>What poolings by two make of the image, the smallest first.</summary>
    private static IEnumerable<(int Width, int Height)> Sizes(int width, int height)
    {
        for (int factor = 32; factor >= 2; factor /= 2)
        {
            if (width / factor < 1 || height / factor < 1)
            {
                continue;
            }

            yield return (width / factor, height / factor);
            if (width % factor != 0 || height % factor != 0)
            {
                yield return ((width + factor - 1) / factor, (height + factor - 1) / factor);
            }
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
