using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Arithmetic of two operands, element by element (<see cref="Binary"/>): along each axis their extents are equal, or one of them is 1.
/// Either both are values, or one is a parameter, the same for all images.
/// </summary>
public sealed class BinaryNode : Node
{
    private readonly BinaryFunction _function;
    private readonly int _parameterAt;

    /// <summary>Two values.</summary>
    public BinaryNode(Value a, Value b, BinaryFunction function) : base([a, b]) => (_function, _parameterAt) = (function, -1);

    /// <summary>A value and a parameter, which is the second operand unless <paramref name="parameterFirst"/> is set.</summary>
    public BinaryNode(Value x, GraphParameter parameter, BinaryFunction function, bool parameterFirst = false) : base([x], [parameter]) =>
        (_function, _parameterAt) = (function, parameterFirst ? 0 : 1);

    /// <summary>Which function.</summary>
    public BinaryFunction Function => _function;

    /// <summary>Whether the parameter is the first operand.</summary>
    public bool IsParameterFirst => _parameterAt == 0;

    /// <inheritdoc/>
    public override string Kind => _function.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override GradientReads Reads => _function switch
    {
        BinaryFunction.Add or BinaryFunction.Subtract => GradientReads.Nothing,
        BinaryFunction.Multiply or BinaryFunction.Maximum or BinaryFunction.Minimum => GradientReads.Inputs,
        _ => GradientReads.Inputs | GradientReads.Output,
    };

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override bool AddsBias =>
        _function == BinaryFunction.Add && _parameterAt >= 0 && Parameters[0].Shape == Shape.Vector(Output.Shape.C);

    /// <inheritdoc/>
    public override Tensor Bias(NodeRun run) => run.Parameter(0);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape a = inputs[0], b = _parameterAt < 0 ? inputs[1] : Parameters[0].Shape;
        return new Shape(Extent(a.N, b.N), Extent(a.H, b.H), Extent(a.W, b.W), Extent(a.C, b.C));

        int Extent(int left, int right) => left == right || right == 1 ? left : left == 1 ? right
            : throw new GpuCamException($"{a} and {b} cannot be taken element by element");
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Binary.Forward(_function, First(run), Second(run), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        int which = _parameterAt == 0 ? 1 : input;
        (Tensor a, Tensor b) = Operands(run, which);
        Binary.Backward(_function, a, b, Result(run), run.DY, run.DX, which);
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) =>
        Binary.Backward(_function, First(run), Second(run), Result(run), run.DY, run.ParameterGradient(0), _parameterAt);

    private Tensor Result(NodeRun run) => Reads.HasFlag(GradientReads.Output) ? run.Y : run.DY;

    private Tensor First(NodeRun run) => _parameterAt == 0 ? run.Parameter(0) : run.X();

    private Tensor Second(NodeRun run) => _parameterAt switch { 0 => run.X(), 1 => run.Parameter(0), _ => run.X(1) };

    /// <summary>Both operands; where nobody reads them again, tensors of their shapes.</summary>
    private (Tensor A, Tensor B) Operands(NodeRun run, int which)
    {
        if (Reads != GradientReads.Nothing)
        {
            return (First(run), Second(run));
        }

        Tensor other = _parameterAt >= 0 ? run.Parameter(0) : run.DY;
        return which == 0 ? (run.DX, other) : (other, run.DX);
    }
}
