using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Matrix products of two values (<see cref="BatchedMatMul"/>): [N, H, W, K] times [N, H, K, C], a matrix for each N and H. With
/// <paramref name="transposeB"/> the second is [N, H, C, K].
/// </summary>
public sealed class MatMulNode(Value a, Value b, bool transposeB) : Node([a, b])
{
    /// <summary>Whether the second is [N, H, C, K].</summary>
    public bool TransposesB => transposeB;

    /// <inheritdoc/>
    public override string Kind => "matmul";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        (Shape left, Shape right) = (inputs[0], inputs[1]);
        (int depth, int columns) = transposeB ? (right.C, right.W) : (right.W, right.C);
        return left.N == right.N && left.H == right.H && left.C == depth
            ? left.WithC(columns)
            : throw new GpuCamException($"matrices of {left} and {right} cannot be multiplied");
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(IReadOnlyList<Shape> inputs, Shape output) => (long)output.Count * inputs[0].C;

    /// <inheritdoc/>
    public override void Forward(NodeRun run)
    {
        Shape left = run.X().Shape;
        BatchedMatMul.Forward(run.X(), run.X(1), run.Y, left.N * left.H, left.W, left.C, run.Y.Shape.C, false, transposeB);
    }

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        Shape dy = run.DY.Shape;
        (int batches, int m, int n) = (dy.N * dy.H, dy.W, dy.C);
        int k = run.X().Shape.C;
        if (input == 0)
        {
            BatchedMatMul.Forward(run.DY, run.X(1), run.DX, batches, m, n, k, false, !transposeB);
        }
        else if (transposeB)
        {
            BatchedMatMul.Forward(run.DY, run.X(), run.DX, batches, n, m, k, true, false);
        }
        else
        {
            BatchedMatMul.Forward(run.X(), run.DY, run.DX, batches, k, m, n, true, false);
        }
    }
}
