namespace GpuCam.Kernels.Ops;

/// <summary>
/// An <see cref="Activation"/> inside a kernel that is compiled for all of them: a number says which. What stands behind convolutions all
/// the time works on 16 elements at once; the others go through one copy of their code, element by element, so that kernels stay small.
/// </summary>
internal readonly struct ActivationCode
{
    private const int None = 0, Relu = 1, First = 2;
    private const int Count = 16;
    private readonly int _function;
    private readonly float _alpha, _beta;

    internal ActivationCode(Activation activation)
    {
        UnaryFunction? function = activation is { Function: UnaryFunction.Power, Alpha: 2 } ? UnaryFunction.Square : activation.Function;
        _function = function is { } known ? First + (int)known : activation.IsRelu ? Relu : None;
        (_alpha, _beta) = (activation.Alpha, activation.Beta);
    }

    /// <summary>Of 16.</summary>
    public Tile4x4 Of(Tile4x4 x)
    {
        if (_function == None)
        {
            return x;
        }

        if (_function == Relu)
        {
            return x.Relu();
        }

        if (_function == First + (int)UnaryFunction.Clip)
        {
            return x.Apply<ClipFunction>(_alpha, _beta);
        }

        if (_function == First + (int)UnaryFunction.LeakyRelu)
        {
            return x.Apply<LeakyReluFunction>(_alpha, _beta);
        }

        if (_function == First + (int)UnaryFunction.HardSwish)
        {
            return x.Apply<HardSwishFunction>(_alpha, _beta);
        }

        if (_function == First + (int)UnaryFunction.Swish)
        {
            return x.Apply<SwishFunction>(_alpha, _beta);
        }

        // Each element once around through the first place: no register is named by a number.
        for (int i = 0; i < Count; i++)
        {
            x = x.Rotate(Value(x.R0.F0));
        }

        return x;
    }

    /// <summary>Of 4.</summary>
    public Float4 Of(Float4 x)
    {
        if (_function == None)
        {
            return x;
        }

        if (_function == Relu)
        {
            return x.Relu();
        }

        for (int i = 0; i < Float4.Count; i++)
        {
            x = new Float4(x.F1, x.F2, x.F3, Value(x.F0));
        }

        return x;
    }

    /// <summary>Of one.</summary>
    public float Of(float x) => _function == None ? x : _function == Relu ? (x <= 0 ? 0 : x) : Value(x);

    private float Value(float x)
    {
        switch (_function - First)
        {
            case (int)UnaryFunction.LeakyRelu: return Of<LeakyReluFunction>(x);
            case (int)UnaryFunction.Elu: return Of<EluFunction>(x);
            case (int)UnaryFunction.Clip: return Of<ClipFunction>(x);
            case (int)UnaryFunction.Sigmoid: return Of<SigmoidFunction>(x);
            case (int)UnaryFunction.HardSigmoid: return Of<HardSigmoidFunction>(x);
            case (int)UnaryFunction.HardSwish: return Of<HardSwishFunction>(x);
            case (int)UnaryFunction.Swish: return Of<SwishFunction>(x);
            case (int)UnaryFunction.Mish: return Of<MishFunction>(x);
            case (int)UnaryFunction.Softplus: return Of<SoftplusFunction>(x);
            case (int)UnaryFunction.Tanh: return Of<TanhFunction>(x);
            case (int)UnaryFunction.Erf: return Of<ErfFunction>(x);
            case (int)UnaryFunction.Gelu: return Of<GeluFunction>(x);
            case (int)UnaryFunction.GeluTanh: return Of<GeluTanhFunction>(x);
            case (int)UnaryFunction.Sqrt: return Of<SqrtFunction>(x);
            case (int)UnaryFunction.Exp: return Of<ExpFunction>(x);
            case (int)UnaryFunction.Log: return Of<LogFunction>(x);
            case (int)UnaryFunction.Abs: return Of<AbsFunction>(x);
            case (int)UnaryFunction.Negate: return Of<NegateFunction>(x);
            case (int)UnaryFunction.Reciprocal: return Of<ReciprocalFunction>(x);
            case (int)UnaryFunction.Square: return Of<SquareFunction>(x);
            case (int)UnaryFunction.Power: return Of<PowerFunction>(x);
            default: return Of<AffineFunction>(x);
        }
    }

    private float Of<TFunction>(float x)
        where TFunction : struct, IUnaryFunction => default(TFunction).Value(x, _alpha, _beta);
}
