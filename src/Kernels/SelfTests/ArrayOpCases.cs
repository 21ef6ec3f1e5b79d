using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops on axes that imported networks need: normalisations, copies, reductions, products.</summary>
internal static class ArrayOpCases
{
    private const float Epsilon = 1e-3f;

    public static IEnumerable<OpCase> Normalizations(Shape shape)
    {
        var channels = Shape.Vector(shape.C);
        yield return Case("batch normalization forward", shape, (t, x, y) =>
        {
            Tensor scale = t.Input("scale", channels), bias = t.Input("bias", channels), mean = t.Input("mean", channels),
                variance = t.Input("variance", channels, 0.1f);
            return () => BatchNormalization.Forward(x, scale, bias, mean, variance, Epsilon, y);
        });
        yield return Case("batch normalization backward data", shape, (t, dy, dx) =>
        {
            Tensor scale = t.Input("scale", channels), variance = t.Input("variance", channels, 0.1f);
            return () => BatchNormalization.BackwardData(dy, scale, variance, Epsilon, dx);
        });
        yield return OpCases.Grouped("batch normalization backward parameters", $"{shape}", OpCases.Rounding, t =>
        {
            Tensor x = t.Input("x", shape), dy = t.Input("dy", shape), mean = t.Input("mean", channels),
                variance = t.Input("variance", channels, 0.1f), dScale = t.Output("dScale", channels),
                dBias = t.Output("dBias", channels);
            return () => BatchNormalization.BackwardParameters(x, dy, mean, variance, Epsilon, dScale, dBias);
        });
        yield return OpCases.Grouped("batch statistics", $"{shape}", OpCases.Rounding, t =>
        {
            Tensor x = t.Input("x", shape), mean = t.Output("mean", channels), variance = t.Output("variance", channels);
            return () => BatchStatistics.Forward(x, mean, variance);
        });
        yield return Case("batch statistics backward data", shape, (t, x, dx) =>
        {
            Tensor dy = t.Input("dy", shape), scale = t.Input("scale", channels), mean = t.Input("mean", channels),
                variance = t.Input("variance", channels, 0.1f), dScale = t.Input("dScale", channels), dBias = t.Input("dBias", channels);
            return () => BatchStatistics.BackwardData(x, dy, scale, mean, variance, dScale, dBias, Epsilon, dx);
        });
        yield return new OpCase("batch statistics update", $"{channels}", OpCases.Rounding, t =>
        {
            Tensor mean = t.Input("mean", channels), variance = t.Input("variance", channels, 0.1f),
                runningMean = t.State("running mean", channels), runningVariance = t.State("running variance", channels, 0.1f);
            return () => BatchStatistics.Update(mean, variance, runningMean, runningVariance, 0.1f, shape.N * shape.Area);
        });
        yield return new OpCase("dropout", $"{shape}", OpCases.Exact, t =>
        {
            Tensor x = t.Input("x", shape), y = t.Output("y", shape);
            return () => Dropout.Forward(x, y, 0.3f, 7, 5);
        });
        yield return Case("channel affine, ReLU", shape, (t, x, y) =>
        {
            Tensor scale = t.Input("scale", channels), bias = t.Input("bias", channels);
            return () => ChannelAffine.Forward(x, scale, bias, y, relu: true);
        });
        yield return Case("layer normalization forward", shape, (t, x, y) =>
        {
            Tensor scale = t.Input("scale", channels), bias = t.Input("bias", channels);
            return () => LayerNormalization.Forward(x, scale, bias, Epsilon, y, shape.C);
        });
        yield return Case("layer normalization backward data", shape, (t, x, dx) =>
        {
            Tensor scale = t.Input("scale", channels), dy = t.Input("dy", shape);
            return () => LayerNormalization.BackwardData(x, scale, dy, Epsilon, dx, shape.C);
        });
        yield return Case("log-softmax forward", shape, (_, x, y) => () => RowSoftmax.Forward(x, y, shape.C, log: true));
        yield return Case("log-softmax backward", shape, (t, y, dx) =>
        {
            Tensor dy = t.Input("dy", shape);
            return () => RowSoftmax.Backward(y, dy, dx, shape.C, log: true);
        });
        yield return Case("PReLU forward", shape, (t, x, y) =>
        {
            Tensor slope = t.Input("slope", channels);
            return () => PRelu.Forward(x, slope, y);
        });
        yield return new OpCase("PReLU backward slope", $"{shape}", OpCases.Rounding, t =>
        {
            Tensor x = t.Input("x", shape), dy = t.Input("dy", shape), dSlope = t.Output("dSlope", channels);
            return () => PRelu.BackwardSlope(x, dy, dSlope);
        });
    }

    public static IEnumerable<OpCase> Copies()
    {
        int[] extents = [2, 3, 5, 7, 4];
        var all = Shape.Vector(840);
        foreach (int[] order in (int[][])[[0, 2, 1, 3, 4], [4, 3, 2, 1, 0], [0, 4, 1, 2, 3]])
        {
            yield return new OpCase($"permute {string.Join(",", order)}", "2x3x5x7x4", OpCases.Exact, t =>
            {
                Tensor x = t.Input("x", all), y = t.Output("y", all);
                return () => Permute.Forward(x, y, extents, order);
            });
        }

        Shape whole = new(3, 5, 7, 19), part = new(2, 2, 3, 5), start = new(1, 0, 2, 4), step = new(1, 3, 2, 3);
        yield return new OpCase("slice forward", $"{part} of {whole}", OpCases.Exact, t =>
        {
            Tensor x = t.Input("x", whole), y = t.Output("y", part);
            return () => Slice.Forward(x, y, start, step);
        });
        yield return new OpCase("slice backward", $"{part} of {whole}", OpCases.Exact, t =>
        {
            Tensor dy = t.Input("dy", part), dx = t.Output("dx", whole);
            return () => Slice.Backward(dy, dx, start, step);
        });
    }

    public static IEnumerable<OpCase> Reductions(Shape x)
    {
        foreach (ReduceFunction f in Enum.GetValues<ReduceFunction>())
        {
            foreach (Shape y in (Shape[])[Shape.Matrix(x.N, x.C), x.WithC(1), new(1, x.H, 1, x.C), Shape.Vector(1)])
            {
                yield return new OpCase($"{f} of axes, forward", $"{x} to {y}", OpCases.Rounding, t =>
                {
                    Tensor from = t.Input("x", x), to = t.Output("y", y);
                    return () => Reduce.Forward(f, from, to);
                });
                yield return new OpCase($"{f} of axes, backward", $"{x} to {y}", OpCases.Rounding, t =>
                {
                    Tensor from = t.Input("x", x), to = t.Output("y", y), dy = t.Input("dy", y), dx = t.Output("dx", x);
                    return () =>
                    {
                        Reduce.Forward(f, from, to);
                        Reduce.Backward(f, from, to, dy, dx);
                    };
                });
            }
        }
    }

    public static IEnumerable<OpCase> Products()
    {
        const int Batches = 3;
        foreach (bool turnA in (bool[])[false, true])
        {
            foreach (bool turnB in (bool[])[false, true])
            {
                // The last are work for tiles.
                foreach ((int m, int k, int n) in ((int, int, int)[])[(7, 11, 5), (7, 43, 5), (44, 52, 40)])
                {
                    string shape = $"{Batches} of {m}x{k} by {k}x{n}{(turnA ? ", a turned" : "")}{(turnB ? ", b turned" : "")}";
                    yield return OpCases.GroupedProduct("matrix products", shape, t =>
                    {
                        Tensor a = t.Input("a", Shape.Matrix(Batches, m * k)), b = t.Input("b", Shape.Matrix(Batches, k * n)),
                            y = t.Output("y", Shape.Matrix(Batches, m * n));
                        return () => BatchedMatMul.Forward(a, b, y, Batches, m, k, n, turnA, turnB);
                    });
                }
            }
        }
    }

    /// <summary>A case with one input and one output of this shape; <paramref name="prepare"/> makes what else there is.</summary>
    private static OpCase Case(string op, Shape shape, Func<OpCaseTensors, Tensor, Tensor, Action> prepare) =>
        new(op, $"{shape}", OpCases.Rounding, t => prepare(t, t.Input("x", shape), t.Output("y", shape)));
}
