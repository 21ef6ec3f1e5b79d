namespace ILGPU.Algorithms;

/// <summary>The float functions that kernels use, under the name ILGPU.Algorithms gives them.</summary>
public static class XMath
{
    /// <summary>e^x.</summary>
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>Natural logarithm.</summary>
    public static float Log(float x) => MathF.Log(x);

    /// <summary>Square root.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>x^y.</summary>
    public static float Pow(float x, float y) => MathF.Pow(x, y);

    /// <summary>Hyperbolic tangent.</summary>
    public static float Tanh(float x) => MathF.Tanh(x);

    /// <summary>Largest integer ≤ x.</summary>
    public static float Floor(float x) => MathF.Floor(x);

    /// <summary>Absolute value.</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>The smaller value.</summary>
    public static float Min(float x, float y) => MathF.Min(x, y);

    /// <summary>The larger value.</summary>
    public static float Max(float x, float y) => MathF.Max(x, y);

    /// <summary>The smaller value.</summary>
    public static int Min(int x, int y) => Math.Min(x, y);

    /// <summary>The larger value.</summary>
    public static int Max(int x, int y) => Math.Max(x, y);
}
