using System.Buffers.Binary;
using GpuCam.Kernels.Ops;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Reports;

public class MapPackerTests
{
    /// <summary>The small map is found, and enlarging it again gives the map to within half a level of the quantisation.</summary>
    [Theory]
    [InlineData(ResizeMode.HalfPixel, 100, 100, 25, 25)]
    [InlineData(ResizeMode.Legacy, 100, 100, 25, 25)]
    [InlineData(ResizeMode.HalfPixel, 100, 100, 50, 50)]
    [InlineData(ResizeMode.HalfPixel, 37, 30, 9, 7)]
    [InlineData(ResizeMode.Legacy, 37, 30, 18, 15)]
    [InlineData(ResizeMode.HalfPixel, 37, 30, 10, 8)]
    [InlineData(ResizeMode.HalfPixel, 28, 28, 7, 7)]
    [InlineData(ResizeMode.HalfPixel, 112, 80, 13, 5)]
    [InlineData(ResizeMode.HalfPixel, 75, 75, 8, 8)]
    [InlineData(ResizeMode.HalfPixel, 57, 63, 6, 1)]
    public void An_enlarged_map_is_packed_as_the_small_one_it_came_from(
        ResizeMode mode, int width, int height, int smallWidth, int smallHeight)
    {
        var packer = new MapPacker(width, height, mode);
        for (int seed = 1; seed <= 3; seed++)
        {
            double[] small = Noise(smallWidth * smallHeight, seed, 1000);
            float[] map = Enlarge(small, smallWidth, smallHeight, width, height, mode);
            PackedMap packed = packer.Pack(map);
            Assert.Equal((smallWidth, smallHeight), (packed.Width, packed.Height));
            float[] back = Enlarge(Unpack(packed), smallWidth, smallHeight, width, height, mode);
            double level = (packed.Max - packed.Min) / 65535.0;
            for (int i = 0; i < map.Length; i++)
            {
                Assert.InRange(back[i], map[i] - level, map[i] + level);
            }
        }
    }

    [Fact]
    public void A_map_that_comes_from_no_small_one_is_stored_as_it_is()
    {
        float[] map = Array.ConvertAll(Noise(30 * 37, 5, 1), value => (float)value);
        PackedMap packed = new MapPacker(37, 30, ResizeMode.HalfPixel).Pack(map);
        Assert.Equal((37, 30), (packed.Width, packed.Height));
        Assert.Equal((map.Min(), map.Max()), (packed.Min, packed.Max));
        double[] back = Unpack(packed);
        double halfLevel = 0.501 / 65535 * (packed.Max - packed.Min);
        for (int i = 0; i < map.Length; i++)
        {
            Assert.InRange(back[i], map[i] - halfLevel, map[i] + halfLevel);
        }
    }

    [Theory]
    [InlineData(150, 200)]
    [InlineData(200, 30)]
    public void A_large_map_that_comes_from_no_small_one_is_packed_as_the_nearest_of_so_many_values(int width, int height)
    {
        const int Most = 56;
        float[] map = new float[width * height];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = MathF.Exp(-(MathF.Pow((i % width) - (width / 2), 2) + MathF.Pow((i / width) - (height / 2), 2)) / 900);
        }

        PackedMap packed = new MapPacker(width, height, ResizeMode.HalfPixel, Most).Pack(map);
        Assert.Equal((Math.Min(width, Most), Math.Min(height, Most)), (packed.Width, packed.Height));
        float[] back = Enlarge(Unpack(packed), packed.Width, packed.Height, width, height, ResizeMode.HalfPixel);
        // Chords over 200 / 56 pixels are at most (200 / 56)^2 / 8 / 450 = 3.5e-3 off this hill, whose curvature is at most 1 / 450.
        for (int i = 0; i < map.Length; i++)
        {
            Assert.InRange(back[i], map[i] - 3.6e-3f, map[i] + 3.6e-3f);
        }
    }

    [Fact]
    public void Constant_maps_keep_their_value_and_non_finite_ones_have_none()
    {
        var packer = new MapPacker(8, 8, ResizeMode.HalfPixel);
        float[] map = new float[64];
        map.AsSpan().Fill(-2.5f);
        Assert.All(Unpack(packer.Pack(map)), value => Assert.Equal(-2.5, value, 6));
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            map[13] = bad;
            Assert.Null(packer.Pack(map).Q);
        }

        Assert.Throws<GpuCamException>(() => packer.Pack(new float[63]));
    }

    [Fact]
    public void Values_far_from_zero_and_close_together_survive()
    {
        double[] small = [.. Noise(49, 7, 1e-3).Select(value => 100 + value)];
        float[] map = Enlarge(small, 7, 7, 28, 28, ResizeMode.HalfPixel);
        PackedMap packed = new MapPacker(28, 28, ResizeMode.HalfPixel).Pack(map);
        float[] back = Enlarge(Unpack(packed), packed.Width, packed.Height, 28, 28, ResizeMode.HalfPixel);
        for (int i = 0; i < map.Length; i++)
        {
            Assert.InRange(back[i], map[i] - 6e-5f, map[i] + 6e-5f);
        }
    }

    private static double[] Noise(int count, int seed, double reach)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => reach * ((2 * random.NextDouble()) - 1))];
    }

    /// <summary>What a page does: levels to values.</summary>
    private static double[] Unpack(PackedMap map)
    {
        byte[] bytes = Convert.FromBase64String(map.Q!);
        return [.. Enumerable.Range(0, bytes.Length / 2).Select(i =>
            map.Min + (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) / 65535.0 * ((double)map.Max - map.Min)))];
    }

    /// <summary>By the definition in <see cref="BilinearResize"/>, in double.</summary>
    private static float[] Enlarge(double[] small, int w, int h, int width, int height, ResizeMode mode)
    {
        float[] map = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int left, double u) = Tap(x, w, width, mode);
                (int top, double v) = Tap(y, h, height, mode);
                double At(int row, int column) => small[(Math.Min(row, h - 1) * w) + Math.Min(column, w - 1)];
                map[(y * width) + x] = (float)(((1 - v) * (((1 - u) * At(top, left)) + (u * At(top, left + 1))))
                    + (v * (((1 - u) * At(top + 1, left)) + (u * At(top + 1, left + 1)))));
            }
        }

        return map;
    }

    private static (int Lower, double Share) Tap(int o, int input, int output, ResizeMode mode)
    {
        double s = mode == ResizeMode.Legacy ? (double)o * input / output : Math.Max(0, ((o + 0.5) * input / output) - 0.5);
        return ((int)Math.Floor(s), s - Math.Floor(s));
    }
}
