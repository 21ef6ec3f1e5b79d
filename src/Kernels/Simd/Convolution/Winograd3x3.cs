using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The products of <see cref="DirectConv"/> by Winograd's method, for what <see cref="WinogradRule"/> chooses it.</summary>
internal static unsafe class Winograd3x3
{
    private const int TurnedSlot = 2;

    /// <summary>Writes y, whose pixels are <paramref name="step"/> floats apart.</summary>
    public static void Forward<TV, TForm>(
        HostDevice host, float* x, ConvWeight weight, Conv2DGeometry g, HostEpilogue epilogue, float* y, long step)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int ic = g.X.C, oc = g.OC;
        var panels = Panels.For<TV>(ic, oc);
        using ConvWeight.Packed u = weight.Pack(
            ("winograd", TForm.Tile, TV.Lanes), TForm.Window * TForm.Window * panels.Floats, (values, made) => host.Threads.For(
                ic, (from, to) => WinogradPanels.Transform<TV, TForm>(values, (long)ic * oc, oc, false, panels, from, to, made)));
        var images = WinogradImages.Of(x, g);
        WinogradConv.Run<TV, TForm>(host.Threads, images, u.Start, panels, epilogue, y, step);
    }

    /// <summary>Writes dx.</summary>
    public static void BackwardData<TV, TForm>(HostDevice host, float* dy, ConvWeight weight, float* dx, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int ic = g.X.C, oc = g.OC;
        var panels = Panels.For<TV>(oc, ic);
        using ConvWeight.Packed u = weight.Pack(
            ("winograd backward", TForm.Tile, TV.Lanes), TForm.Window * TForm.Window * panels.Floats, (values, made) =>
            {
                float* turned = Scratch.Get(TurnedSlot, 9L * ic * oc);
                host.Threads.For(9 * oc, (from, to) => Turn(values, ic, oc, from, to, turned));
                host.Threads.For(oc, (from, to) =>
                    WinogradPanels.Transform<TV, TForm>(turned, (long)ic * oc, ic, true, panels, from, to, made));
            });
        var images = new WinogradImages(dy, g.X.N, g.OH, g.OW, oc, g.X.H, g.X.W, 2 - g.PadTop, 2 - g.PadLeft);
        WinogradConv.Run<TV, TForm>(host.Threads, images, u.Start, panels, default, dx, ic);
    }

    /// <summary>[tap, ic, oc] to [tap, oc, ic], rows [from, to) of all taps' oc.</summary>
    private static void Turn(float* weight, int ic, int oc, int from, int to, float* turned)
    {
        for (int row = from; row < to; row++)
        {
            float* source = weight + ((long)(row / oc) * ic * oc) + (row % oc), target = turned + ((long)row * ic);
            for (int i = 0; i < ic; i++, source += oc)
            {
                target[i] = *source;
            }
        }
    }
}
