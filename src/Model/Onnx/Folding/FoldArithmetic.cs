namespace GpuCam.Model;

/// <summary>Number by number, with NumPy's broadcasting. Integers are computed in 64 bits, floats in 32, as ONNX asks for.</summary>
internal static class FoldArithmetic
{
    public static IEnumerable<(string, Func<OnnxFoldCall, OnnxConstant>)> All =>
    [
        Two("Add", (a, b) => a + b, (a, b) => a + b),
        Two("Sub", (a, b) => a - b, (a, b) => a - b),
        Two("Mul", (a, b) => a * b, (a, b) => a * b),
        ("Div", call => Combine(call, (a, b) => Quotient(call, a, b), (a, b) => a / b)),
        ("Mod", Mod),
        ("Pow", Power),
        Two("PRelu", (a, b) => a < 0 ? a * b : a, (a, b) => a < 0 ? a * b : a),
        Many("Min", Math.Min, Math.Min),
        Many("Max", Math.Max, Math.Max),
        Many("Sum", (a, b) => a + b, (a, b) => a + b),
        Test("Equal", (a, b) => a == b, (a, b) => a == b),
        Test("Less", (a, b) => a < b, (a, b) => a < b),
        Test("Greater", (a, b) => a > b, (a, b) => a > b),
        Test("LessOrEqual", (a, b) => a <= b, (a, b) => a <= b),
        Test("GreaterOrEqual", (a, b) => a >= b, (a, b) => a >= b),
        Test("And", (a, b) => a != 0 && b != 0, (_, _) => false),
        Test("Or", (a, b) => a != 0 || b != 0, (_, _) => false),
        Test("Xor", (a, b) => (a != 0) != (b != 0), (_, _) => false),
        One("Not", a => a == 0 ? 1 : 0, a => a),
        One("Neg", a => -a, a => -a),
        One("Abs", a => a < 0 ? -a : a, MathF.Abs),
        One("Sign", a => Math.Sign(a), a => float.IsNaN(a) ? a : MathF.Sign(a)),
        One("Floor", a => a, MathF.Floor),
        One("Ceil", a => a, MathF.Ceiling),
        One("Round", a => a, a => MathF.Round(a, MidpointRounding.ToEven)),
        One("Sqrt", a => (long)Math.Sqrt(a), MathF.Sqrt),
        One("Reciprocal", a => a == 0 ? 0 : 1 / a, a => 1 / a),
        One("Exp", a => (long)Math.Exp(a), MathF.Exp),
        One("Log", a => (long)Math.Log(a), MathF.Log),
        One("Relu", a => Math.Max(0, a), a => MathF.Max(0, a)),
        One("Sigmoid", a => a, a => 1 / (1 + MathF.Exp(-a))),
        One("Tanh", a => a, MathF.Tanh),
        ("Where", Where),
    ];

    private static (string, Func<OnnxFoldCall, OnnxConstant>) Two(
        string name, Func<long, long, long> integers, Func<float, float, float> floats) =>
        (name, call => Combine(call, integers, floats));

    private static (string, Func<OnnxFoldCall, OnnxConstant>) One(string name, Func<long, long> integers, Func<float, float> floats) =>
        (name, call => call.Made(call[0]).IsInteger
            ? new OnnxConstant(call[0].Extents, Array.ConvertAll(call[0].ToIntegers(), a => integers(a)), call[0].Type)
            : new OnnxConstant(call[0].Extents, Array.ConvertAll(call[0].ToFloats(), a => floats(a))));

    private static (string, Func<OnnxFoldCall, OnnxConstant>) Many(
        string name, Func<long, long, long> integers, Func<float, float, float> floats) => (name, call =>
        {
            OnnxConstant all = call[0];
            for (int i = 1; i < call.Inputs.Count; i++)
            {
                all = Combine(call, all, call[i], integers, floats);
            }

            return all;
        }
    );

    private static (string, Func<OnnxFoldCall, OnnxConstant>) Test(
        string name, Func<long, long, bool> integers, Func<float, float, bool> floats) => (name, call =>
        {
            (long[] extents, OnnxConstant a, OnnxConstant b) = Broadcast(call, call[0], call[1]);
            return a.IsInteger
                ? new OnnxConstant(extents, [.. a.ToIntegers().Zip(b.ToIntegers(), (x, y) => integers(x, y) ? 1L : 0)], OnnxType.Bool)
                : new OnnxConstant(extents, [.. a.ToFloats().Zip(b.ToFloats(), (x, y) => floats(x, y) ? 1L : 0)], OnnxType.Bool);
        }
    );

    private static OnnxConstant Mod(OnnxFoldCall call) => Combine(
        call,
        (a, b) => b == 0 || b == -1 ? 0 : call.Node.Int("fmod", 0) == 1 ? a % b : ((a % b) + b) % b,
        (a, b) => call.Node.Int("fmod", 0) == 1 ? a % b : throw call.Node.Error("of floats needs fmod: export the model again"));

    private static long Quotient(OnnxFoldCall call, long a, long b) => b switch
    {
        0 => throw call.Node.Error("divides an integer by zero: export the model again"),
        -1 => -a,
        _ => a / b,
    };

    /// <summary>The one operator whose exponent may be of another type than its base, which the result's is.</summary>
    private static OnnxConstant Power(OnnxFoldCall call)
    {
        (long[] extents, OnnxConstant a, OnnxConstant b) = Broadcast(call, call[0], call[1], sameType: false);
        return a.IsInteger
            ? new OnnxConstant(extents, [.. a.ToIntegers().Zip(b.ToFloats(), (x, y) => (long)Math.Pow(x, y))], a.Type)
            : new OnnxConstant(extents, [.. a.ToFloats().Zip(b.ToFloats(), MathF.Pow)]);
    }

    private static OnnxConstant Where(OnnxFoldCall call)
    {
        (_, OnnxConstant yes, OnnxConstant no) = Broadcast(call, call[1], call[2]);
        (long[] extents, OnnxConstant condition, yes) = Broadcast(call, call[0], yes, sameType: false);
        no = FoldSelections.Expand(call, no, extents);
        long[] choose = condition.ToIntegers();
        if (yes.IsInteger)
        {
            long[] a = yes.ToIntegers(), b = no.ToIntegers();
            return new OnnxConstant(extents, [.. choose.Select((c, i) => c != 0 ? a[i] : b[i])], yes.Type);
        }

        float[] x = yes.ToFloats(), y = no.ToFloats();
        return new OnnxConstant(extents, [.. choose.Select((c, i) => c != 0 ? x[i] : y[i])]);
    }

    private static OnnxConstant Combine(OnnxFoldCall call, Func<long, long, long> integers, Func<float, float, float> floats) =>
        Combine(call, call[0], call[1], integers, floats);

    private static OnnxConstant Combine(
        OnnxFoldCall call, OnnxConstant left, OnnxConstant right, Func<long, long, long> integers, Func<float, float, float> floats)
    {
        (long[] extents, OnnxConstant a, OnnxConstant b) = Broadcast(call, left, right);
        return a.IsInteger
            ? new OnnxConstant(extents, [.. a.ToIntegers().Zip(b.ToIntegers(), integers)], a.Type)
            : new OnnxConstant(extents, [.. a.ToFloats().Zip(b.ToFloats(), floats)]);
    }

    private static (long[] Extents, OnnxConstant A, OnnxConstant B) Broadcast(
        OnnxFoldCall call, OnnxConstant a, OnnxConstant b, bool sameType = true)
    {
        if (sameType && a.IsInteger != b.IsInteger)
        {
            throw call.Node.Error($"takes {a.Type.Text} with {b.Type.Text}: export the model again");
        }

        long[] extents = OnnxBroadcast.Extents(a.Extents, b.Extents)
            ?? throw call.Node.Error($"[{string.Join(", ", a.Extents)}] with [{string.Join(", ", b.Extents)}]: export the model again");
        return (extents, FoldSelections.Expand(call, a, extents), FoldSelections.Expand(call, b, extents));
    }
}
