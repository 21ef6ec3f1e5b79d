using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops that slide a window over an image: convolution and pooling.</summary>
internal static class WindowOpCases
{
    /// <summary>A convolution, forward and backward, alone and fused.</summary>
    public static IEnumerable<OpCase> Convolution(Conv2DGeometry g)
    {
        string shape = $"{g.X} {g.KH}x{g.KW} to {g.OC}";
        yield return OpCases.GroupedProduct("conv forward", shape, t => ConvolutionForward(t, g, withBias: true, relu: false));
        yield return OpCases.GroupedProduct("conv forward, ReLU", shape, t =>
            ConvolutionForward(t, g, withBias: false, relu: true));
        yield return OpCases.GroupedProduct("conv backward data", shape, t =>
        {
            Tensor dy = t.Input("dy", g.Y), weight = t.Input("weight", g.Weight), dx = t.Output("dx", g.X);
            return () => Conv2D.BackwardData(dy, weight, dx, g);
        });
        yield return OpCases.GroupedProduct("conv backward weight", shape, t =>
        {
            Tensor x = t.Input("x", g.X), dy = t.Input("dy", g.Y), dWeight = t.Output("dWeight", g.Weight);
            return () => Conv2D.BackwardWeight(x, dy, dWeight, g);
        });
        yield return OpCases.Grouped("conv backward bias", $"{g.Y}", OpCases.Rounding, t =>
        {
            Tensor dy = t.Input("dy", g.Y), dBias = t.Output("dBias", Shape.Vector(g.OC));
            return () => Conv2D.BackwardBias(dy, dBias);
        });
        var pooled = Pool2DGeometry.Square(g.Y, 2, 2, 0);
        OpCase pooling = OpCases.GroupedProduct("conv forward, ReLU, max-pool", shape, t =>
        {
            Tensor x = t.Input("x", g.X), weight = t.Input("weight", g.Weight), bias = t.Input("bias", Shape.Vector(g.OC)),
                y = t.Output("y", pooled.Y);
            DeviceBuffer<int> argmax = t.Winners("argmax", pooled.Y.Count);
            return () => Conv2D.ForwardMaxPool(x, weight, bias, y, argmax, g, relu: true);
        });
        yield return pooling with { PicksWinners = true };
        OpCase back = OpCases.GroupedProduct("conv, ReLU, max-pool backward weight", shape, t =>
        {
            Tensor x = t.Input("x", g.X), before = t.Input("before", g.Y), dy = t.Input("dy", pooled.Y), y = t.Output("y", pooled.Y),
                dWeight = t.Output("dWeight", g.Weight), dBias = t.Output("dBias", Shape.Vector(g.OC));
            DeviceBuffer<int> argmax = t.Winners("argmax", pooled.Y.Count);
            return () =>
            {
                MaxPool2D.Forward(before, y, argmax, pooled);
                PooledConvGradient.Backward(x, y, dy, argmax, dWeight, dBias, g);
            };
        });
        yield return back with { PicksWinners = true };
    }

    /// <summary>A convolution with what may follow it: another value, each activation, other channels beside its own.</summary>
    public static IEnumerable<OpCase> Finished(Conv2DGeometry g)
    {
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
        {
            var activation = Activation.Of(function, 0.25f, 0.5f);
            bool positive = function is UnaryFunction.Sqrt or UnaryFunction.Log or UnaryFunction.Power or UnaryFunction.Reciprocal;
            OpCase one = OpCases.GroupedProduct($"conv forward, residual, {activation}, in a wider result", $"{g.X} to {g.OC}", t =>
            {
                Tensor x = t.Input("x", g.X, 0.25f, 0.5f), weight = t.Input("weight", g.Weight, positive ? 0.125f : -0.25f, 0.25f),
                    bias = t.Input("bias", Shape.Vector(g.OC)), residual = t.Input("residual", g.Y, positive ? 1 : -2, 2),
                    y = t.State("y", g.Y.WithC(g.OC + 8), 1, 1);
                return () => Conv2D.Forward(x, weight, bias, y, g, activation, residual, 4);
            });
            yield return one with { EnlargesErrors = true };
        }
    }

    /// <summary>A convolution in groups, forward and backward.</summary>
    public static IEnumerable<OpCase> Grouped(Conv2DGeometry g, int groups)
    {
        string shape = $"{g.X} {g.KH}x{g.KW} to {g.OC} in {groups}";
        Shape weightShape = GroupedConv2D.Weight(g, groups);
        yield return OpCases.GroupedProduct("grouped conv forward", shape, t =>
        {
            Tensor x = t.Input("x", g.X), weight = t.Input("weight", weightShape), bias = t.Input("bias", Shape.Vector(g.OC)),
                y = t.Output("y", g.Y);
            return () => GroupedConv2D.Forward(x, weight, bias, y, g, groups, Activation.Relu);
        });
        yield return OpCases.GroupedProduct("grouped conv backward data", shape, t =>
        {
            Tensor dy = t.Input("dy", g.Y), weight = t.Input("weight", weightShape), dx = t.Output("dx", g.X);
            return () => GroupedConv2D.BackwardData(dy, weight, dx, g, groups);
        });
        yield return OpCases.GroupedProduct("grouped conv backward weight", shape, t =>
        {
            Tensor x = t.Input("x", g.X), dy = t.Input("dy", g.Y), dWeight = t.Output("dWeight", weightShape);
            return () => GroupedConv2D.BackwardWeight(x, dy, dWeight, g, groups);
        });
    }

    /// <summary>Max-pool and average pool, forward and backward.</summary>
    public static IEnumerable<OpCase> Pool(Pool2DGeometry g)
    {
        string shape = $"{g.X} {g.KH}x{g.KW}/{g.StrideH}x{g.StrideW}{(g.Ceil ? " ceil" : "")}";
        bool overlap = g.StrideH < g.KH || g.StrideW < g.KW;
        yield return new OpCase("max-pool forward", shape, OpCases.Exact, t =>
        {
            Tensor x = t.Input("x", g.X), y = t.Output("y", g.Y);
            DeviceBuffer<int> argmax = t.Winners("argmax", g.Y.Count);
            return () => MaxPool2D.Forward(x, y, argmax, g);
        });
        yield return new OpCase("max-pool backward", shape, overlap ? OpCases.Rounding : OpCases.Exact, t =>
        {
            Tensor x = t.Input("x", g.X), y = t.Output("y", g.Y), dy = t.Input("dy", g.Y), dx = t.Output("dx", g.X);
            DeviceBuffer<int> argmax = t.Winners("argmax", g.Y.Count);
            return () =>
            {
                MaxPool2D.Forward(x, y, argmax, g);
                MaxPool2D.Backward(dy, argmax, dx, g);
            };
        });
        yield return OpCases.Grouped("max-pool, ReLU, bias backward", shape, OpCases.Rounding, t =>
        {
            Tensor x = t.Input("x", g.X), y = t.Output("y", g.Y), dy = t.Input("dy", g.Y), dx = t.Output("dx", g.X),
                dBias = t.Output("dBias", Shape.Vector(g.X.C));
            DeviceBuffer<int> argmax = t.Winners("argmax", g.Y.Count);
            return () =>
            {
                MaxPool2D.Forward(x, y, argmax, g);
                MaxPool2D.BackwardRelu(y, dy, argmax, dx, dBias, g);
            };
        });
        foreach (bool countPadding in new[] { false, true })
        {
            string counted = countPadding ? ", padding counts" : "";
            yield return new OpCase($"average pool of windows forward{counted}", shape, OpCases.Rounding, t =>
            {
                Tensor x = t.Input("x", g.X), y = t.Output("y", g.Y);
                return () => AveragePool2D.Forward(x, y, g, countPadding);
            });
            yield return new OpCase($"average pool of windows backward{counted}", shape, OpCases.Rounding, t =>
            {
                Tensor dy = t.Input("dy", g.Y), dx = t.Output("dx", g.X);
                return () => AveragePool2D.Backward(dy, dx, g, countPadding);
            });
        }
    }

    private static Action ConvolutionForward(OpCaseTensors t, Conv2DGeometry g, bool withBias, bool relu)
    {
        Tensor x = t.Input("x", g.X), weight = t.Input("weight", g.Weight), y = t.Output("y", g.Y);
        Tensor? bias = withBias ? t.Input("bias", Shape.Vector(g.OC)) : null;
        return () => Conv2D.Forward(x, weight, bias, y, g, relu ? Activation.Relu : default);
    }
}
