namespace GpuCam.Kernels.Ops;

/// <summary>Adds a tensor to another of its shape: <c>y = y + x</c>. Where a value is used twice its gradients meet like that.</summary>
public static class Accumulate
{
    /// <summary>Adds <paramref name="x"/> to <paramref name="y"/>.</summary>
    public static void Forward(Tensor x, Tensor y)
    {
        x.Expect(y.Shape);
        Binary.Forward(BinaryFunction.Add, y, x, y);
    }
}
