using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>A 3x3 weight for <see cref="WinogradConv"/>: <c>U = G w G'</c> for each pair of channels, [plane, panel, ic, width].</summary>
internal static unsafe class WinogradPanels
{
    /// <summary>
    /// Writes rows [from, to) of all planes: input channel i, from a weight whose element (kh, kw, i, o) lies at
    /// (kh * 3 + kw) * tapStep + i * rowStep + o, with the taps mirrored if that is asked for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<TV, TForm>(
        float* weight, long tapStep, long rowStep, bool mirrored, Panels panels, int from, int to, float* u)
        where TV : unmanaged, IVector<TV>
        where TForm : struct, IWinogradForm
    {
        int side = TForm.Window, lanes = TV.Lanes, first = mirrored ? 8 : 0, down = mirrored ? -3 : 3, right = mirrored ? -1 : 1;
        float* room = stackalloc float[(18 * lanes) + AlignedBuffer.Line], half = AlignedBuffer.Align(room);
        for (int ic = from; ic < to; ic++)
        {
            for (int oc = 0; oc < panels.Padded; oc += lanes)
            {
                int used = Math.Clamp(panels.Columns - oc, 0, lanes);
                float* source = weight + (ic * rowStep) + oc;
                for (int kw = 0; kw < 3; kw++)
                {
                    int tap = first + (kw * right);
                    TForm.Weight(
                        Load<TV>(source + (tap * tapStep), used), Load<TV>(source + ((tap + down) * tapStep), used),
                        Load<TV>(source + ((tap + (2 * down)) * tapStep), used),
                        out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5);
                    WinogradConv.Write<TV, TForm>(half + (kw * lanes), 3 * lanes, u0, u1, u2, u3, u4, u5);
                }

                int panel = oc / panels.Width;
                float* target = u + panels.Offset(panel) + ((long)ic * panels.WidthOf(panel)) + (oc % panels.Width);
                for (int h = 0; h < side; h++)
                {
                    float* row = half + (h * 3 * lanes);
                    TForm.Weight(
                        TV.Load(row), TV.Load(row + lanes), TV.Load(row + (2 * lanes)),
                        out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5);
                    WinogradConv.Write<TV, TForm>(target + (h * side * panels.Floats), panels.Floats, u0, u1, u2, u3, u4, u5);
                }
            }
        }
    }

    /// <summary>A register of which so many lanes are read; zeros in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TV Load<TV>(float* source, int used)
        where TV : unmanaged, IVector<TV> => used == TV.Lanes ? TV.Load(source) : Partial.Load<TV>(source, used);
}
