using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The poolings that are tested, and which pixels their windows see, by asking every cell.</summary>
public static class PoolCases
{
    private static readonly Dictionary<string, Pool2DGeometry> s_cases = new()
    {
        ["one pixel"] = Pool2DGeometry.Square(new Shape(1, 1, 1, 1), 1, 1, 0),
        ["halves"] = Pool2DGeometry.Square(new Shape(2, 6, 8, 5), 2, 2, 0),
        ["halves, a row and a column left over"] = Pool2DGeometry.Square(new Shape(3, 7, 5, 4), 2, 2, 0),
        ["halves of 1 channel"] = Pool2DGeometry.Square(new Shape(2, 5, 6, 1), 2, 2, 0),
        ["halves of 17 channels"] = Pool2DGeometry.Square(new Shape(2, 4, 7, 17), 2, 2, 0),
        ["halves of 33 channels"] = Pool2DGeometry.Square(new Shape(3, 5, 4, 33), 2, 2, 0),
        ["halves of a row"] = Pool2DGeometry.Square(new Shape(2, 3, 2, 64), 2, 2, 0),
        ["halves, rounded up"] = Pool2DGeometry.Square(new Shape(2, 5, 7, 6), 2, 2, 0) with { Ceil = true },
        ["overlapping"] = Pool2DGeometry.Square(new Shape(2, 7, 6, 3), 3, 1, 0),
        ["overlapping, padded"] = Pool2DGeometry.Square(new Shape(2, 5, 8, 3), 3, 2, 1),
        ["overlapping, padded, 37 channels"] = Pool2DGeometry.Square(new Shape(2, 5, 4, 37), 3, 1, 1),
        ["overlapping, rounded up, 50 channels"] = Pool2DGeometry.Square(new Shape(1, 8, 9, 50), 3, 2, 0) with { Ceil = true },
        ["gaps between windows"] = Pool2DGeometry.Square(new Shape(1, 9, 11, 2), 2, 3, 1),
        ["as large as the image"] = Pool2DGeometry.Square(new Shape(2, 4, 4, 6), 4, 1, 0),
        ["padded nearly as far as a window"] = Pool2DGeometry.Square(new Shape(1, 3, 5, 5), 3, 1, 2),
        ["every side its own"] = new(new Shape(2, 7, 10, 5), 3, 2, 2, 3, 1, 0, 2, 1, 1, 1, false),
        ["dilated"] = new(new Shape(2, 9, 11, 19), 2, 3, 2, 1, 1, 2, 0, 1, 3, 2, false),
        ["rounded up"] = new(new Shape(2, 8, 6, 9), 3, 3, 2, 2, 0, 0, 0, 0, 1, 1, true),
        ["rounded up, padded, a window dropped"] = new(new Shape(2, 4, 7, 5), 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, true),
        ["rounded up, dilated, uneven"] = new(new Shape(1, 9, 10, 8), 3, 2, 2, 3, 1, 0, 0, 1, 2, 3, true),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    public static Pool2DGeometry Get(string name) => s_cases[name];

    /// <summary>
    /// For each element of y in memory order: the elements of x that its window sees, row by row, and how many of its cells lie on the
    /// input or its padding.
    /// </summary>
    public static IEnumerable<(int[] Seen, int Padded)> Windows(Pool2DGeometry g)
    {
        Shape shape = g.Y;
        for (int i = 0; i < shape.Count; i++)
        {
            int c = i % shape.C, ow = i / shape.C % shape.W, oh = i / shape.C / shape.W % shape.H, n = i / shape.C / shape.Area;
            var seen = new List<int>();
            int padded = 0;
            for (int k = 0; k < g.KH * g.KW; k++)
            {
                int ih = (oh * g.StrideH) - g.PadTop + (k / g.KW * g.DilationH);
                int iw = (ow * g.StrideW) - g.PadLeft + (k % g.KW * g.DilationW);
                padded += ih < g.X.H + g.PadBottom && iw < g.X.W + g.PadRight ? 1 : 0;
                if (ih >= 0 && ih < g.X.H && iw >= 0 && iw < g.X.W)
                {
                    seen.Add((((((n * g.X.H) + ih) * g.X.W) + iw) * g.X.C) + c);
                }
            }

            yield return ([.. seen], padded);
        }
    }
}
