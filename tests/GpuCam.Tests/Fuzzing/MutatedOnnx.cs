using System.Buffers.Binary;

namespace GpuCam.Tests.Fuzzing;

/// <summary>Changes single values of an ONNX model; what is around them stays a sound file.</summary>
internal static class MutatedOnnx
{
    private static readonly Dictionary<(string Type, int Number), string> s_messages = new()
    {
        [("Model", 7)] = "Graph", [("Model", 8)] = "Opset", [("Model", 14)] = "Entry",
        [("Graph", 1)] = "Node", [("Graph", 5)] = "Tensor",
        [("Graph", 11)] = "Value", [("Graph", 12)] = "Value", [("Graph", 13)] = "Value",
        [("Node", 5)] = "Attribute", [("Attribute", 5)] = "Tensor", [("Attribute", 6)] = "Graph", [("Tensor", 13)] = "Entry",
        [("Value", 2)] = "Type", [("Type", 1)] = "TensorType", [("TensorType", 2)] = "Shape", [("Shape", 1)] = "Extent",
    };

    private static readonly HashSet<(string Type, int Number)> s_packed =
        [("Tensor", 1), ("Tensor", 5), ("Tensor", 7), ("Tensor", 11), ("Attribute", 8)];

    private static readonly long[] s_integers =
    [
        0, 1, -1, 2, -2, 3, 4, 5, 7, 8, 10, 13, 16, 17, 64, 255, 256, 1000, 4096, 32767, 65535, 65536, 1 << 20, 1 << 24, 16_777_213,
        1 << 30, int.MaxValue, int.MinValue, 1L << 31, 1L << 32, 1L << 40, 1L << 62, long.MaxValue, long.MinValue, long.MaxValue - 1,
    ];

    private static readonly float[] s_floats =
        [0, -0f, 1, -1, 2, 0.5f, 1e-5f, 1e-45f, 1e9f, -1e9f, 65535, float.MaxValue, float.MinValue, float.NaN, float.PositiveInfinity, -2];

    private static readonly string[] s_operators =
    [
        "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv", "DepthToSpace",
        "DequantizeLinear", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Gather", "Gelu", "Gemm",
        "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "LRN",
        "LayerNormalization", "LeakyRelu", "Log",
        "LogSoftmax", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mod", "Mul", "Neg", "PRelu", "Pad", "Pow", "QuantizeLinear", "Range",
        "Reciprocal", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "Relu", "Reshape", "Resize", "Selu",
        "Shape", "Sigmoid", "Sign", "Size", "Slice", "Softmax", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub",
        "Sum", "Swish",
        "Tanh", "Tile", "Transpose", "Unsqueeze", "Upsample", "Where", "no such",
    ];

    private static readonly string[] s_attributes =
    [
        "axis", "axes", "keepdims", "kernel_shape", "strides", "dilations", "pads", "group", "auto_pad", "ceil_mode", "count_include_pad",
        "alpha", "beta", "epsilon", "transA", "transB", "perm", "to", "starts", "ends", "split", "num_outputs", "allowzero", "value",
        "mode", "size", "bias", "blocksize", "scales", "sizes", "min", "max", "coordinate_transformation_mode", "nearest_mode",
        "noop_with_empty_axes",
    ];

    /// <summary>A sound model as a tree.</summary>
    public static ProtobufMessage Parse(byte[] model) => ProtobufMessage.Parse(model, "Model", s_messages);

    /// <summary>The model with a value changed, seldom some.</summary>
    public static byte[] Make(ProtobufMessage sound, Random random)
    {
        ProtobufMessage model = sound.Clone();
        for (int edits = random.Next(3) > 0 ? 1 : random.Next(2, 5); edits > 0; edits--)
        {
            var places = new List<(ProtobufMessage In, ProtobufField Field)>();
            Collect(model, places);
            (string, int)[] kinds = [.. places.Select(KindOf).Distinct()];
            // Half of the changes go to all fields alike, half to all kinds of fields alike, or weights would get most.
            (string, int) kind = kinds[random.Next(kinds.Length)];
            bool any = random.Next(2) == 0;
            (ProtobufMessage In, ProtobufField Field)[] alike = [.. places.Where(place => any || KindOf(place) == kind)];
            (ProtobufMessage message, ProtobufField field) = alike[random.Next(alike.Length)];
            Change(message, field, places, random);
        }

        return model.ToArray();
    }

    private static (string, int) KindOf((ProtobufMessage In, ProtobufField Field) place) => (place.In.Type, place.Field.Number);

    private static void Collect(ProtobufMessage message, List<(ProtobufMessage, ProtobufField)> places)
    {
        foreach (ProtobufField field in message.Fields)
        {
            places.Add((message, field));
            if (field.Message is { } inner)
            {
                Collect(inner, places);
            }
        }
    }

    private static void Change(
        ProtobufMessage message, ProtobufField field, List<(ProtobufMessage In, ProtobufField Field)> places, Random random)
    {
        int index = message.Fields.IndexOf(field);
        switch (random.Next(16))
        {
            case 0:
                message.Fields.RemoveAt(index);
                return;
            case 1:
                message.Fields.Insert(random.Next(message.Fields.Count + 1), field.Clone());
                return;
            case 2:
                ProtobufField other = message.Fields[random.Next(message.Fields.Count)];
                message.Fields[message.Fields.IndexOf(other)] = field;
                message.Fields[index] = other;
                return;
        }

        (string Type, int Number) kind = (message.Type, field.Number);
        ProtobufField[] like = [.. places.Where(place => KindOf(place) == kind).Select(place => place.Field)];
        if (field.Message is { } inner)
        {
            if (inner.Type == "Node" && random.Next(2) == 0)
            {
                inner.Fields.Add(new ProtobufField { Number = 5, Wire = 2, Message = Attribute(random) });
            }
            else
            {
                field.Message = like[random.Next(like.Length)].Message?.Clone();
            }
        }
        else if (field.Wire != 2)
        {
            field.Value = field.Wire == 0 ? (ulong)Integer((long)field.Value, random) : Float(field, random);
        }
        else if (s_packed.Contains(kind))
        {
            List<ulong> numbers = ProtobufMessage.Unpack(field.Bytes);
            int at = numbers.Count == 0 ? 0 : random.Next(numbers.Count);
            numbers.Insert(at, (ulong)Integer(numbers.Count == 0 ? 0 : (long)numbers[at], random));
            if (random.Next(4) > 0 && numbers.Count > 1)
            {
                numbers.RemoveAt(at + 1);
            }

            field.Bytes = ProtobufMessage.Pack(numbers);
        }
        else if (kind is ("Tensor", 9) or ("Tensor", 4) or ("Tensor", 10) or ("Attribute", 7))
        {
            field.Bytes = Numbers(field.Bytes, random);
        }
        else
        {
            field.Text = Text(kind, field.Text, like, places, random);
        }
    }

    private static ProtobufMessage Attribute(Random random)
    {
        var attribute = new ProtobufMessage { Type = "Attribute" };
        attribute.Fields.Add(new ProtobufField { Number = 1, Wire = 2, Text = s_attributes[random.Next(s_attributes.Length)] });
        int kind = random.Next(3);
        for (int count = kind == 2 ? random.Next(5) : 1; count > 0; count--)
        {
            var value = new ProtobufField { Number = kind switch { 0 => 2, 1 => 3, _ => 8 }, Wire = kind == 0 ? 5 : 0 };
            value.Value = kind == 0 ? Float(value, random) : (ulong)Integer(0, random);
            attribute.Fields.Add(value);
        }

        attribute.Fields.Add(new ProtobufField { Number = 20, Wire = 0, Value = kind switch { 0 => 1, 1 => 2, _ => 7 } });
        return attribute;
    }

    private static long Integer(long old, Random random) => random.Next(6) switch
    {
        0 => old + 1,
        1 => old - 1,
        2 => unchecked(old * 2),
        3 => random.Next(0, 20),
        _ => s_integers[random.Next(s_integers.Length)],
    };

    private static ulong Float(ProtobufField field, Random random)
    {
        float value = random.Next(4) == 0 ? (random.NextSingle() * 20) - 10 : s_floats[random.Next(s_floats.Length)];
        return field.Wire == 5 ? BitConverter.SingleToUInt32Bits(value) : BitConverter.DoubleToUInt64Bits(value);
    }

    /// <summary>Raw numbers with one changed, or a few bytes more or less.</summary>
    private static byte[] Numbers(byte[] bytes, Random random)
    {
        int size = random.Next(2) == 0 ? sizeof(float) : sizeof(long);
        if (bytes.Length < size || random.Next(8) == 0)
        {
            return random.Next(2) == 0 ? [.. bytes, .. new byte[size]] : bytes[..Math.Max(0, bytes.Length - size)];
        }

        byte[] changed = [.. bytes];
        Span<byte> at = changed.AsSpan(random.Next(bytes.Length / size) * size);
        if (size == sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(at, Integer(BinaryPrimitives.ReadInt64LittleEndian(at), random));
        }
        else
        {
            BinaryPrimitives.WriteSingleLittleEndian(at, s_floats[random.Next(s_floats.Length)]);
        }

        return changed;
    }

    private static string Text(
        (string Type, int Number) kind, string old, ProtobufField[] like, List<(ProtobufMessage In, ProtobufField Field)> places,
        Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                return "";
            case 1:
                return old + (char)random.Next(1, 300);
            case 2 or 3:
                return like[random.Next(like.Length)].Text;
            case 4 when kind.Type == "Node":
                ProtobufField[] names =
                    [.. places.Where(place => KindOf(place) is ("Node", 2) or ("Tensor", 8)).Select(place => place.Field)];
                return names.Length == 0 ? old : names[random.Next(names.Length)].Text;
        }

        return kind switch
        {
            ("Node", 4) => s_operators[random.Next(s_operators.Length)],
            ("Attribute", 1) => s_attributes[random.Next(s_attributes.Length)],
            ("Attribute", 4) => ((string[])["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "linear", "reflect", "edge"])[random.Next(7)],
            _ => like[random.Next(like.Length)].Text,
        };
    }
}
