using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class ClassActivationMapTests
{
    private const int Classes = 4;
    private static readonly Shape s_features = new(3, 5, 7, 11);
    private static readonly int[] s_classes = [3, 0, 2];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_map_is_the_features_weighted_by_the_class(string device)
    {
        using var op = new OpHarness(device);
        float[] features = OpHarness.Random(s_features.Count, 1);
        float[] weight = OpHarness.Random(11 * Classes, 2);
        double[] expected = new double[s_features.WithC(1).Count];
        for (int p = 0; p < expected.Length; p++)
        {
            for (int k = 0; k < 11; k++)
            {
                expected[p] += (double)features[(p * 11) + k] * weight[(k * Classes) + s_classes[p / 35]];
            }
        }

        OpHarness.Close(expected, Repeat.SameBits(() => Run(op, features, weight, s_classes)), 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Any_number_of_channels_makes_a_map(string device)
    {
        using var op = new OpHarness(device);
        foreach (int channels in new[] { 1, 3, 17, 33, 64 })
        {
            Shape shape = s_features.WithC(channels);
            float[] features = OpHarness.Random(shape.Count, 1), weight = OpHarness.Random(channels * Classes, 2);
            double[] expected = new double[shape.WithC(1).Count];
            for (int i = 0; i < features.Length; i++)
            {
                expected[i / channels] += (double)features[i] * weight[(i % channels * Classes) + s_classes[i / channels / 35]];
            }

            Tensor cam = op.Output("cam", shape.WithC(1));
            ClassActivationMap.Forward(
                op.Input("features", shape, features), op.Input("weight", Shape.Matrix(channels, Classes), weight), op.Integers(s_classes),
                cam);
            OpHarness.Close(expected, cam.ToArray(), 1e-6, $"{channels} channels");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_mean_of_a_map_is_the_logit_of_its_class(string device)
    {
        using var op = new OpHarness(device);
        float[] features = OpHarness.Random(s_features.Count, 3);
        float[] weight = OpHarness.Random(11 * Classes, 4);
        float[] cam = Run(op, features, weight, s_classes);

        float[] pooled = new float[3 * 11];
        for (int i = 0; i < features.Length; i++)
        {
            pooled[(i / (35 * 11) * 11) + (i % 11)] += features[i] / 35;
        }

        Tensor logits = op.Output("logits", Shape.Matrix(3, Classes));
        Linear.Forward(
            op.Input("pooled", Shape.Matrix(3, 11), pooled), op.Input("weight", Shape.Matrix(11, Classes), weight), null, logits);
        float[] all = logits.ToArray();
        OpHarness.Close(
            [.. s_classes.Select((c, n) => (double)all[(n * Classes) + c])],
            [.. s_classes.Select((_, n) => (float)cam.Skip(n * 35).Take(35).Average(v => (double)v))],
            1e-5);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void It_is_linear_in_features_and_in_weight(string device)
    {
        using var op = new OpHarness(device);
        float[] features = OpHarness.Random(s_features.Count, 5);
        float[] weight = OpHarness.Random(11 * Classes, 6);
        float[] r = OpHarness.Random(s_features.WithC(1).Count, 7);
        float[] dFeatures = new float[features.Length];
        float[] dWeight = new float[weight.Length];
        for (int i = 0; i < features.Length; i++)
        {
            int p = i / 11;
            int w = (i % 11 * Classes) + s_classes[p / 35];
            dFeatures[i] = weight[w] * r[p];
            dWeight[w] += features[i] * r[p];
        }

        double whole = OpHarness.Dot(Run(op, features, weight, s_classes), r);
        Assert.Equal(whole, OpHarness.Dot(features, dFeatures), 1e-4);
        Assert.Equal(whole, OpHarness.Dot(weight, dWeight), 1e-4);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_class_out_of_range_makes_its_own_map_NaN_and_no_other(string device)
    {
        using var op = new OpHarness(device);
        float[] features = OpHarness.Random(s_features.Count, 1);
        float[] weight = OpHarness.Random(11 * Classes, 2);
        float[] cam = Run(op, features, weight, [-1, 0, Classes]);
        Assert.All(cam[..35], v => Assert.True(float.IsNaN(v)));
        Assert.Equal(Run(op, features, weight, s_classes)[35..70], cam[35..70]);
        Assert.All(cam[70..], v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public void Wrong_shapes_and_missing_classes_are_named()
    {
        using var op = new OpHarness("plain");
        Tensor features = op.Output("features", s_features);
        Tensor weight = op.Output("weight", Shape.Matrix(10, Classes));
        Tensor cam = op.Output("cam", s_features.WithC(1));
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => ClassActivationMap.Forward(features, weight, op.Integers(s_classes), cam));
        Assert.Equal("tensor 'weight' is 10x1x1x4, expected 11x1x1x4", error.Message);
        Tensor right = op.Output("weight", Shape.Matrix(11, Classes));
        error = Assert.Throws<ArgumentException>(() => ClassActivationMap.Forward(features, right, op.Integers(0, 1), cam));
        Assert.Equal("buffer 'classes' holds 2 elements, expected 3, one per image of 'features'", error.Message);
    }

    private static float[] Run(OpHarness op, float[] features, float[] weight, int[] classes)
    {
        Tensor cam = op.Output("cam", s_features.WithC(1));
        ClassActivationMap.Forward(
            op.Input("features", s_features, features), op.Input("weight", Shape.Matrix(11, Classes), weight), op.Integers(classes), cam);
        return cam.ToArray();
    }
}
