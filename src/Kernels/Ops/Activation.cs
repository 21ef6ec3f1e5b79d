namespace GpuCam.Kernels.Ops;

/// <summary>What becomes of a sum before a convolution stores it: nothing, ReLU, or a function of <see cref="Unary"/>.</summary>
public readonly record struct Activation
{
    private Activation(bool isRelu, UnaryFunction? function, float alpha, float beta) =>
        (IsRelu, Function, Alpha, Beta) = (isRelu, function, alpha, beta);

    /// <summary>Nothing: <c>y = x</c>.</summary>
    public static Activation None => default;

    /// <summary><c>y = max(x, 0)</c>, see <see cref="Ops.Relu"/>.</summary>
    public static Activation Relu => new(true, null, 0, 0);

    /// <summary>Whether this is ReLU.</summary>
    public bool IsRelu { get; }

    /// <summary>The function, where it is one of <see cref="Unary"/>.</summary>
    public UnaryFunction? Function { get; }

    /// <summary>The function's first setting.</summary>
    public float Alpha { get; }

    /// <summary>The function's second setting.</summary>
    public float Beta { get; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsNone => !IsRelu && Function is null;

    /// <summary>A function of <see cref="Unary"/>.</summary>
    public static Activation Of(UnaryFunction function, float alpha = 0, float beta = 0) => new(false, function, alpha, beta);

    /// <summary>
    /// Whether the derivative is computed from what went in; if not, from what came out. A leaky ReLU keeps the sign, unless its slope is
    /// negative.
    /// </summary>
    public bool BackwardReadsInput => Function is { } function && Unary.BackwardReadsInput(function)
        && !(function == UnaryFunction.LeakyRelu && Alpha >= 0);

    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public void Forward(Tensor x, Tensor y)
    {
        if (IsRelu)
        {
            Ops.Relu.Forward(x, y);
        }
        else if (Function is { } function)
        {
            Unary.Forward(function, x, y, Alpha, Beta);
        }
    }

    /// <summary>
    /// Writes <paramref name="dx"/>, which may be <paramref name="dy"/>; for functions whose derivative is computed from the result.
    /// </summary>
    /// <exception cref="InvalidOperationException">The derivative needs what went in, or there is no function.</exception>
    public void Backward(Tensor y, Tensor dy, Tensor dx)
    {
        if (IsRelu)
        {
            Ops.Relu.Backward(y, dy, dx);
        }
        else if (Function is { } function && !BackwardReadsInput)
        {
            Unary.Backward(function, y, y, dy, dx, Alpha, Beta);
        }
        else
        {
            throw new InvalidOperationException($"the derivative of {this} cannot be computed from its result");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => IsRelu ? "relu" : Function?.ToString().ToLowerInvariant() ?? "none";
}
