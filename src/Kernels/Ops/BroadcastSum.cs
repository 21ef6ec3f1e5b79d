namespace GpuCam.Kernels.Ops;

/// <summary>
/// The elements of a result that were made with one element of a broadcast operand: loops over the axes on which that operand has
/// extent 1, from a place that the axes on which it does not give. Built for one element inside a kernel.
/// </summary>
internal readonly struct BroadcastSum
{
    /// <summary>Extents of the loops; 1 on the operand's own axes.</summary>
    public readonly int N, H, W, C;

    /// <summary>Where they start, in the result and in the two operands.</summary>
    public readonly int Y, A, B;

    /// <summary>How far the result moves per step on each axis.</summary>
    public readonly int StepN, StepH, StepW;

    /// <summary>For element <paramref name="index"/> of the operand whose steps are <paramref name="own"/>.</summary>
    public BroadcastSum(BroadcastLoops loops, Shape own, int index)
    {
        StepW = loops.Y.C;
        StepH = StepW * loops.Y.W;
        StepN = StepH * loops.Y.H;
        int left = index;
        int c = own.C != 0 ? left % loops.Y.C : 0;
        left = own.C != 0 ? left / loops.Y.C : left;
        int w = own.W != 0 ? left % loops.Y.W : 0;
        left = own.W != 0 ? left / loops.Y.W : left;
        int h = own.H != 0 ? left % loops.Y.H : 0;
        int n = own.H != 0 ? left / loops.Y.H : left;
        N = own.N != 0 ? 1 : loops.Y.N;
        H = own.H != 0 ? 1 : loops.Y.H;
        W = own.W != 0 ? 1 : loops.Y.W;
        C = own.C != 0 ? 1 : loops.Y.C;
        Y = (n * StepN) + (h * StepH) + (w * StepW) + c;
        A = (n * loops.StepA.N) + (h * loops.StepA.H) + (w * loops.StepA.W) + (c * loops.StepA.C);
        B = (n * loops.StepB.N) + (h * loops.StepB.H) + (w * loops.StepB.W) + (c * loops.StepB.C);
    }
}
