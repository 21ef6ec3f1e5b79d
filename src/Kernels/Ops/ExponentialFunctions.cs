using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary><see cref="UnaryFunction.Elu"/>.</summary>
internal readonly struct EluFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x > 0 ? x : alpha * Exponentials.MinusOne(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known > 0 ? 1 : alpha * XMath.Exp(known);
}

/// <summary><see cref="UnaryFunction.Sigmoid"/>.</summary>
internal readonly struct SigmoidFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => Exponentials.Sigmoid(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known * (1 - known);
}

/// <summary><see cref="UnaryFunction.Swish"/>.</summary>
internal readonly struct SwishFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * Exponentials.Sigmoid(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => Exponentials.SigmoidProductSlope(known, known);
}

/// <summary><see cref="UnaryFunction.Mish"/>.</summary>
internal readonly struct MishFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * Exponentials.TanhOfSoftplus(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => Exponentials.MishSlope(known);
}

/// <summary><see cref="UnaryFunction.Softplus"/>.</summary>
internal readonly struct SoftplusFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => Exponentials.Softplus(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => Exponentials.Sigmoid(known);
}

/// <summary><see cref="UnaryFunction.Tanh"/>.</summary>
internal readonly struct TanhFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => Exponentials.Tanh(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => 1 - (known * known);
}

/// <summary><see cref="UnaryFunction.Erf"/>.</summary>
internal readonly struct ErfFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => ErrorFunction.Of(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => ErrorFunction.Slope(known);
}

/// <summary><see cref="UnaryFunction.Gelu"/>.</summary>
internal readonly struct GeluFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * ErrorFunction.Normal(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => ErrorFunction.Normal(known) + (known * ErrorFunction.NormalDensity(known));
}

/// <summary><see cref="UnaryFunction.GeluTanh"/>.</summary>
internal readonly struct GeluTanhFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * Exponentials.Sigmoid(GeluTanhCubic.Of(x));

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => GeluTanhCubic.GeluSlope(known);
}

/// <summary><see cref="UnaryFunction.Exp"/>.</summary>
internal readonly struct ExpFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => XMath.Exp(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known;
}

/// <summary><see cref="UnaryFunction.Log"/>.</summary>
internal readonly struct LogFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => XMath.Log(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => 1 / known;
}
