using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>
/// Every op, forward and backward, on shapes whose extents are odd and unequal, and the convolutions of the reference network.
/// Outputs that only select or copy must agree exactly; sums and exponentials within 2e-5: two float32 sums in different orders,
/// each as far from the exact one as the op tests allow.
/// </summary>
public static class OpCases
{
    internal const double Exact = 0;
    internal const double Rounding = 2e-5;

    /// <summary>Cases of a few thousand multiply-adds: also fit for a simulator of groups.</summary>
    public static IReadOnlyList<OpCase> Small { get; } =
    [
        .. WindowOpCases.Convolution(Conv2DGeometry.Same(new Shape(2, 7, 9, 1), 5, 8)),
        .. WindowOpCases.Convolution(Conv2DGeometry.Create(new Shape(3, 8, 7, 3), 3, 5, stride: 2, padding: 1)),
        .. WindowOpCases.Convolution(new Conv2DGeometry(new Shape(2, 9, 14, 5), 2, 3, 7, 2, 3, 1, 0, 2, 4, 3, 2)),
        .. WindowOpCases.Convolution(Conv2DGeometry.Create(new Shape(2, 9, 8, 3), 3, 8, stride: 2, padding: 1)),
        .. WindowOpCases.Convolution(Conv2DGeometry.Create(new Shape(2, 5, 6, 4), 3, 8, stride: 1, padding: 1)),
        .. WindowOpCases.Convolution(Conv2DGeometry.Create(new Shape(3, 8, 7, 8), 3, 12, stride: 2, padding: 1)),
        .. WindowOpCases.Grouped(Conv2DGeometry.Create(new Shape(2, 8, 7, 5), 3, 5, stride: 2, padding: 1), 5),
        .. WindowOpCases.Grouped(new Conv2DGeometry(new Shape(2, 9, 14, 6), 2, 3, 15, 2, 3, 1, 0, 2, 4, 3, 2), 3),
        .. WindowOpCases.Grouped(Conv2DGeometry.Create(new Shape(2, 5, 9, 8), 3, 8, stride: 1, padding: 1), 8),
        .. WindowOpCases.Grouped(Conv2DGeometry.Create(new Shape(2, 8, 7, 12), 3, 12, stride: 2, padding: 1), 12),
        .. WindowOpCases.Grouped(Conv2DGeometry.Create(new Shape(2, 7, 6, 8), 3, 24, stride: 1, padding: 1), 2),
        .. WindowOpCases.Grouped(new Conv2DGeometry(new Shape(2, 9, 8, 15), 2, 3, 27, 2, 3, 1, 0, 2, 4, 3, 2), 3),
        .. WindowOpCases.Finished(Conv2DGeometry.Create(new Shape(1, 5, 6, 8), 3, 12, stride: 1, padding: 1)),
        .. WindowOpCases.Pool(Pool2DGeometry.Square(new Shape(2, 7, 9, 5), 2, 2, 0)),
        .. WindowOpCases.Pool(Pool2DGeometry.Square(new Shape(2, 7, 9, 36), 2, 2, 0)),
        .. WindowOpCases.Pool(Pool2DGeometry.Square(new Shape(3, 8, 5, 3), 3, 2, 1)),
        .. WindowOpCases.Pool(new Pool2DGeometry(new Shape(2, 9, 11, 5), 2, 3, 2, 3, 1, 2, 0, 2, 3, 2, true)),
        .. Activation(new Shape(3, 5, 7, 11)),
        .. GlobalPools(new Shape(2, 1, 1, 1)),
        .. GlobalPools(new Shape(3, 5, 7, 11)),
        .. GlobalPools(new Shape(2, 3, 5, 12)),
        .. FullyConnected(3, 11, 7),
        .. FullyConnected(37, 41, 10),
        .. FullyConnected(36, 132, 56),
        .. Head(5, 3),
        .. Head(19, 10),
        .. Maps(new Shape(3, 5, 7, 11), 10, 13, 9),
        .. Optimizers(37),
        .. CamOpCases.Of(new Shape(3, 5, 7, 11)),
        .. ElementOpCases.Functions(new Shape(2, 3, 5, 7)),
        .. ElementOpCases.Arithmetic(new Shape(3, 5, 2, 19)),
        .. ArrayOpCases.Normalizations(new Shape(2, 3, 5, 19)),
        .. ArrayOpCases.Copies(),
        .. ArrayOpCases.Reductions(new Shape(3, 5, 2, 19)),
        .. ArrayOpCases.Products(),
        .. PixelOpCases.Of(new Shape(3, 5, 7, 11)),
        .. PictureOpCases.Samples(),
        .. PictureOpCases.Overlay(new Shape(3, 7, 5, 1)),
        .. PictureOpCases.Overlay(new Shape(2, 5, 9, 3)),
    ];

    /// <summary>The tensors of the reference network on a small canvas.</summary>
    public static IReadOnlyList<OpCase> Network { get; } =
    [
        .. WindowOpCases.Convolution(Conv2DGeometry.Same(new Shape(2, 28, 28, 1), 5, 32)),
        .. WindowOpCases.Convolution(Conv2DGeometry.Same(new Shape(2, 14, 14, 32), 5, 64)),
        .. WindowOpCases.Pool(Pool2DGeometry.Square(new Shape(1, 14, 14, 64), 2, 2, 0)),
        .. GlobalPools(new Shape(2, 9, 9, 64)),
        .. FullyConnected(64, 64, 10),
        .. Maps(new Shape(1, 25, 25, 64), 10, 100, 100),
    ];

    /// <summary>A product that has a group kernel too.</summary>
    internal static OpCase GroupedProduct(string op, string shape, Func<OpCaseTensors, Action> prepare) =>
        Product(op, shape, prepare) with { HasGroupKernel = true };

    /// <summary>A case of an op that sums products of two inputs.</summary>
    internal static OpCase Product(string op, string shape, Func<OpCaseTensors, Action> prepare) =>
        new(op, shape, Rounding, prepare) { IsProduct = true };

    /// <summary>A case of an op that has a group kernel too.</summary>
    internal static OpCase Grouped(string op, string shape, double tolerance, Func<OpCaseTensors, Action> prepare) =>
        new(op, shape, tolerance, prepare) { HasGroupKernel = true };

    private static IEnumerable<OpCase> Activation(Shape shape)
    {
        yield return new OpCase("relu forward", $"{shape}", Exact, t =>
        {
            Tensor x = t.Input("x", shape), y = t.Output("y", shape);
            return () => Relu.Forward(x, y);
        });
        yield return new OpCase("relu backward", $"{shape}", Exact, t =>
        {
            Tensor y = t.Input("y", shape), dy = t.Input("dy", shape), dx = t.Output("dx", shape);
            return () => Relu.Backward(y, dy, dx);
        });
    }

    private static IEnumerable<OpCase> GlobalPools(Shape shape)
    {
        var pooled = Shape.Matrix(shape.N, shape.C);
        yield return Grouped("average pool forward", $"{shape}", Rounding, t =>
        {
            Tensor x = t.Input("x", shape), y = t.Output("y", pooled);
            return () => GlobalAveragePool.Forward(x, y, 4);
        });
        yield return new OpCase("average pool backward", $"{shape}", Rounding, t =>
        {
            Tensor dy = t.Input("dy", pooled), dx = t.Output("dx", shape);
            return () => GlobalAveragePool.Backward(dy, dx, 4);
        });
        yield return Grouped("global max forward", $"{shape}", Exact, t =>
        {
            Tensor x = t.Input("x", shape), y = t.Output("y", pooled);
            DeviceBuffer<int> argmax = t.Winners("argmax", pooled.Count);
            return () => GlobalMaxPool.Forward(x, y, argmax);
        });
        yield return Grouped("global max backward", $"{shape}", Exact, t =>
        {
            Tensor x = t.Input("x", shape), y = t.Output("y", pooled), dy = t.Input("dy", pooled), dx = t.Output("dx", shape);
            DeviceBuffer<int> argmax = t.Winners("argmax", pooled.Count);
            return () =>
            {
                GlobalMaxPool.Forward(x, y, argmax);
                GlobalMaxPool.Backward(dy, argmax, dx);
            };
        });
    }

    private static IEnumerable<OpCase> FullyConnected(int batch, int inputs, int outputs)
    {
        Shape x = Shape.Matrix(batch, inputs), y = Shape.Matrix(batch, outputs), weight = Shape.Matrix(inputs, outputs);
        string shape = $"{batch}x{inputs} to {outputs}";
        yield return GroupedProduct("linear forward", shape, t =>
        {
            Tensor input = t.Input("x", x), w = t.Input("weight", weight), bias = t.Input("bias", Shape.Vector(outputs)),
                output = t.Output("y", y);
            return () => Linear.Forward(input, w, bias, output);
        });
        yield return GroupedProduct("linear backward data", shape, t =>
        {
            Tensor dy = t.Input("dy", y), w = t.Input("weight", weight), dx = t.Output("dx", x);
            return () => Linear.BackwardData(dy, w, dx);
        });
        yield return GroupedProduct("linear backward weight", shape, t =>
        {
            Tensor input = t.Input("x", x), dy = t.Input("dy", y), dWeight = t.Output("dWeight", weight);
            return () => Linear.BackwardWeight(input, dy, dWeight);
        });
        yield return Grouped("linear backward bias", shape, Rounding, t =>
        {
            Tensor dy = t.Input("dy", y), dBias = t.Output("dBias", Shape.Vector(outputs));
            return () => Linear.BackwardBias(dy, dBias);
        });
    }

    private static IEnumerable<OpCase> Head(int batch, int classes)
    {
        var logits = Shape.Matrix(batch, classes);
        yield return Grouped("softmax forward", $"{batch}x{classes}", Rounding, t =>
        {
            Tensor x = t.Input("logits", logits, -20, 20), p = t.Output("probabilities", logits);
            return () => Softmax.Forward(x, p);
        });
        yield return Grouped("softmax backward", $"{batch}x{classes}", Rounding, t =>
        {
            Tensor p = t.Input("probabilities", logits, 0), dy = t.Input("dy", logits), dx = t.Output("dx", logits);
            return () => Softmax.Backward(p, dy, dx);
        });
        yield return Grouped("cross-entropy", $"{batch}x{classes}", Rounding, t =>
        {
            Tensor x = t.Input("logits", logits, -20, 20), losses = t.Output("losses", Shape.Matrix(batch, 1)),
                dLogits = t.Output("dLogits", logits);
            DeviceBuffer<int> labels = t.Labels(batch, classes);
            return () => SoftmaxCrossEntropy.Forward(x, labels, losses, dLogits, x.Shape.N);
        });
        yield return new OpCase("right answers", $"{batch}x{classes}", Exact, t =>
        {
            const int Offset = 3;
            Tensor x = t.Input("logits", logits);
            DeviceBuffer<int> labels = t.Labels(batch, classes), correct = t.Winners("correct", Offset + batch);
            return () => TopOne.Forward(x, labels, correct, Offset);
        });
    }

    private static IEnumerable<OpCase> Maps(Shape features, int classes, int height, int width)
    {
        Shape small = features.WithC(1), large = new(features.N, height, width, 1);
        yield return new OpCase("class activation map", $"{features}", Rounding, t =>
        {
            Tensor x = t.Input("features", features), weight = t.Input("weight", Shape.Matrix(features.C, classes)),
                cam = t.Output("cam", small);
            DeviceBuffer<int> labels = t.Labels(features.N, classes);
            return () => ClassActivationMap.Forward(x, weight, labels, cam);
        });
        foreach (ResizeMode mode in Enum.GetValues<ResizeMode>())
        {
            yield return new OpCase($"resize forward, {mode}", $"{small} to {height}x{width}", Rounding, t =>
            {
                Tensor x = t.Input("x", small), y = t.Output("y", large);
                return () => BilinearResize.Forward(x, y, mode);
            });
            yield return new OpCase($"resize backward, {mode}", $"{small} to {height}x{width}", Rounding, t =>
            {
                Tensor dy = t.Input("dy", large), dx = t.Output("dx", small);
                return () => BilinearResize.Backward(dy, dx, mode);
            });
        }

        yield return Grouped("min-max normalize", $"{large}", Rounding, t =>
        {
            Tensor x = t.Input("x", large), y = t.Output("y", large);
            return () => MinMaxNormalize.Forward(x, y);
        });
    }

    private static IEnumerable<OpCase> Optimizers(int count)
    {
        var shape = Shape.Vector(count);
        yield return new OpCase("sgd step", $"{count}", Rounding, t =>
        {
            Tensor value = t.State("value", shape), gradient = t.Input("gradient", shape);
            return () => Sgd.Step(value, gradient, null, 0.1f, 0, 0.01f);
        });
        yield return new OpCase("sgd step, momentum", $"{count}", Rounding, t =>
        {
            Tensor value = t.State("value", shape), gradient = t.Input("gradient", shape), velocity = t.State("velocity", shape);
            return () => Sgd.Step(value, gradient, velocity, 0.1f, 0.9f, 0.01f);
        });
        yield return new OpCase("adam step", $"{count}", Rounding, t =>
        {
            Tensor value = t.State("value", shape), gradient = t.Input("gradient", shape), m = t.State("m", shape),
                v = t.State("v", shape, 0.01f);
            return () => Adam.Step(value, gradient, m, v, 3, 0.01, 0.9, 0.999, 1e-8, 0.01);
        });
    }
}
