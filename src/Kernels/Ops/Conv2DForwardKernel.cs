using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// One thread, 4 pixels along ow x 4 channels of y. Channels are fastest, so neighbouring threads read the same pixels.
/// </summary>
internal readonly struct Conv2DForwardKernel(
    ArrayView<float> x, ArrayView<float> weight, ProductEpilogue epilogue, Conv2DGeometry g) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int ocTiles = Lanes.Tiles(g.OC), owTiles = Lanes.Tiles(g.OW);
        int oc = index % ocTiles * Float4.Count;
        int ow = index / ocTiles % owTiles * Float4.Count;
        int line = index / ocTiles / owTiles;
        int oh = line % g.OH, n = line / g.OH;
        var lanes = new Lanes(oc, g.OC, 1);
        int ic = g.X.C, width = g.X.W;

        Float4 sum0 = epilogue.Bias(oc);
        Float4 sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int kh = 0; kh < g.KH; kh++)
        {
            int ih = (oh * g.StrideH) + (kh * g.DilationH) - g.PadTop;
            if (ih < 0 || ih >= g.X.H)
            {
                continue;
            }

            int row = ((n * g.X.H) + ih) * width;
            for (int kw = 0; kw < g.KW; kw++)
            {
                int iw0 = (ow * g.StrideW) + (kw * g.DilationW) - g.PadLeft;
                int iw1 = iw0 + g.StrideW, iw2 = iw1 + g.StrideW, iw3 = iw2 + g.StrideW;
                bool in0 = iw0 >= 0 && iw0 < width, in1 = iw1 >= 0 && iw1 < width;
                bool in2 = iw2 >= 0 && iw2 < width, in3 = iw3 >= 0 && iw3 < width;
                int x0 = (row + iw0) * ic, x1 = (row + iw1) * ic, x2 = (row + iw2) * ic, x3 = (row + iw3) * ic;
                int at = (((kh * g.KW) + kw) * ic * g.OC) + oc;
                for (int c = 0; c < ic; c++)
                {
                    var taps = Float4.Load(weight, at, lanes);
                    sum0 = sum0.Plus(in0 ? x[x0 + c] : 0, taps);
                    sum1 = sum1.Plus(in1 ? x[x1 + c] : 0, taps);
                    sum2 = sum2.Plus(in2 ? x[x2 + c] : 0, taps);
                    sum3 = sum3.Plus(in3 ? x[x3 + c] : 0, taps);
                    at += g.OC;
                }
            }
        }

        int pixel = (line * g.OW) + ow;
        epilogue.StoreBiased(pixel, oc, sum0);
        if (ow + 1 < g.OW)
        {
            epilogue.StoreBiased(pixel + 1, oc, sum1);
        }

        if (ow + 2 < g.OW)
        {
            epilogue.StoreBiased(pixel + 2, oc, sum2);
        }

        if (ow + 3 < g.OW)
        {
            epilogue.StoreBiased(pixel + 3, oc, sum3);
        }
    }
}
