using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>Principal components, against a singular value decomposition by one-sided Jacobi rotations in double; and smoothing.</summary>
public class EigenCamTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Eigen_CAM_is_the_projection_on_the_first_singular_vector(string device)
    {
        using var problem = new CamProblem(device);
        foreach (string layer in (string[])["conv1", "pool1", "pool2"])
        {
            Check([.. CamProblem.References.SelectMany(r => Project(r.Activation(layer), r.ShapeOf(layer).C))],
                problem.Map("eigencam", layer));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Eigen_smoothing_projects_the_weighted_activations(string device)
    {
        using var problem = new CamProblem(device);
        float[] weight = problem.Parameter("classifier.weight");
        problem.Engine.Smoothing = CamSmoothing.PrincipalComponent;
        double[] expected = [.. CamProblem.References.SelectMany((r, n) =>
            Project([.. r.Activation("pool2").Select((a, i) => a * weight[(i % 6 * TinyProblem.Classes) + CamProblem.Classes[n]])], 6))];
        Check(expected, problem.Map("cam", "pool2"));
        Check([.. expected.Select(v => v / 9)], problem.Map("gradcam", "pool2"));
        Check([.. expected.Select(v => v / 9)], problem.Map("hirescam", "pool2"));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Augmentation_is_the_mean_over_mirror_images_and_brightness(string device)
    {
        using var problem = new CamProblem(device);
        float[] pixels = problem.Network.Activation(GraphLayers.Image).ToArray();
        var few = new CamMethodOptions { TopChannels = 2 };     // the others' shares are tested elsewhere, and cost a pass each
        foreach (ICamMethod method in (ICamMethod[])[CamMethods.Create("gradcam++"), CamMethods.Create("scorecam", few)])
        {
            problem.Engine.Smoothing = CamSmoothing.Augmentation;
            float[] smooth = problem.Map(method, "conv2");
            Assert.Equal(problem.Logits, problem.Network.Activation("classifier").ToArray());
            problem.Engine.Smoothing = CamSmoothing.None;
            double[] expected = new double[smooth.Length];
            using var variants = new CamProblem(device);
            for (int i = 0; i < 6; i++)
            {
                float brightness = 0.9f + (i / 2 * 0.1f);
                bool mirror = i % 2 == 1;
                float[] variant = [.. pixels.Select((_, p) => brightness * pixels[Mirror(p, 12, mirror)])];
                variants.Network.Forward(variants.Op.Input("variant", CamProblem.Images, variant));
                float[] map = variants.Map(method, "conv2");
                expected = [.. expected.Select((sum, p) => sum + (map[Mirror(p, 6, mirror)] / 6.0))];
            }

            Check(expected, smooth);
        }
    }

    [Fact]
    public void An_image_without_variance_has_a_map_of_zeros()
    {
        using var op = new OpHarness("plain");
        var config = new NetworkConfig(1, 8, ["a", "b"]) { Widths = [3, 5], KernelSize = 1 };
        using Execution network = LeNetGap.Create(op.Device, config, 5);
        using var engine = new CamEngine(network);
        network.Forward(op.Input("x", new Shape(1, 8, 8, 1), [.. Enumerable.Repeat(0.5f, 64)]));
        Assert.All(engine.Map(CamMethods.Create("eigencam"), "pool2", [0]).ToArray(), v => Assert.Equal(0, v));
    }

    private static int Mirror(int pixel, int width, bool mirror) => mirror ? pixel + width - 1 - (2 * (pixel % width)) : pixel;

    private static void Check(double[] expected, float[] actual)
    {
        double scale = expected.Max(Math.Abs);
        Assert.True(scale > 0);
        OpHarness.Close([.. expected.Select(v => v / scale)], [.. actual.Select(v => (float)(v / scale))], 2e-4);
    }

    /// <summary>Rotates pairs of columns until all are orthogonal: then they are U S, and the longest is the projection.</summary>
    private static double[] Project(double[] values, int k)
    {
        double[][] columns = [.. Enumerable.Range(0, k).Select(c => (double[])[.. values.Where((_, i) => i % k == c)])];
        foreach (double[] column in columns)
        {
            double mean = column.Average();
            for (int p = 0; p < column.Length; p++)
            {
                column[p] -= mean;
            }
        }

        for (int sweep = 0; sweep < 60; sweep++)
        {
            for (int i = 0; i < k; i++)
            {
                for (int j = i + 1; j < k; j++)
                {
                    Rotate(columns[i], columns[j]);
                }
            }
        }

        double[] first = columns.MaxBy(column => ReferenceMaps.Dot(column, column))!;
        return -first.Min() > first.Max() ? [.. first.Select(v => -v)] : first;
    }

    private static void Rotate(double[] a, double[] b)
    {
        double product = ReferenceMaps.Dot(a, b);
        if (product == 0)
        {
            return;
        }

        double zeta = (ReferenceMaps.Dot(b, b) - ReferenceMaps.Dot(a, a)) / (2 * product);
        double t = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
        double c = 1 / Math.Sqrt(1 + (t * t));
        for (int p = 0; p < a.Length; p++)
        {
            (a[p], b[p]) = (c * (a[p] - (t * b[p])), c * ((t * a[p]) + b[p]));
        }
    }
}
