using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>A convolution and its gradients as the sums they are defined by, in double.</summary>
internal static class NaiveConv2D
{
    public static (double[] Y, double[] Dx, double[] DWeight) Run(Conv2DGeometry g, double[] x, float[] weight, float[] bias, double[] dy)
    {
        double[] y = new double[g.Y.Count], dx = new double[g.X.Count], dWeight = new double[g.Weight.Count];
        for (int pixel = 0; pixel < g.X.N * g.OH * g.OW; pixel++)
        {
            int ow = pixel % g.OW, oh = pixel / g.OW % g.OH, n = pixel / g.OW / g.OH;
            for (int oc = 0; oc < g.OC; oc++)
            {
                y[(pixel * g.OC) + oc] = bias[oc];
            }

            for (int tap = 0; tap < g.KH * g.KW; tap++)
            {
                int ih = (oh * g.StrideH) + (tap / g.KW * g.DilationH) - g.PadTop;
                int iw = (ow * g.StrideW) + (tap % g.KW * g.DilationW) - g.PadLeft;
                if (ih < 0 || iw < 0 || ih >= g.X.H || iw >= g.X.W)
                {
                    continue;
                }

                for (int ic = 0; ic < g.X.C; ic++)
                {
                    int at = (((((n * g.X.H) + ih) * g.X.W) + iw) * g.X.C) + ic;
                    for (int oc = 0; oc < g.OC; oc++)
                    {
                        int w = (((tap * g.X.C) + ic) * g.OC) + oc, o = (pixel * g.OC) + oc;
                        y[o] += x[at] * weight[w];
                        dx[at] += dy[o] * weight[w];
                        dWeight[w] += dy[o] * x[at];
                    }
                }
            }
        }

        return (y, dx, dWeight);
    }
}
