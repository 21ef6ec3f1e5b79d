using System.Collections.Concurrent;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>Gradient methods at every layer, against their formulas with the logit's finite differences in double.</summary>
public class GradientCamTests
{
    private static readonly ConcurrentDictionary<(string, bool), double[][]> s_gradients = [];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_gradient_method_agrees_with_its_formula_at_every_layer(string device)
    {
        using var problem = new CamProblem(device);
        foreach (string layer in CamProblem.Layers)
        {
            Check(problem, layer, "gradcam", (r, g) => r.Weighted(layer, Means(r, layer, g)));
            Check(problem, layer, "counterfactual", (r, g) => r.Weighted(layer, [.. Means(r, layer, g).Select(v => -v)]));
            Check(problem, layer, "hirescam", (r, g) => r.Weighted(layer, g));
            Check(problem, layer, "gradcam++", (r, g) => r.Weighted(layer, PlusPlus(r, layer, g)));
            Check(problem, layer, "xgradcam", (r, g) => r.Weighted(layer, XGrad(r, layer, g)));
            Check(problem, layer, "layercam", (r, g) => LayerCam(r, layer, g));
            Check(problem, layer, "finercam", (r, g) => r.Weighted(layer, Means(r, layer, g)), finer: true);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void FullGrad_agrees_with_its_formula(string device)
    {
        using var problem = new CamProblem(device);
        double[] expected = [.. CamProblem.References.SelectMany((r, n) =>
        {
            double[] sum = ReferenceMaps.Normalize(
                [.. r.Activation(GraphLayers.Image).Zip(Gradients(GraphLayers.Image, false)[n], (x, g) => Math.Abs(x * g))]);
            foreach (string layer in (string[])["conv1", "conv2"])
            {
                float[] bias = problem.Parameter($"{layer}.bias");
                double[] terms =
                    ReferenceMaps.Normalize([.. Gradients(layer, false)[n].Select((g, i) => Math.Abs(g * bias[i % bias.Length]))]);
                double[] map = [.. terms.Chunk(bias.Length).Select(pixel => pixel.Sum())];
                int size = r.ShapeOf(layer).H;
                sum = [.. sum.Zip(ReferenceMaps.Resize(map, size, size, TinyProblem.Size, TinyProblem.Size), (a, b) => a + b)];
            }

            return sum;
        })];
        OpHarness.Close(expected, problem.Map("fullgrad", "pool2"), 1e-4);
    }

    private static void Check(
        CamProblem problem, string layer, string method, Func<ReferenceMaps, double[], double[]> formula, bool finer = false)
    {
        double[] expected = [.. CamProblem.References.SelectMany((r, n) => formula(r, Gradients(layer, finer)[n]))];
        double scale = expected.Max(Math.Abs);
        Assert.True(scale > 0);
        OpHarness.Close([.. expected.Select(v => v / scale)], [.. problem.Map(method, layer).Select(v => (float)(v / scale))], 1e-4,
            $"{method} at {layer}");
    }

    /// <summary>Of each image's class logit; for Finer-CAM less 0.6 times the mean of the other two, of three classes.</summary>
    private static double[][] Gradients(string layer, bool finer) => s_gradients.GetOrAdd((layer, finer), _ =>
        [.. CamProblem.References.Select((r, n) =>
        {
            double[] direction = r.OneHot(CamProblem.Classes[n]);
            return r.Gradient(layer, finer ? [.. direction.Select(v => v > 0 ? v : -0.3)] : direction);
        })]);

    private static double[] Means(ReferenceMaps r, string layer, double[] gradient) =>
        PerChannel(r, layer, gradient, (_, g) => g.Average());

    private static double[] XGrad(ReferenceMaps r, string layer, double[] gradient) =>
        PerChannel(r, layer, gradient, (a, g) => ReferenceMaps.Dot(a, g) / (a.Sum() + 1e-7));

    private static double[] PlusPlus(ReferenceMaps r, string layer, double[] gradient) => PerChannel(r, layer, gradient, (a, g) =>
        g.Sum(v => v == 0 ? 0 : v * v / ((2 * v * v) + (v * v * v * a.Sum())) * Math.Max(0, v)));

    private static double[] LayerCam(ReferenceMaps r, string layer, double[] gradient)
    {
        double[] map = r.Weighted(layer, [.. gradient.Select(v => Math.Max(0, v))]);
        bool shallow = layer is "conv1" or "relu1" or "pool1";
        double max = map.Max();
        return shallow && max > 0 ? [.. map.Select(v => Math.Tanh(2 * v / max))] : map;
    }

    private static double[] PerChannel(ReferenceMaps r, string layer, double[] gradient, Func<double[], double[], double> weight)
    {
        int channels = r.ShapeOf(layer).C;
        return [.. Enumerable.Range(0, channels)
            .Select(k => weight(r.Channel(layer, k), [.. gradient.Where((_, i) => i % channels == k)]))];
    }
}
