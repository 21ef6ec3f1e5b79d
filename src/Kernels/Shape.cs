namespace GpuCam.Kernels;

/// <summary>
/// Four extents, slowest first. Activations are NHWC: <c>[N, H, W, C]</c>, channels contiguous. Convolution weights are
/// HWIO: <c>[KH, KW, IC, OC]</c>. Matrices are <c>[N, 1, 1, C]</c> and vectors <c>[1, 1, 1, C]</c>.
/// </summary>
public readonly record struct Shape(int N, int H, int W, int C)
{
    /// <summary>A vector of <paramref name="length"/> elements.</summary>
    public static Shape Vector(int length) => new(1, 1, 1, length);

    /// <summary>A matrix, row after row.</summary>
    public static Shape Matrix(int rows, int columns) => new(rows, 1, 1, columns);

    /// <summary>Number of elements; an <see cref="OverflowException"/> beyond 2^31 - 1.</summary>
    public int Count => checked(N * H * W * C);

    /// <summary>Pixels of one channel of one image.</summary>
    public int Area => checked(H * W);

    /// <summary>The same image extents for another number of images.</summary>
    public Shape WithN(int n) => this with { N = n };

    /// <summary>The same images with another number of channels.</summary>
    public Shape WithC(int c) => this with { C = c };

    /// <inheritdoc/>
    public override string ToString() => $"{N}x{H}x{W}x{C}";
}
