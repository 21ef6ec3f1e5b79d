using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The convolutions that are tested, and a reference in double precision: one loop for all directions.</summary>
public static class Conv2DCases
{
    private static readonly Dictionary<string, Conv2DGeometry> s_cases = new()
    {
        ["one pixel"] = Conv2DGeometry.Create(new Shape(1, 1, 1, 1), 1, 1),
        ["1x1 on many channels"] = Conv2DGeometry.Create(new Shape(2, 3, 5, 7), 1, 9),
        ["same 5x5, one grey channel"] = Conv2DGeometry.Same(new Shape(2, 7, 9, 1), 5, 8),
        ["same, even kernel"] = Conv2DGeometry.Same(new Shape(1, 5, 6, 2), 4, 3),
        ["stride 2, padding 1"] = Conv2DGeometry.Create(new Shape(3, 8, 7, 3), 3, 5, stride: 2, padding: 1),
        ["stride beyond the kernel"] = Conv2DGeometry.Create(new Shape(2, 10, 9, 2), 2, 4, stride: 3),
        ["dilation 2"] = Conv2DGeometry.Create(new Shape(1, 9, 11, 4), 3, 6, padding: 2, dilation: 2),
        ["all unequal"] = new(new Shape(2, 9, 14, 5), 2, 3, 7, 2, 3, 1, 0, 2, 4, 3, 2),
        ["small and unequal"] = new(new Shape(2, 4, 6, 2), 2, 3, 3, 2, 1, 1, 0, 0, 2, 2, 2),
        ["1x1, stride 2"] = Conv2DGeometry.Create(new Shape(2, 5, 8, 6), 1, 5, stride: 2),
        ["1x1, padded"] = Conv2DGeometry.Create(new Shape(2, 3, 4, 3), 1, 5, padding: 1),
        ["no padding"] = Conv2DGeometry.Create(new Shape(2, 6, 9, 3), 3, 5),
        ["1x7"] = new(new Shape(2, 5, 9, 3), 1, 7, 6, 1, 1, 0, 3, 0, 3, 1, 1),
        ["7x1"] = new(new Shape(2, 9, 5, 3), 7, 1, 6, 1, 1, 3, 0, 3, 0, 1, 1),
        ["stride 2, more padding at the top left"] = new(new Shape(1, 11, 14, 3), 7, 7, 4, 2, 2, 3, 3, 2, 2, 1, 1),
        ["stride 2, padding at the top left alone"] = new(new Shape(2, 6, 8, 4), 3, 3, 5, 2, 2, 1, 1, 0, 0, 1, 1),
        ["stride 2, padding at the bottom right alone"] = new(new Shape(2, 6, 8, 4), 3, 3, 5, 2, 2, 0, 0, 1, 1, 1, 1),
        ["padding alone under some taps"] = new(new Shape(1, 2, 3, 2), 3, 3, 2, 1, 1, 4, 3, 3, 4, 1, 1),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    public static Conv2DGeometry Get(string name) => s_cases[name];

    public static double[] Forward(Conv2DGeometry g, float[] x, float[] weight, float[]? bias, bool relu)
    {
        double[] y = new double[g.Y.Count];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = bias is null ? 0 : bias[i % g.OC];
        }

        Visit(g, (yi, xi, wi) => y[yi] += (double)x[xi] * weight[wi]);
        return relu ? [.. y.Select(v => Math.Max(0, v))] : y;
    }

    public static double[] BackwardData(Conv2DGeometry g, float[] dy, float[] weight)
    {
        double[] dx = new double[g.X.Count];
        Visit(g, (yi, xi, wi) => dx[xi] += (double)dy[yi] * weight[wi]);
        return dx;
    }

    public static double[] BackwardWeight(Conv2DGeometry g, float[] x, float[] dy)
    {
        double[] dWeight = new double[g.Weight.Count];
        Visit(g, (yi, xi, wi) => dWeight[wi] += (double)x[xi] * dy[yi]);
        return dWeight;
    }

    public static double[] BackwardBias(Conv2DGeometry g, float[] dy)
    {
        double[] dBias = new double[g.OC];
        for (int i = 0; i < dy.Length; i++)
        {
            dBias[i % g.OC] += dy[i];
        }

        return dBias;
    }

    /// <summary>Calls <paramref name="meet"/> with the indices into y, x and weight of every product the definition names.</summary>
    private static void Visit(Conv2DGeometry g, Action<int, int, int> meet)
    {
        // A geometry checks itself wherever its result is asked for, so it is asked once.
        Shape y = g.Y, x = g.X, weight = g.Weight;
        foreach ((int n, int oh, int ow, int oc) in Indices(y))
        {
            for (int tap = 0; tap < g.KH * g.KW; tap++)
            {
                int kh = tap / g.KW, kw = tap % g.KW;
                int ih = (oh * g.StrideH) + (kh * g.DilationH) - g.PadTop;
                int iw = (ow * g.StrideW) + (kw * g.DilationW) - g.PadLeft;
                if (ih < 0 || ih >= x.H || iw < 0 || iw >= x.W)
                {
                    continue;
                }

                for (int ic = 0; ic < x.C; ic++)
                {
                    meet(At(y, n, oh, ow, oc), At(x, n, ih, iw, ic), At(weight, kh, kw, ic, oc));
                }
            }
        }
    }

    /// <summary>All indices of a tensor in memory order.</summary>
    private static IEnumerable<(int N, int H, int W, int C)> Indices(Shape s)
    {
        for (int i = 0; i < s.Count; i++)
        {
            yield return (i / (s.Area * s.C), i / (s.W * s.C) % s.H, i / s.C % s.W, i % s.C);
        }
    }

    private static int At(Shape s, int n, int h, int w, int c) => (((((n * s.H) + h) * s.W) + w) * s.C) + c;
}
