using System.Globalization;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>The numbers of an ONNX file that is being written: parameters as the execution has them, and constants, each once.</summary>
internal sealed class ExportedNumbers(OnnxWriter writer, Execution execution)
{
    private readonly Dictionary<(GraphParameter Parameter, string How), string> _parameters = [];
    private readonly Dictionary<string, string> _constants = [];

    /// <summary>One number, which goes with a tensor of any rank.</summary>
    public string Number(float value) =>
        Constant(value.ToString("r", CultureInfo.InvariantCulture), name => writer.Floats(name, [value]));

    /// <summary>One integer, without an axis.</summary>
    public string Long(long value) => Constant($"{value} of no axis", name => writer.Longs(name, [value]));

    /// <summary>A vector of integers.</summary>
    public string Longs(params long[] values) =>
        Constant($"[{string.Join(' ', values)}]", name => writer.Longs(name, values, values.Length));

    /// <summary>A vector of numbers.</summary>
    public string Floats(params float[] values) => Constant(
        $"({string.Join(' ', values.Select(value => value.ToString("r", CultureInfo.InvariantCulture)))})",
        name => writer.Floats(name, values, values.Length));

    /// <summary>A parameter as a vector [C].</summary>
    public string Vector(GraphParameter parameter) => Turned(parameter, [3], "vector");

    /// <summary>A convolution's weight, [OC, IC / groups, KH, KW]; a linear layer's as that of one of 1x1.</summary>
    public string Convolution(GraphParameter parameter) => parameter.Kind == ParameterKind.LinearWeight
        ? Turned(parameter, [3, 0, 1, 2], "convolution")
        : Turned(parameter, [3, 2, 0, 1], "convolution");

    /// <summary>A linear layer's weight, [out, in]; that of a convolution of 1x1 likewise.</summary>
    public string Matrix(GraphParameter parameter) =>
        Turned(parameter, parameter.Kind == ParameterKind.LinearWeight ? [3, 0] : [3, 2], "matrix");

    /// <summary>A linear layer's weight, [in, out].</summary>
    public string Columns(GraphParameter parameter) => Turned(parameter, [0, 3], "columns");

    /// <summary>A parameter that goes element by element with a value in a form.</summary>
    public string Operand(GraphParameter parameter, OnnxForm form) => parameter.Shape.Count == 1
        ? Turned(parameter, [], "number")
        : form != OnnxForm.Picture && parameter.Shape.Count == parameter.Shape.C
            ? Vector(parameter)
            : Turned(parameter, form.Order, form.ToString());

    /// <summary>A parameter's numbers as they are in memory.</summary>
    public float[] Of(GraphParameter parameter) => execution.ParameterOf(parameter).Read.ToArray();

    /// <summary>Adds a parameter with these axes of [N, H, W, C], or HWIO; the others have an extent of 1.</summary>
    private string Turned(GraphParameter parameter, int[] axes, string how)
    {
        if (!_parameters.TryGetValue((parameter, how), out string? name))
        {
            Shape shape = parameter.Shape;
            int[] extents = [shape.N, shape.H, shape.W, shape.C], ones = [.. Enumerable.Range(0, 4).Except(axes)];
            float[] numbers = Turn(Of(parameter), extents, [.. ones, .. axes]);
            name = writer.Floats(writer.Fresh(parameter.Name), numbers, [.. axes.Select(axis => (long)extents[axis])]);
            _parameters.Add((parameter, how), name);
        }

        return name;
    }

    /// <summary>A constant, which is written when it is first needed.</summary>
    /// <param name="what">Tells it from all others.</param>
    /// <param name="name">What it is called, if that is free.</param>
    /// <param name="write">Writes it under a name and returns that.</param>
    public string Once(string what, string name, Func<string, string> write)
    {
        if (!_constants.TryGetValue(what, out string? known))
        {
            _constants[what] = known = write(writer.Fresh(name));
        }

        return known;
    }

    private string Constant(string what, Func<string, string> write) => Once(what, what, write);

    private static float[] Turn(float[] numbers, int[] extents, int[] order)
    {
        int[] wide = [.. order.Where(axis => extents[axis] > 1)];
        if (wide.SequenceEqual(wide.Order()))
        {
            return numbers;
        }

        int[] strides = [extents[1] * extents[2] * extents[3], extents[2] * extents[3], extents[3], 1];
        float[] turned = new float[numbers.Length];
        int next = 0;
        for (int a = 0; a < extents[order[0]]; a++)
        {
            for (int b = 0; b < extents[order[1]]; b++)
            {
                for (int c = 0; c < extents[order[2]]; c++)
                {
                    int from = (a * strides[order[0]]) + (b * strides[order[1]]) + (c * strides[order[2]]);
                    for (int d = 0; d < extents[order[3]]; d++)
                    {
                        turned[next++] = numbers[from + (d * strides[order[3]])];
                    }
                }
            }
        }

        return turned;
    }
}
