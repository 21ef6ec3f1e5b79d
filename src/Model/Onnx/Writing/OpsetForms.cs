namespace GpuCam.Model;

/// <summary>What is written in another way since some opset, from 13 on.</summary>
internal static class OpsetForms
{
    /// <summary>The oldest opset that is written.</summary>
    public const int Oldest = 13;

    /// <summary>The newest opset that is written.</summary>
    public const int Newest = 21;

    extension(ForwardExport export)
    {
        /// <summary>Takes all elements along some axes together, which stay with an extent of 1: <c>ReduceMean</c> and its like.</summary>
        public string Reduce(string op, string output, string x, params long[] axes)
        {
            // The axes are an input since opset 18, those of a sum since 13.
            bool asInput = export.Writer.Opset >= 18 || op == "ReduceSum";
            return asInput
                ? export.Writer.Add(op, output, [x, export.Numbers.Longs(axes)], ("keepdims", 1L))
                : export.Writer.Add(op, output, [x], ("axes", axes), ("keepdims", 1L));
        }

        /// <summary>Layer normalisation over the last axis: an operator since opset 17, before in its parts.</summary>
        public string NormalizeLayer(string output, string x, string scale, string? bias, float epsilon)
        {
            OnnxWriter writer = export.Writer;
            if (writer.Opset >= 17)
            {
                string[] inputs = bias is null ? [x, scale] : [x, scale, bias];
                return writer.Add("LayerNormalization", output, inputs, ("axis", -1L), ("epsilon", epsilon));
            }

            string mean = export.Reduce("ReduceMean", Part("mean"), x, -1);
            string centred = writer.Add("Sub", Part("centred"), [x, mean]);
            string squares = writer.Add("Mul", Part("squares"), [centred, centred]);
            string variance = export.Reduce("ReduceMean", Part("variance"), squares, -1);
            string shifted = writer.Add("Add", Part("shifted"), [variance, export.Numbers.Number(epsilon)]);
            string spread = writer.Add("Sqrt", Part("spread"), [shifted]);
            string normal = writer.Add("Div", Part("normal"), [centred, spread]);
            return bias is null
                ? writer.Add("Mul", output, [normal, scale])
                : writer.Add("Add", output, [writer.Add("Mul", Part("scaled"), [normal, scale]), bias]);

            string Part(string step) => writer.Fresh($"{output}/{step}");
        }

        /// <summary>Hard swish: an operator since opset 14.</summary>
        public string HardSwish(string output, string x)
        {
            OnnxWriter writer = export.Writer;
            return writer.Opset >= 14
                ? writer.Add("HardSwish", output, [x])
                : writer.Add("Mul", output, [x, writer.Add(
                    "HardSigmoid", writer.Fresh($"{output}/gate"), [x], ("alpha", 1f / 6), ("beta", 0.5f))]);
        }

        /// <summary>GELU: an operator since opset 20.</summary>
        public string Gelu(string output, string x, bool tanh)
        {
            OnnxWriter writer = export.Writer;
            ExportedNumbers numbers = export.Numbers;
            if (writer.Opset >= 20)
            {
                return writer.Add("Gelu", output, [x], ("approximate", tanh ? "tanh" : "none"));
            }

            string inner = x, function = "Erf";
            float factor = MathF.Sqrt(0.5f);
            if (tanh)
            {
                string square = writer.Add("Mul", Part("square"), [x, x]), cube = writer.Add("Mul", Part("cube"), [square, x]);
                inner = writer.Add("Add", Part("bent"), [x, writer.Add("Mul", Part("third"), [cube, numbers.Number(0.044715f)])]);
                (function, factor) = ("Tanh", MathF.Sqrt(2 / MathF.PI));
            }

            string scaled = writer.Add("Mul", Part("scaled"), [inner, numbers.Number(factor)]);
            string over = writer.Add("Add", Part("over"), [writer.Add(function, Part("share"), [scaled]), numbers.Number(1)]);
            string twice = writer.Add("Mul", Part("twice"), [x, over]);
            return writer.Add("Mul", output, [twice, numbers.Number(0.5f)]);

            string Part(string step) => writer.Fresh($"{output}/{step}");
        }

        /// <summary>
        /// Resizes a picture [N, C, H, W] along its rows and columns. Since opset 18 the size is said, which leaves no doubt; before,
        /// scales are, as the number of images is not known.
        /// </summary>
        /// <param name="output">What it is called.</param>
        /// <param name="x">The picture.</param>
        /// <param name="from">Rows and columns of it.</param>
        /// <param name="to">Those that are wanted.</param>
        /// <param name="attributes">Mode and coordinates.</param>
        public string Resize(
            string output, string x, (int H, int W) from, (int H, int W) to, params IReadOnlyList<(string Name, object Value)> attributes)
        {
            return export.Writer.Opset >= 18
                ? export.Writer.Add("Resize", output, [x, "", "", export.Numbers.Longs(to.H, to.W)],
                    [.. attributes, ("axes", new long[] { 2, 3 })])
                : export.Scale(output, x, Scale(from.H, to.H), Scale(from.W, to.W), attributes);

            // Rounded so that extents come out whole, in the arithmetic of float32 and of float64.
            static float Scale(int from, int to)
            {
                float scale = (float)to / from;
                return (long)((double)from * scale) < to ? MathF.BitIncrement(scale) : scale;
            }
        }

        /// <summary>Resizes a picture by scales; the extents are rounded down.</summary>
        public string Scale(
            string output, string x, float h, float w, params IReadOnlyList<(string Name, object Value)> attributes) =>
            export.Writer.Add("Resize", output, [x, "", export.Numbers.Floats(1, 1, h, w)], attributes);

        /// <summary>The mean of each window with a step between its cells, which AveragePool has since opset 19 only.</summary>
        public bool HasDilatedMean => export.Writer.Opset >= 19;
    }
}
