namespace GpuCam.Kernels.Ops;

/// <summary>
/// Where the elements of two operands lie while one goes over the elements of a result that they are broadcast to: per axis an operand
/// has the result's extent or 1. Neighbouring axes on which both behave alike are one axis here, so that the innermost is as long as it
/// can be; axes of extent 1 are gone.
/// </summary>
internal readonly struct BroadcastLoops
{
    /// <summary>For a result and two operands that <see cref="Expect"/> has let pass.</summary>
    public BroadcastLoops(Shape y, Shape a, Shape b)
    {
        Span<int> extents = [1, 1, 1, 1], stepsA = [0, 0, 0, 0], stepsB = [0, 0, 0, 0];
        ReadOnlySpan<int> all = [y.N, y.H, y.W, y.C], ofA = [a.N, a.H, a.W, a.C], ofB = [b.N, b.H, b.W, b.C];
        int group = 4, strideA = 1, strideB = 1;
        for (int axis = 3; axis >= 0; axis--)
        {
            if (all[axis] == 1)
            {
                continue;
            }

            bool hasA = ofA[axis] != 1, hasB = ofB[axis] != 1;
            if (group == 4 || hasA != (stepsA[group] != 0) || hasB != (stepsB[group] != 0))
            {
                group--;
                stepsA[group] = hasA ? strideA : 0;
                stepsB[group] = hasB ? strideB : 0;
            }

            extents[group] *= all[axis];
            strideA *= ofA[axis];
            strideB *= ofB[axis];
        }

        Y = new Shape(extents[0], extents[1], extents[2], extents[3]);
        StepA = new Shape(stepsA[0], stepsA[1], stepsA[2], stepsA[3]);
        StepB = new Shape(stepsB[0], stepsB[1], stepsB[2], stepsB[3]);
    }

    /// <summary>Extents of the loops; their product is the result's.</summary>
    public Shape Y { get; }

    /// <summary>How far the first operand moves per step on each axis; 0 where it has extent 1.</summary>
    public Shape StepA { get; }

    /// <summary>The same for the second operand.</summary>
    public Shape StepB { get; }

    /// <summary>Throws unless <paramref name="operand"/> has on every axis the extent of <paramref name="y"/> or 1.</summary>
    public static void Expect(Tensor operand, Shape y)
    {
        Shape shape = operand.Shape;
        if (!Fits(shape.N, y.N) || !Fits(shape.H, y.H) || !Fits(shape.W, y.W) || !Fits(shape.C, y.C))
        {
            throw new ArgumentException($"tensor '{operand.Name}' {shape} cannot be broadcast to {y}");
        }

        static bool Fits(int extent, int whole) => extent == whole || extent == 1;
    }

    /// <summary>Where the first operand's element for element <paramref name="index"/> of the result lies.</summary>
    public int A(int index) => At(index, StepA);

    /// <summary>Where the second operand's lies.</summary>
    public int B(int index) => At(index, StepB);

    private int At(int index, Shape step)
    {
        int row = index / Y.C, plane = row / Y.W;
        return (index % Y.C * step.C) + (row % Y.W * step.W) + (plane % Y.H * step.H) + (plane / Y.H * step.N);
    }
}
