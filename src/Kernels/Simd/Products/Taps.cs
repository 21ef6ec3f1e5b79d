namespace GpuCam.Kernels.Simd;

/// <summary>Where the taps of a window lie, from its first pixel: in runs of neighbours in memory.</summary>
internal readonly struct Taps(int kernelRows, int kernelColumns, int rowStep, int columnStep, int channels)
{
    private readonly bool _dense = columnStep == channels;

    /// <summary>Taps in a run: a kernel's row where columns touch, else a pixel.</summary>
    public int Length { get; } = columnStep == channels ? kernelColumns * channels : channels;

    /// <summary>Runs.</summary>
    public int Segments { get; } = columnStep == channels ? kernelRows : kernelRows * kernelColumns;

    /// <summary>One run: a row of a matrix.</summary>
    public static Taps Row(int length) => new(1, 1, 0, length, length);

    /// <summary>Where a run starts, from the window's first pixel.</summary>
    public int Offset(int segment) =>
        _dense ? segment * rowStep : (segment / kernelColumns * rowStep) + (segment % kernelColumns * columnStep);
}
