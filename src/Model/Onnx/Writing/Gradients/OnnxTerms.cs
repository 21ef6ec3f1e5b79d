using System.Runtime.InteropServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Terms of ONNX operators, each under a name that begins with <paramref name="stem"/>. A constant is written once, however often it is
/// needed.
/// </summary>
internal class OnnxTerms(ForwardExport forward, string stem)
{
    /// <summary>The forward pass.</summary>
    protected ForwardExport Forward => forward;

    /// <summary>What an operator without attributes makes.</summary>
    public string Op(string op, params IReadOnlyList<string> inputs) => Op(op, inputs, []);

    /// <summary>What an operator makes.</summary>
    public string Op(string op, IReadOnlyList<string> inputs, params IReadOnlyList<(string Name, object Value)> attributes) =>
        forward.Writer.Add(op, forward.Writer.Fresh($"{stem}/{op}"), inputs, attributes);

    public string Add(string a, string b) => Op("Add", a, b);

    public string Add(string a, float b) => b == 0 ? a : Op("Add", a, Number(b));

    public string Sub(string a, string b) => Op("Sub", a, b);

    public string Mul(string a, string b) => Op("Mul", a, b);

    public string Mul(string a, float b) => b == 1 ? a : b == -1 ? Op("Neg", a) : Op("Mul", a, Number(b));

    public string Div(string a, string b) => Op("Div", a, b);

    public string Div(string a, float b) => b == 1 ? a : Op("Div", a, Number(b));

    /// <summary>Whether a is greater, element by element.</summary>
    public string Greater(string a, string b) => Op("Greater", a, b);

    public string Greater(string a, float b) => Greater(a, Number(b));

    /// <summary>b where the condition holds, else c.</summary>
    public string Where(string condition, string b, string c) => Op("Where", condition, b, c);

    public string Where(string condition, string b, float c) => Where(condition, b, Number(c));

    /// <summary>1 where a condition holds, else 0.</summary>
    public string ToFloat(string x) => Op("Cast", [x], ("to", (long)OnnxType.Float));

    /// <summary>1 / (1 + exp(-x)).</summary>
    public string Sigmoid(string x) => Op("Sigmoid", x);

    /// <summary>1 - x.</summary>
    public string OneMinus(string x) => Op("Sub", Number(1), x);

    /// <summary>The sum along axes, which stay with an extent of 1.</summary>
    public string Sum(string x, params long[] axes) => Op("ReduceSum", [x, Longs(axes)], ("keepdims", 1L));

    public string Reshape(string x, params long[] extents) => Op("Reshape", x, Longs(extents));

    public string Transpose(string x, params long[] order) => Op("Transpose", [x], ("perm", order));

    /// <summary>Part of an axis.</summary>
    public string Slice(string x, long axis, long start, long end) => Op("Slice", x, Longs(start), Longs(end), Longs(axis));

    /// <summary>Zeros, or another number, around a tensor; negative numbers cut off.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="pads">Of every axis before, then of every axis behind.</param>
    /// <param name="value">What is added.</param>
    public string Pad(string x, long[] pads, float value = 0) =>
        pads.All(pad => pad == 0) ? x : Op("Pad", x, Longs(pads), Number(value));

    /// <summary>[N, C, H, W] as [N, H, W, C], the order of memory here.</summary>
    public string ToMemory(string x) => Transpose(x, 0, 2, 3, 1);

    /// <summary>[N, H, W, C] as [N, C, H, W].</summary>
    public string FromMemory(string x) => Transpose(x, 0, 3, 1, 2);

    /// <summary>One number.</summary>
    public string Number(float value) => forward.Numbers.Number(value);

    /// <summary>Whole numbers.</summary>
    public string Longs(params long[] values) => forward.Numbers.Longs(values);

    /// <summary>Numbers of these extents.</summary>
    public string Constant(string name, float[] values, params long[] extents)
    {
        string content = Convert.ToHexString(Sha256.Of(MemoryMarshal.AsBytes(values.AsSpan())));
        return forward.Numbers.Once(
            $"{content} {string.Join('x', extents)}", $"gradient/{name}", free => forward.Writer.Floats(free, values, extents));
    }

    /// <summary>0, 1, 2, ... of these extents.</summary>
    public string Count(params long[] extents)
    {
        long[] values = [.. Enumerable.Range(0, (int)extents.Aggregate(1L, (product, extent) => product * extent)).Select(i => (long)i)];
        return forward.Numbers.Once(
            $"count {string.Join('x', extents)}", "gradient/count", free => forward.Writer.Longs(free, values, extents));
    }

    /// <summary>
    /// The gradient that windows send back to what they look at: [N, windows' channels, OH, OW] to [N, C, H, W] by the kernel
    /// [windows' channels, C / groups, KH, KW] of the convolution that looked.
    /// </summary>
    public string Spread(string dy, string kernel, PoolAxis rows, PoolAxis columns, long groups)
    {
        (long below, long missingRows) = Behind(rows);
        (long right, long missingColumns) = Behind(columns);
        return Op("ConvTranspose", [dy, kernel],
            ("dilations", new long[] { rows.Dilation, columns.Dilation }),
            ("group", groups),
            ("kernel_shape", new long[] { rows.Size, columns.Size }),
            ("output_padding", new[] { missingRows, missingColumns }),
            ("pads", new[] { rows.Before, columns.Before, below, right }),
            ("strides", new long[] { rows.Stride, columns.Stride }));
    }

    /// <summary>Rows that windows reach into behind the input, and rows at its end that none of them sees.</summary>
    public static (long Reached, long Unseen) Behind(PoolAxis axis)
    {
        long end = ((long)axis.Stride * (axis.Output - 1)) + ((long)axis.Dilation * (axis.Size - 1)) + 1 - axis.Before - axis.Input;
        return (Math.Max(0, end), Math.Max(0, -end));
    }

    /// <summary>
    /// The transpose of a product along an axis of [N, C, H, W]: with <c>y[o] = sum_i share[o, i] * x[i]</c> the result is
    /// <c>dx[i] = sum_o share[o, i] * dy[o]</c>.
    /// </summary>
    public string Along(string dy, Axis axis, float[,] share)
    {
        (int outputs, int inputs) = (share.GetLength(0), share.GetLength(1));
        if (outputs == inputs && Enumerable.Range(0, inputs).All(i => share[i, i] == 1))
        {
            return dy;     // shares of an output add up to 1 or, in padding, to 0
        }

        float[] turned = new float[share.Length];
        float[] straight = new float[share.Length];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                straight[(o * inputs) + i] = turned[(i * outputs) + o] = share[o, i];
            }
        }

        return axis switch
        {
            Axis.W => Op("MatMul", dy, Constant("shares", straight, outputs, inputs)),
            Axis.H => Op("MatMul", Constant("shares", turned, inputs, outputs), dy),
            _ => Op("Conv", dy, Constant("shares", turned, inputs, outputs, 1, 1)),
        };
    }
}
