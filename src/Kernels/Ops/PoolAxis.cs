namespace GpuCam.Kernels.Ops;

/// <summary>One axis of a <see cref="Pool2DGeometry"/>: which pixels a window sees, which windows see a pixel.</summary>
/// <param name="Input">Extent of x.</param>
/// <param name="Output">Extent of y: windows.</param>
/// <param name="Size">Cells of a window.</param>
/// <param name="Stride">Step between windows.</param>
/// <param name="Before">Padding before the input.</param>
/// <param name="After">Padding behind the input.</param>
/// <param name="Dilation">Step between the cells of a window.</param>
public readonly record struct PoolAxis(int Input, int Output, int Size, int Stride, int Before, int After, int Dilation)
{
    /// <summary>The first pixel that window <paramref name="o"/> sees; the next is <see cref="Dilation"/> behind it.</summary>
    public int First(int o)
    {
        int start = (o * Stride) - Before;
        return start >= 0 ? start : start + ((Dilation - 1 - start) / Dilation * Dilation);
    }

    /// <summary>No pixel from here on is seen by window <paramref name="o"/>.</summary>
    public int End(int o) => Math.Min(Input, (o * Stride) - Before + ((Size - 1) * Dilation) + 1);

    /// <summary>Cells of window <paramref name="o"/> that lie on the input or, with <paramref name="padding"/> 1, on its padding.</summary>
    public int Cells(int o, int padding)
    {
        int start = (o * Stride) - Before;
        int first = padding != 0 ? start : First(o);
        int end = padding != 0 ? Math.Min(Input + After, start + ((Size - 1) * Dilation) + 1) : End(o);
        return (end - first + Dilation - 1) / Dilation;
    }

    /// <summary>No window before this one sees pixel <paramref name="i"/>.</summary>
    public int FirstWindow(int i) => Math.Max(0, i + Before - ((Size - 1) * Dilation) + Stride - 1) / Stride;

    /// <summary>No window from here on sees pixel <paramref name="i"/>.</summary>
    public int EndWindow(int i) => Math.Min(Output, ((i + Before) / Stride) + 1);

    /// <summary>Whether window <paramref name="o"/>, of those between the two, has a cell on pixel <paramref name="i"/>.</summary>
    public bool Sees(int o, int i) => (i + Before - (o * Stride)) % Dilation == 0;
}
