using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>The functions of <see cref="Binary"/>.</summary>
public enum BinaryFunction
{
    /// <summary><c>a + b</c>.</summary>
    Add,

    /// <summary><c>a - b</c>.</summary>
    Subtract,

    /// <summary><c>a * b</c>.</summary>
    Multiply,

    /// <summary><c>a / b</c>.</summary>
    Divide,

    /// <summary>The larger; NaN if one of them is.</summary>
    Maximum,

    /// <summary>The smaller; NaN if one of them is.</summary>
    Minimum,

    /// <summary>a to the power of b; for a negative a only whole b give a number.</summary>
    Power,
}

/// <summary>A function of <see cref="BinaryFunction"/> inside a kernel, which is compiled for it.</summary>
internal interface IBinaryFunction
{
    /// <summary>y.</summary>
    float Value(float a, float b);

    /// <summary>The derivative with respect to a.</summary>
    float SlopeA(float a, float b, float y);

    /// <summary>The derivative with respect to b.</summary>
    float SlopeB(float a, float b, float y);
}

/// <summary><see cref="BinaryFunction.Add"/>.</summary>
internal readonly struct AddFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a + b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => 1;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => 1;
}

/// <summary><see cref="BinaryFunction.Subtract"/>.</summary>
internal readonly struct SubtractFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a - b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => 1;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => -1;
}

/// <summary><see cref="BinaryFunction.Multiply"/>.</summary>
internal readonly struct MultiplyFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a * b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => b;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => a;
}

/// <summary><see cref="BinaryFunction.Divide"/>.</summary>
internal readonly struct DivideFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a / b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => 1 / b;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => -y / b;
}

/// <summary><see cref="BinaryFunction.Maximum"/>.</summary>
internal readonly struct MaximumFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a >= b || float.IsNaN(a) ? a : b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => b > a ? 0f : 1f;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => b > a ? 1f : 0f;
}

/// <summary><see cref="BinaryFunction.Minimum"/>.</summary>
internal readonly struct MinimumFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => a <= b || float.IsNaN(a) ? a : b;

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => a > b ? 0f : 1f;

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => a > b ? 1f : 0f;
}

/// <summary><see cref="BinaryFunction.Power"/>.</summary>
internal readonly struct PowerOfFunction : IBinaryFunction
{
    /// <inheritdoc/>
    public float Value(float a, float b) => Powers.Of(a, b);

    /// <inheritdoc/>
    public float SlopeA(float a, float b, float y) => b * Powers.Of(a, b - 1);

    /// <inheritdoc/>
    public float SlopeB(float a, float b, float y) => a == 0 ? 0 : y * XMath.Log(a);
}
