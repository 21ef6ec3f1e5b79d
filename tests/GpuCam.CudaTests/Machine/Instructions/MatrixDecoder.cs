namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>ldmatrix</c> and <c>mma.sync</c>.</summary>
internal static class MatrixDecoder
{
    public static LoadMatrix Load(Operands o)
    {
        int[] targets = o.Allow("sync", "aligned", "m8n8", "x1", "x2", "x4", "trans", "shared").Values(0, 4);
        return o.Has($"x{targets.Length}") && o.Has("sync") && o.Has("aligned") && o.Has("shared") && o.Type.Bytes == 2
            ? new LoadMatrix(targets, o.Address(1), o.Has("trans"))
            : throw o.Unknown();
    }

    public static Instruction Multiply(Operands o)
    {
        int[] d = o.Values(0, 4), a = o.Values(1, 4), b = o.Values(2, 4), c = o.Values(3, 4);
        return (o.Modification, o.TypeCount, d.Length, a.Length, b.Length, c.Length) switch
        {
            ("sync.aligned.m16n8k4.row.col.tf32.tf32", 2, 4, 2, 1, 4) => new MultiplyMatrices<TF32Elements>(d, a, b, c),
            ("sync.aligned.m16n8k8.row.col.tf32.tf32", 2, 4, 4, 2, 4) => new MultiplyMatrices<TF32Elements>(d, a, b, c),
            ("sync.aligned.m16n8k8.row.col.bf16.bf16", 2, 4, 2, 1, 4) => new MultiplyMatrices<BFloat16Elements>(d, a, b, c),
            ("sync.aligned.m16n8k16.row.col.bf16.bf16", 2, 4, 4, 2, 4) => new MultiplyMatrices<BFloat16Elements>(d, a, b, c),
            _ => throw o.Unknown(),
        };
    }
}
