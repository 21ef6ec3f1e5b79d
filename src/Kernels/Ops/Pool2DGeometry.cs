namespace GpuCam.Kernels.Ops;

/// <summary>
/// Square windows: output (oh, ow) looks at the input pixels from <c>oh * Stride - Padding</c>, <c>ow * Stride - Padding</c> on,
/// <see cref="Size"/> in each direction. Pixels outside the input do not take part. Windows that would reach past the padded
/// border are dropped (floor mode).
/// </summary>
/// <param name="X">Input, NHWC.</param>
/// <param name="Size">Height and width of a window.</param>
/// <param name="Stride">Step between windows.</param>
/// <param name="Padding">Rows and columns around the input that windows may reach into; at most half the size.</param>
public readonly record struct Pool2DGeometry(Shape X, int Size, int Stride, int Padding)
{
    private int OH => ((X.H + (2 * Padding) - Size) / Stride) + 1;

    private int OW => ((X.W + (2 * Padding) - Size) / Stride) + 1;

    /// <summary>Shape of the output, <c>[N, OH, OW, C]</c>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public Shape Y
    {
        get
        {
            Check();
            return new Shape(X.N, OH, OW, X.C);
        }
    }

    /// <summary>Throws if no pooling can look like this.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public void Check()
    {
        if (X.N < 1 || X.H < 1 || X.W < 1 || X.C < 1 || Size < 1 || Stride < 1)
        {
            throw new GpuCamException($"{this}: input, size and stride must be at least 1");
        }

        if (Padding < 0 || Padding > Size / 2)
        {
            throw new GpuCamException($"{this}: padding must lie between 0 and half the size, or a window would see nothing");
        }

        if (Size > X.H + (2L * Padding) || Size > X.W + (2L * Padding))
        {
            throw new GpuCamException($"{this}: the window is larger than the padded input; use a larger input or a smaller window");
        }

        decimal largest = Math.Max((decimal)X.N * X.H * X.W * X.C, (decimal)X.N * OH * OW * X.C);
        if (largest > int.MaxValue)
        {
            throw new GpuCamException($"{this}: a tensor would have more than {int.MaxValue} elements; use a smaller batch");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"pooling {Size}x{Size} of {X} (stride {Stride}, padding {Padding})";
}
