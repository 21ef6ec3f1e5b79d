namespace GpuCam.CudaTests.Machine.Text;

/// <summary>
/// Makes one instruction of a product and its sum, as NVIDIA's compilers do where PTX names no rounding (<c>mul.f32</c>, not
/// <c>mul.rn.f32</c>): d = a * b + c, rounded once. Every sum that may be fused is.
/// </summary>
/// <remarks>
/// A product stays as it is: others may read it. What is fused with a difference has no name in PTX, where no factor can be negated;
/// here it is <c>fma.rn.minus</c> (a * b - c) and <c>fma.rn.from</c> (c - a * b).
/// </remarks>
internal sealed class Contraction
{
    private readonly Dictionary<string, PtxStatement> _products = [];
    private readonly Dictionary<string, List<string>> _readers = [];

    /// <summary>Forgets all products: lanes may come from elsewhere.</summary>
    public void Forget()
    {
        _products.Clear();
        _readers.Clear();
    }

    /// <summary>The instruction that takes the place of the next one, which may be itself.</summary>
    public PtxStatement Apply(PtxStatement statement)
    {
        PtxStatement result = Fuse(statement);
        if (statement.Operands.Count > 0)
        {
            foreach (string written in PtxStatement.Elements(statement.Operands[0]))
            {
                Overwrite(written);
            }
        }

        if (IsProduct(statement))
        {
            string target = statement.Operands[0];
            _products[target] = statement;
            foreach (string factor in statement.Operands.Skip(1))
            {
                (_readers.TryGetValue(factor, out List<string>? readers) ? readers : _readers[factor] = []).Add(target);
            }
        }

        return result;
    }

    private static bool IsProduct(PtxStatement statement) =>
        statement is { Guard: null, Parts: ["mul", "f32"] or ["mul", "ftz", "f32"] }
            && !statement.Operands.Skip(1).Contains(statement.Operands[0]);

    private void Overwrite(string register)
    {
        _products.Remove(register);
        if (_readers.Remove(register, out List<string>? readers))
        {
            readers.ForEach(target => _products.Remove(target));
        }
    }

    private PtxStatement Fuse(PtxStatement statement)
    {
        if (statement is not
            {
                Guard: null,
                Parts: ["add" or "sub", "f32"] or ["add" or "sub", "ftz", "f32"],
                Operands: [_, var x, var y],
            })
        {
            return statement;
        }

        bool isSum = statement.Parts[0] == "add";
        return Product(x, statement) is { } left ? Fused(statement, left, isSum ? [] : ["minus"], y)
            : Product(y, statement) is { } right ? Fused(statement, right, isSum ? [] : ["from"], x)
            : statement;
    }

    /// <summary>The product that a register holds, if it treats small numbers as the sum does.</summary>
    private PtxStatement? Product(string register, PtxStatement sum) =>
        _products.TryGetValue(register, out PtxStatement? product) && product.Parts.Count == sum.Parts.Count ? product : null;

    private static PtxStatement Fused(PtxStatement sum, PtxStatement product, string[] sign, string summand) => sum with
    {
        Parts = ["fma", "rn", .. sign, .. sum.Parts.Skip(1)],
        Operands = [sum.Operands[0], product.Operands[1], product.Operands[2], summand],
        Text = $"{sum.Text} (fused with line {product.Line})"
    };
}
