using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Runner.Images;

/// <summary>The overlay that a device draws is the one the host draws, within a level.</summary>
public class DeviceOverlayTests
{
    private const int Width = 13;
    private const int Height = 7;
    private const int Area = Width * Height;

    private static readonly Dictionary<string, HeatmapOptions> s_cases = new()
    {
        ["as usual"] = new HeatmapOptions(),
        ["signed"] = new HeatmapOptions { Signed = true, Colors = ColorMaps.Diverging, Alpha = 0.7f },
        ["viridis, on light"] = new HeatmapOptions { Colors = ColorMaps.Viridis, Alpha = 1, Background = ImageBackground.Light },
        ["on dark"] = new HeatmapOptions { Alpha = 0.25f, Background = ImageBackground.Dark },
    };

    public static TheoryData<string, string> Cases => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_that_of_the_host(string device, string name)
    {
        HeatmapOptions options = s_cases[name];
        using var op = new OpHarness(device);
        using var painter = new OverlayPainter(op.Device, (options.Colors ?? ColorMaps.Jet).ToBytes());
        float[][] maps = [.. Maps()];
        Tensor mapTensor = op.Input("maps", new Shape(maps.Length, Height, Width, 1), [.. maps.SelectMany(map => map)]);
        foreach (int channels in (int[])[1, 3])
        {
            float[] images = OpHarness.Random(maps.Length * Area * channels, 5, -0.1f, 1.1f);
            if (channels == 3)
            {
                for (int i = 0; i < 3 * 4 * Area; i++)     // some pictures are grey all the same
                {
                    images[i] = images[i / 3 * 3];
                }
            }

            Tensor imageTensor = op.Input("images", new Shape(maps.Length, Height, Width, channels), images);
            byte[] pixels = painter.Paint(mapTensor, imageTensor, options.ToStyle());
            Assert.Equal(maps.Length * Area * 3, pixels.Length);
            for (int n = 0; n < maps.Length; n++)
            {
                var image = Image8.FromFloats(images.AsSpan(n * Area * channels, Area * channels), Width, Height, channels);
                byte[] expected = Heatmap.Overlay(image, maps[n], options).Pixels;
                for (int i = 0; i < expected.Length; i++)
                {
                    Assert.True(Math.Abs(expected[i] - pixels[(n * Area * 3) + i]) <= 1,
                        $"{channels} channels, map {n}, byte {i}: {pixels[(n * Area * 3) + i]}, expected {expected[i]}");
                }
            }
        }
    }

    [Fact]
    public void A_wrong_shape_is_named()
    {
        using var op = new OpHarness("plain");
        using var painter = new OverlayPainter(op.Device, ColorMaps.Jet.ToBytes());
        Tensor maps = op.Output("maps", new Shape(2, 3, 5, 1));
        foreach (Shape shape in (Shape[])[new(2, 3, 5, 2), new(2, 3, 4, 1), new(1, 3, 5, 3)])
        {
            Tensor images = op.Output("images", shape);
            Assert.Contains(
                "'images'", Assert.Throws<ArgumentException>(() => painter.Paint(maps, images, default)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => new OverlayPainter(op.Device, new byte[700]));
    }

    /// <summary>Maps of every state, and every place where one bad value can be.</summary>
    private static IEnumerable<float[]> Maps()
    {
        for (int seed = 0; seed < 6; seed++)
        {
            yield return OpHarness.Random(Area, seed, -1 - (100 * (seed % 3)), 1 + (10 * (seed % 2)));
        }

        yield return OpHarness.Random(Area, 9, -5, -1);
        yield return OpHarness.Random(Area, 10, -5, 0);
        yield return new float[Area];
        yield return Filled(2.5f);
        yield return Filled(-2.5f);
        float[] almost = Filled(1000);
        almost[4] = 1000.0001f;
        yield return almost;
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (int place in (int[])[0, 40, Area - 1])
            {
                float[] map = OpHarness.Random(Area, 11);
                map[place] = bad;
                yield return map;
            }
        }

        yield return Filled(float.NaN);
    }

    private static float[] Filled(float value)
    {
        float[] map = new float[Area];
        Array.Fill(map, value);
        return map;
    }
}
