using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Four nested loops over a box, and where its elements lie in two tensors. Neighbouring axes along which both go on without a gap are
/// one axis here, so that the innermost is as long as it can be.
/// </summary>
internal readonly struct BoxCopy
{
    /// <summary>A box of these extents in tensors of the shapes <paramref name="x"/> and <paramref name="y"/>.</summary>
    public BoxCopy(Shape extents, Shape x, Shape startX, Shape stepX, Shape y, Shape startY, Shape stepY)
    {
        Shape linesX = Lines(x), linesY = Lines(y);
        StartX = (startX.N * linesX.N) + (startX.H * linesX.H) + (startX.W * linesX.W) + startX.C;
        StartY = (startY.N * linesY.N) + (startY.H * linesY.H) + (startY.W * linesY.W) + startY.C;
        ReadOnlySpan<int> all = [extents.N, extents.H, extents.W, extents.C];
        ReadOnlySpan<int> ofX = [stepX.N * linesX.N, stepX.H * linesX.H, stepX.W * linesX.W, stepX.C];
        ReadOnlySpan<int> ofY = [stepY.N * linesY.N, stepY.H * linesY.H, stepY.W * linesY.W, stepY.C];
        Span<int> merged = [1, 1, 1, all[3]], movesX = [0, 0, 0, ofX[3]], movesY = [0, 0, 0, ofY[3]];
        int group = 3;
        for (int axis = 2; axis >= 0; axis--)
        {
            if (all[axis] == 1)
            {
                continue;
            }

            if (merged[group] == 1)
            {
                (merged[group], movesX[group], movesY[group]) = (all[axis], ofX[axis], ofY[axis]);
            }
            else if (ofX[axis] == (long)movesX[group] * merged[group] && ofY[axis] == (long)movesY[group] * merged[group])
            {
                merged[group] *= all[axis];
            }
            else
            {
                group--;
                (merged[group], movesX[group], movesY[group]) = (all[axis], ofX[axis], ofY[axis]);
            }
        }

        Extents = new Shape(merged[0], merged[1], merged[2], merged[3]);
        MoveX = new Shape(movesX[0], movesX[1], movesX[2], movesX[3]);
        MoveY = new Shape(movesY[0], movesY[1], movesY[2], movesY[3]);
    }

    /// <summary>Extents of the loops.</summary>
    public Shape Extents { get; }

    /// <summary>How far one step on each axis moves in x.</summary>
    public Shape MoveX { get; }

    /// <summary>The same in y.</summary>
    public Shape MoveY { get; }

    /// <summary>Where the box begins in x.</summary>
    public int StartX { get; }

    /// <summary>Where it begins in y.</summary>
    public int StartY { get; }

    /// <summary>Where element <paramref name="index"/> of the box lies in x.</summary>
    public int X(int index) => StartX + At(index, MoveX);

    /// <summary>Where it lies in y.</summary>
    public int Y(int index) => StartY + At(index, MoveY);

    private static Shape Lines(Shape shape) => new(shape.H * shape.W * shape.C, shape.W * shape.C, shape.C, 1);

    private int At(int index, Shape move)
    {
        int row = index / Extents.C, plane = row / Extents.W;
        return (index % Extents.C * move.C) + (row % Extents.W * move.W) + (plane % Extents.H * move.H) + (plane / Extents.H * move.N);
    }
}

/// <summary>One thread, one element of the box.</summary>
internal readonly struct BoxCopyKernel(ArrayView<float> x, ArrayView<float> y, BoxCopy box) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => y[box.Y(index)] = x[box.X(index)];
}
