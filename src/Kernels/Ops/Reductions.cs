using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>What a reduction does to its elements, inside a kernel that is compiled for it.</summary>
internal interface IReduction
{
    /// <summary>What to begin with.</summary>
    float Start { get; }

    /// <summary>What an element counts for.</summary>
    float Element(float x);

    /// <summary>Two partial results as one.</summary>
    float Join(float a, float b);

    /// <summary>The result.</summary>
    float Result(float joined, float scale);
}

/// <summary><see cref="ReduceFunction.Sum"/> and <see cref="ReduceFunction.Mean"/>.</summary>
internal readonly struct SumOf : IReduction
{
    /// <inheritdoc/>
    public float Start => 0;

    /// <inheritdoc/>
    public float Element(float x) => x;

    /// <inheritdoc/>
    public float Join(float a, float b) => a + b;

    /// <inheritdoc/>
    public float Result(float joined, float scale) => joined * scale;
}

/// <summary><see cref="ReduceFunction.L1"/>.</summary>
internal readonly struct AbsoluteSumOf : IReduction
{
    /// <inheritdoc/>
    public float Start => 0;

    /// <inheritdoc/>
    public float Element(float x) => XMath.Abs(x);

    /// <inheritdoc/>
    public float Join(float a, float b) => a + b;

    /// <inheritdoc/>
    public float Result(float joined, float scale) => joined;
}

/// <summary><see cref="ReduceFunction.L2"/>.</summary>
internal readonly struct RootOfSquaresOf : IReduction
{
    /// <inheritdoc/>
    public float Start => 0;

    /// <inheritdoc/>
    public float Element(float x) => x * x;

    /// <inheritdoc/>
    public float Join(float a, float b) => a + b;

    /// <inheritdoc/>
    public float Result(float joined, float scale) => XMath.Sqrt(joined);
}

/// <summary><see cref="ReduceFunction.Maximum"/>.</summary>
internal readonly struct LargestOf : IReduction
{
    /// <inheritdoc/>
    public float Start => float.NegativeInfinity;

    /// <inheritdoc/>
    public float Element(float x) => x;

    /// <inheritdoc/>
    public float Join(float a, float b) => a >= b || float.IsNaN(a) ? a : b;

    /// <inheritdoc/>
    public float Result(float joined, float scale) => joined;
}

/// <summary><see cref="ReduceFunction.Minimum"/>.</summary>
internal readonly struct SmallestOf : IReduction
{
    /// <inheritdoc/>
    public float Start => float.PositiveInfinity;

    /// <inheritdoc/>
    public float Element(float x) => x;

    /// <inheritdoc/>
    public float Join(float a, float b) => a <= b || float.IsNaN(a) ? a : b;

    /// <inheritdoc/>
    public float Result(float joined, float scale) => joined;
}
