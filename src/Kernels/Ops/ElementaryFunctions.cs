using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary><see cref="UnaryFunction.LeakyRelu"/>.</summary>
internal readonly struct LeakyReluFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x > 0 ? x : alpha * x;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known > 0 ? 1 : alpha;
}

/// <summary><see cref="UnaryFunction.Clip"/>.</summary>
internal readonly struct ClipFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x < alpha ? alpha : x > beta ? beta : x;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known > alpha && known < beta ? 1 : 0;
}

/// <summary><see cref="UnaryFunction.HardSigmoid"/>.</summary>
internal readonly struct HardSigmoidFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => default(ClipFunction).Value((alpha * x) + beta, 0, 1);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known > 0 && known < 1 ? alpha : 0;
}

/// <summary><see cref="UnaryFunction.HardSwish"/>.</summary>
internal readonly struct HardSwishFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * default(ClipFunction).Value((x * (1f / 6)) + 0.5f, 0, 1);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known <= -3 ? 0 : known >= 3 ? 1 : (known * (1f / 3)) + 0.5f;
}

/// <summary><see cref="UnaryFunction.Sqrt"/>.</summary>
internal readonly struct SqrtFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => XMath.Sqrt(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => 0.5f / known;
}

/// <summary><see cref="UnaryFunction.Abs"/>.</summary>
internal readonly struct AbsFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => XMath.Abs(x);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => known > 0 ? 1 : known < 0 ? -1 : 0;
}

/// <summary><see cref="UnaryFunction.Negate"/>.</summary>
internal readonly struct NegateFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => -x;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => -1;
}

/// <summary><see cref="UnaryFunction.Reciprocal"/>.</summary>
internal readonly struct ReciprocalFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => 1 / x;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => -known * known;
}

/// <summary><see cref="UnaryFunction.Square"/>.</summary>
internal readonly struct SquareFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => x * x;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => 2 * known;
}

/// <summary><see cref="UnaryFunction.Power"/>.</summary>
internal readonly struct PowerFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => true;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => Powers.Of(x, alpha);

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => alpha * Powers.Of(known, alpha - 1);
}

/// <summary><see cref="UnaryFunction.Affine"/>.</summary>
internal readonly struct AffineFunction : IUnaryFunction
{
    /// <inheritdoc/>
    public bool SlopeReadsInput => false;

    /// <inheritdoc/>
    public float Value(float x, float alpha, float beta) => (alpha * x) + beta;

    /// <inheritdoc/>
    public float Slope(float known, float alpha, float beta) => alpha;
}

/// <summary>Powers on every backend alike.</summary>
internal static class Powers
{
    private const int LargestWhole = 64;

    /// <summary>
    /// x to the power of <paramref name="exponent"/>. Small whole exponents are products, right for negative x too; for others a
    /// negative x gives NaN.
    /// </summary>
    public static float Of(float x, float exponent)
    {
        bool small = exponent >= -LargestWhole && exponent <= LargestWhole;
        int whole = small ? (int)exponent : 0;
        if (!small || whole != exponent)
        {
            return x < 0 ? float.NaN : XMath.Pow(x, exponent);
        }

        float square = x, result = 1;
        for (int left = whole < 0 ? -whole : whole; left > 0; left /= 2)
        {
            result = left % 2 != 0 ? result * square : result;
            square *= square;
        }

        return whole < 0 ? 1 / result : result;
    }
}
