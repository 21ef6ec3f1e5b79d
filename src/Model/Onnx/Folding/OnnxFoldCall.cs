namespace GpuCam.Model;

/// <summary>A node whose inputs are all known: what it takes, and errors in its name.</summary>
/// <param name="Node">The node.</param>
/// <param name="Inputs">In its order; null for one that is left out.</param>
/// <param name="Opset">Of the operator's domain.</param>
internal sealed record OnnxFoldCall(OnnxNode Node, IReadOnlyList<OnnxConstant?> Inputs, long Opset)
{
    /// <summary>An input that has to be there.</summary>
    public OnnxConstant this[int number] => Find(number) ?? throw Node.Error($"has no input {number}: export the model again");

    /// <summary>An input that may be left out.</summary>
    public OnnxConstant? Find(int number) => number < Inputs.Count ? Inputs[number] : null;

    /// <summary>An input that is integers, in C order.</summary>
    public long[] Integers(int number) => this[number] is { IsInteger: true } constant
        ? Made(constant).ToIntegers()
        : throw Node.Error($"its input {number} holds no integers: export the model again");

    /// <summary>Integers that an attribute held before this opset and an input holds since then; null if left out.</summary>
    public long[]? IntegersSince(long since, int number, string attribute) =>
        Opset < since ? Node.Ints(attribute)?.ToArray() : Find(number) is null ? null : Integers(number);

    /// <summary>The number of an axis that may be counted from the end.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Node.Error($"axis {axis} of a tensor of {rank} axes: export the model again");

    /// <summary>Axes that may be counted from the end, each once.</summary>
    public int[] Axes(IEnumerable<long> axes, int rank)
    {
        int[] numbers = [.. axes.Select(axis => Axis(axis, rank))];
        return numbers.Distinct().Count() == numbers.Length ? numbers : throw Node.Error("an axis twice: export the model again");
    }

    /// <summary>The constant, if its numbers are few enough to be made at load.</summary>
    public OnnxConstant Made(OnnxConstant constant)
    {
        MadeCount(constant.Extents);
        return constant;
    }

    /// <summary>How many numbers a result of these extents has, if few enough to be made at load.</summary>
    public int MadeCount(IEnumerable<long> extents) => OnnxView.Product(extents) is { } count and <= OnnxConstant.MostMade
        ? (int)count
        : throw Node.Error($"[{string.Join(", ", extents.Take(16))}] are no numbers to be made at load, of which at most "
            + $"{OnnxConstant.MostMade} are: export the model with its weights computed");
}
