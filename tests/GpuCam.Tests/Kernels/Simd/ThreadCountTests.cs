using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>
/// The vectorised ops deal out rows, lines, pixels or elements; none of them may notice to how many threads. The tensors are
/// large enough to be dealt out at all, and of odd extents.
/// </summary>
public class ThreadCountTests
{
    private static readonly Shape s_image = new(5, 31, 23, 33);
    private static readonly Pool2DGeometry s_overlapping = Pool2DGeometry.Square(s_image, 3, 2, 1);
    private static readonly Shape s_pooled = Shape.Matrix(5, 33);
    private static readonly Shape s_rows = Shape.Matrix(701, 17);
    private static readonly Shape s_vector = Shape.Vector(40009);
    private static readonly Shape s_channels = Shape.Vector(33);

    private static readonly Dictionary<string, Func<OpHarness, float[]>> s_ops = new()
    {
        ["relu"] = op => Written(op, s_image, y => Relu.Forward(Random(op, s_image, 1), y)),
        ["relu backward"] = op => Written(op, s_image, dx => Relu.Backward(Random(op, s_image, 1), Random(op, s_image, 2), dx)),
        ["max-pool"] = MaxPool,
        ["max-pool backward"] = MaxPoolBackward,
        ["global average"] = op => Written(op, s_pooled, y => GlobalAveragePool.Forward(Random(op, s_image, 1), y)),
        ["global average backward"] = op => Written(op, s_image, dx => GlobalAveragePool.Backward(Random(op, s_pooled, 1), dx)),
        ["global average of one image"] = op => Written(op, Shape.Matrix(1, 33), y => GlobalAveragePool.Forward(
            Random(op, new Shape(1, 61, 47, 33), 1), y)),
        ["global max"] = GlobalMax,
        ["linear"] = op => Written(op, Shape.Matrix(131, 33), y => Linear.Forward(
            Random(op, Shape.Matrix(131, 67), 1), Random(op, Shape.Matrix(67, 33), 2), Random(op, Shape.Vector(33), 3), y)),
        ["linear backward data"] = op => Written(op, Shape.Matrix(131, 67), dx => Linear.BackwardData(
            Random(op, Shape.Matrix(131, 33), 1), Random(op, Shape.Matrix(67, 33), 2), dx)),
        ["linear backward weight"] = op => Written(op, Shape.Matrix(67, 33), dWeight => Linear.BackwardWeight(
            Random(op, Shape.Matrix(131, 67), 1), Random(op, Shape.Matrix(131, 33), 2), dWeight)),
        ["bias backward"] = op => Written(op, Shape.Vector(33), dBias => Conv2D.BackwardBias(Random(op, s_image, 1), dBias)),
        ["softmax"] = op => Written(op, s_rows, y => Softmax.Forward(Random(op, s_rows, 1), y)),
        ["cross-entropy"] = CrossEntropy,
        ["sgd"] = op => Updated(op, (p, v, _) => Sgd.Step(p, Random(op, s_vector, 4), v, 0.1f, 0.9f, 0.01f)),
        ["adam"] = op => Updated(op, (p, m, v) => Adam.Step(p, Random(op, s_vector, 4), m, v, 3, 0.1, 0.9, 0.999, 1e-8, 0.01)),
        ["class activation map"] = op => Written(op, s_image.WithC(1), cam => ClassActivationMap.Forward(
            Random(op, s_image, 1), Random(op, Shape.Matrix(33, 4), 2), op.Integers(0, 3, 1, 2, 1), cam)),
        ["resize"] = op => Written(op, new Shape(5, 83, 97, 3), y => BilinearResize.Forward(
            Random(op, new Shape(5, 11, 29, 3), 1), y, ResizeMode.HalfPixel)),
        ["convolution"] = op => Convolved(op, Conv2DGeometry.Create(s_image, 5, 19, stride: 2, padding: 2)),
        ["convolution of few pixels"] = op => Convolved(op, Conv2DGeometry.Same(new Shape(1, 7, 7, 32), 3, 32)),
        ["convolution of some pixels"] = op => Convolved(op, Conv2DGeometry.Same(new Shape(3, 13, 11, 40), 3, 36)),
        ["convolution of an image"] = op => Convolved(op, Conv2DGeometry.Create(new Shape(2, 40, 35, 3), 7, 24, stride: 2, padding: 3)),
        ["depthwise"] = op => Grouped(op, 33),
        ["groups"] = op => Grouped(op, 11),
        ["max-pool, overlapping"] = op => Pools(op, s_overlapping),
        ["local response"] = op => Written(op, s_image, y => LocalResponseNormalization.Forward(
            Random(op, s_image, 1), y, 5, 1, 0.75f, 1)),
        ["local response backward"] = op => Written(op, s_image, dx => LocalResponseNormalization.Backward(
            Random(op, s_image, 1), Random(op, s_image, 2), Random(op, s_image, 3), dx, 5, 1, 0.6f, 1)),
        ["pad"] = op => Padded(op, s_image with { H = 40, W = 29 }),
        ["resize of features"] = op => Resized(op, s_image with { H = 17, W = 51 }),
        ["swish"] = op => Written(op, s_vector, y => Unary.Forward(UnaryFunction.Swish, Random(op, s_vector, 1), y)),
        ["swish backward"] = op => Written(op, s_vector, dx => Unary.Backward(
            UnaryFunction.Swish, Random(op, s_vector, 1), Random(op, s_vector, 2), Random(op, s_vector, 3), dx)),
        ["multiply, repeated"] = op => Written(op, s_image, y => Binary.Forward(
            BinaryFunction.Multiply, Random(op, s_image, 1), Random(op, s_pooled, 2), y)),
        ["multiply, repeated, backward"] = op => Written(op, s_pooled, db => Binary.Backward(
            BinaryFunction.Multiply, Random(op, s_image, 1), Random(op, s_pooled, 2), Random(op, s_image, 3), Random(op, s_image, 4), db,
            1)),
        ["batch normalization"] = op => Written(op, s_image, y => BatchNormalization.Forward(
            Random(op, s_image, 1), Random(op, s_channels, 2), Random(op, s_channels, 3), Random(op, s_channels, 4),
            Random(op, s_channels, 5), 1.5f, y)),
        ["batch statistics"] = op => BatchMoments(op, s_image),
        ["batch statistics of a matrix"] = op => BatchMoments(op, s_rows),
        ["batch statistics backward"] = op => Written(op, s_image, dx => BatchStatistics.BackwardData(
            Random(op, s_image, 1), Random(op, s_image, 2), Random(op, s_channels, 3), Random(op, s_channels, 4),
            Random(op, s_channels, 5), Random(op, s_channels, 6), Random(op, s_channels, 7), 1.5f, dx)),
        ["dropout"] = op => Written(op, s_image, y => Dropout.Forward(Random(op, s_image, 1), y, 0.4f, 1, 2)),
        ["layer normalization"] = op => Written(op, s_image, y => LayerNormalization.Forward(
            Random(op, s_image, 1), Random(op, s_channels, 2), null, 1e-3f, y, 33)),
        ["mean of axes"] = op => Written(op, s_pooled, y => Reduce.Forward(ReduceFunction.Mean, Random(op, s_image, 1), y)),
        ["permute"] = op => Written(op, s_image, y => Permute.Forward(Random(op, s_image, 1), y, [5, 31, 23, 33], [0, 3, 1, 2])),
        ["slice backward"] = op => Written(op, s_image, dx => Slice.Backward(
            Random(op, new Shape(5, 15, 23, 11), 1), dx, new Shape(0, 1, 0, 0), new Shape(1, 2, 1, 3))),
        ["matrix product"] = op => Written(op, Shape.Matrix(131, 97), y => BatchedMatMul.Forward(
            Random(op, Shape.Matrix(131, 67), 1), Random(op, Shape.Matrix(97, 67), 2), y, 1, 131, 67, 97, false, true)),
        ["min-max"] = op => Written(op, new Shape(7, 61, 67, 1), y => MinMaxNormalize.Forward(Random(op, new Shape(7, 61, 67, 1), 1), y)),
    };

    public static TheoryData<int, string> Cases => SimdWidths.With(s_ops.Keys.ToArray());

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_bits_do_not_depend_on_the_number_of_threads(int bits, string name)
    {
        int[] alone = Run(1);
        Assert.Equal(alone, Run(2));
        Assert.Equal(alone, Run(5));

        int[] Run(int threads)
        {
            using var op = new OpHarness(new HostDevice(Backend.Simd, threads, bits));
            return Array.ConvertAll(s_ops[name](op), BitConverter.SingleToInt32Bits);
        }
    }

    private static float[] MaxPool(OpHarness op)
    {
        var g = Pool2DGeometry.Square(s_image, 2, 2, 0);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        return [.. Written(op, g.Y, y => MaxPool2D.Forward(Random(op, s_image, 1), y, argmax, g)), .. argmax.ToArray()];
    }

    private static float[] MaxPoolBackward(OpHarness op)
    {
        var g = Pool2DGeometry.Square(s_image, 2, 2, 0);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        MaxPool2D.Forward(Random(op, s_image, 1), op.Output("y", g.Y), argmax, g);
        return Written(op, s_image, dx => MaxPool2D.Backward(Random(op, g.Y, 2), argmax, dx, g));
    }

    private static float[] Pools(OpHarness op, Pool2DGeometry g)
    {
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        float[] y = Written(op, g.Y, y => MaxPool2D.Forward(Random(op, s_image, 1), y, argmax, g));
        float[] dx = Written(op, s_image, dx => MaxPool2D.Backward(Random(op, g.Y, 2), argmax, dx, g));
        float[] mean = Written(op, g.Y, y => AveragePool2D.Forward(Random(op, s_image, 1), y, g, countPadding: false));
        return [.. y, .. dx, .. mean, .. Written(op, s_image, dx => AveragePool2D.Backward(Random(op, g.Y, 2), dx, g, false))];
    }

    private static float[] BatchMoments(OpHarness op, Shape shape)
    {
        var channels = Shape.Vector(shape.C);
        Tensor x = Random(op, shape, 1), variance = op.Output("variance", channels), dBias = op.Output("dBias", channels);
        float[] mean = Written(op, channels, mean => BatchStatistics.Forward(x, mean, variance));
        float[] dScale = Written(op, channels, dScale => BatchNormalization.BackwardParameters(
            x, Random(op, shape, 2), variance, variance, 1e-3f, dScale, dBias));
        return [.. mean, .. variance.ToArray(), .. dScale, .. dBias.ToArray()];
    }

    private static float[] Grouped(OpHarness op, int groups)
    {
        var g = Conv2DGeometry.Create(s_image, 3, 33, stride: 2, padding: 1);
        Shape weight = GroupedConv2D.Weight(g, groups);
        float[] y = Written(op, g.Y, y => GroupedConv2D.Forward(
            Random(op, s_image, 1), Random(op, weight, 2), Random(op, Shape.Vector(33), 3), y, g, groups, Activation.Relu));
        float[] dx = Written(op, s_image, dx => GroupedConv2D.BackwardData(Random(op, g.Y, 4), Random(op, weight, 2), dx, g, groups));
        return [.. y, .. dx, .. Written(op, weight, dWeight => GroupedConv2D.BackwardWeight(
            Random(op, s_image, 1), Random(op, g.Y, 4), dWeight, g, groups))];
    }

    /// <summary>Products so small that no float holds them are in it: what is left of their sum is zero or minus zero.</summary>
    private static float[] Convolved(OpHarness op, Conv2DGeometry g)
    {
        Tensor x = Random(op, g.X, 1), weight = Random(op, g.Weight, 2), dy = Random(op, g.Y, 3);
        float[] plain = Written(op, g.Y, y => Conv2D.Forward(x, weight, null, y, g));
        float[] biased = Written(op, g.Y, y => Conv2D.Forward(x, weight, Random(op, Shape.Vector(g.OC), 4), y, g, Activation.Relu));
        float[] dx = Written(op, g.X, dx => Conv2D.BackwardData(dy, weight, dx, g));
        float[] dWeight = Written(op, g.Weight, dWeight => Conv2D.BackwardWeight(x, dy, dWeight, g));
        Tensor tiny = op.Input("tiny", g.X, [.. Enumerable.Repeat(-1e-30f, g.X.Count)]);
        Tensor small = op.Input("small", g.Weight, [.. Enumerable.Repeat(1e-30f, g.Weight.Count)]);
        return [.. plain, .. biased, .. dx, .. dWeight, .. Written(op, g.Y, y => Conv2D.Forward(tiny, small, null, y, g))];
    }

    private static float[] Padded(OpHarness op, Shape to)
    {
        float[] y = Written(op, to, y => Pad2D.Forward(Random(op, s_image, 1), y, 5, 3, PadMode.Reflect, 0));
        return [.. y, .. Written(op, s_image, dx => Pad2D.Backward(Random(op, to, 2), dx, 5, 3, PadMode.Reflect))];
    }

    private static float[] Resized(OpHarness op, Shape to)
    {
        var rule = ResizeRule.Between(s_image, to, Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.Floor);
        float[] y = Written(op, to, y => Resize2D.Forward(Random(op, s_image, 1), y, rule));
        return [.. y, .. Written(op, s_image, dx => Resize2D.Backward(Random(op, to, 2), dx, rule))];
    }

    private static float[] GlobalMax(OpHarness op)
    {
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", s_pooled.Count);
        float[] y = Written(op, s_pooled, y => GlobalMaxPool.Forward(Random(op, s_image, 1), y, argmax));
        return [.. y, .. Written(op, s_image, dx => GlobalMaxPool.Backward(Random(op, s_pooled, 2), argmax, dx))];
    }

    private static float[] CrossEntropy(OpHarness op)
    {
        Tensor losses = op.Output("losses", Shape.Matrix(s_rows.N, 1));
        DeviceBuffer<int> labels = op.Integers([.. Enumerable.Range(0, s_rows.N).Select(n => n * 5 % s_rows.C)]);
        float[] gradient = Written(op, s_rows, dLogits =>
            SoftmaxCrossEntropy.Forward(Random(op, s_rows, 1), labels, losses, dLogits, s_rows.N));
        return [.. losses.ToArray(), .. gradient];
    }

    private static float[] Updated(OpHarness op, Action<Tensor, Tensor, Tensor> step)
    {
        Tensor parameter = Random(op, s_vector, 1), first = Random(op, s_vector, 2);
        Tensor second = op.Input("second", s_vector, OpHarness.Random(s_vector.Count, 3, 0));
        step(parameter, first, second);
        return [.. parameter.ToArray(), .. first.ToArray(), .. second.ToArray()];
    }

    private static Tensor Random(OpHarness op, Shape shape, int seed) =>
        op.Input($"input {seed}", shape, OpHarness.Random(shape.Count, seed));

    private static float[] Written(OpHarness op, Shape shape, Action<Tensor> write)
    {
        Tensor output = op.Output("output", shape);
        write(output);
        return output.ToArray();
    }
}
