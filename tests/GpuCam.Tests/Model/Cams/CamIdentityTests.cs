using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>What must hold at the layer that is averaged, where the gradient of channel k is <c>w_k / Z</c> in every pixel.</summary>
public class CamIdentityTests
{
    private const int Channels = 6;
    private const int Z = 9;

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Grad_XGrad_and_HiRes_CAM_before_their_ReLU_are_CAM_over_the_pixels(string device)
    {
        using var problem = new CamProblem(device);
        double[] expected = [.. problem.Map("cam", "pool2").Select(v => v / (double)Z)];
        foreach (string method in (string[])["gradcam", "xgradcam", "hirescam"])
        {
            OpHarness.Close(expected, problem.Map(method, "pool2"), 1e-6, method);
        }

        OpHarness.Close([.. expected.Select(v => -v)], problem.Map("counterfactual", "pool2"), 1e-6, "counterfactual");
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_mean_of_CAM_and_the_bias_make_the_logit(string device)
    {
        using var problem = new CamProblem(device);
        float[] bias = problem.Parameter("classifier.bias");
        double[] expected = [.. CamProblem.Classes.Select((c, n) => (double)problem.Logits[(n * TinyProblem.Classes) + c])];
        OpHarness.Close(
            expected, [.. problem.Map("cam", "pool2").Chunk(Z).Select((map, n) => map.Average() + bias[CamProblem.Classes[n]])], 1e-6);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Layer_CAM_takes_the_positive_weights(string device) =>
        ChannelWeightsAre(device, "layercam", (w, _, _) => Math.Max(0, w) / Z);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Grad_CAM_plus_plus_divides_them_by_what_the_channel_contributes(string device) =>
        ChannelWeightsAre(device, "gradcam++", (w, mean, _) => Math.Max(0, w) / (2 + (w * mean)));

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Ablation_CAM_weights_are_shares_of_the_logit(string device) =>
        ChannelWeightsAre(device, "ablationcam", (w, mean, logit) => w * mean / Math.Abs(logit));

    /// <summary>
    /// arXiv 2501.11309: y_c less gamma times the mean of the three logits nearest to it, so w_c less that of their weights.
    /// </summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(7, 3)]
    public void Finer_CAM_takes_off_the_three_classes_whose_logits_are_nearest(int classCount, int rivals)
    {
        using var op = new OpHarness("plain");
        var config = new NetworkConfig(1, 8, [.. Enumerable.Range(0, classCount).Select(c => $"{c}")]) { Widths = [3, 5], KernelSize = 3 };
        using Execution network = LeNetGap.Create(op.Device, config, 11);
        using var engine = new CamEngine(network);
        float[] logits = network.Forward(op.Input("x", new Shape(2, 8, 8, 1), OpHarness.Random(128, 6, 0, 1))).ToArray();
        float[] weight = network.Parameters.Single(p => p.Name == "classifier.weight").Value.ToArray();
        float[] features = network.Activation("pool2").ToArray();
        foreach ((ICamMethod method, double gamma) in new[]
            { (CamMethods.Create("finercam"), 0.6), (CamMethods.Create("finercam", new CamMethodOptions { Gamma = 2 }), 2.0) })
        {
            for (int own = 0; own < classCount; own++)
            {
                double[] expected = new double[2 * 4];
                for (int i = 0; i < expected.Length; i++)
                {
                    float[] row = logits[(i / 4 * classCount)..((i / 4 * classCount) + classCount)];
                    int[] nearest = [.. Enumerable.Range(0, classCount).Except([own]).OrderBy(c => Math.Abs(row[c] - row[own])).Take(3)];
                    Assert.Equal(rivals, nearest.Length);
                    expected[i] = Enumerable.Range(0, 5).Sum(k => features[(i * 5) + k] / 4.0
                        * (weight[(k * classCount) + own] - (gamma * nearest.Average(c => weight[(k * classCount) + c]))));
                }

                OpHarness.Close(expected, engine.Map(method, "pool2", [own, own]).ToArray(), 1e-5, $"class {own} of {classCount}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_terms_of_FullGrad_add_up_to_the_logit(string device)
    {
        using var problem = new CamProblem(device);
        problem.Map("fullgrad", "pool2");
        float[] pixels = problem.Network.Activation(GraphLayers.Image).ToArray();
        float[] slopes = problem.Network.ActivationGradient(GraphLayers.Image).ToArray();
        float[] own = problem.Parameter("classifier.bias");
        for (int n = 0; n < CamProblem.Count; n++)
        {
            int label = CamProblem.Classes[n];
            double sum = own[label];
            for (int i = n * CamProblem.Area; i < (n + 1) * CamProblem.Area; i++)
            {
                sum += (double)pixels[i] * slopes[i];
            }

            foreach (string layer in (string[])["conv1", "conv2"])
            {
                float[] bias = problem.Parameter($"{layer}.bias"), all = problem.Network.ActivationGradient(layer).ToArray();
                for (int i = 0; i < all.Length / CamProblem.Count; i++)
                {
                    sum += (double)bias[i % bias.Length] * all[(n * all.Length / CamProblem.Count) + i];
                }
            }

            Assert.Equal(problem.Logits[(n * TinyProblem.Classes) + label], sum, 1e-5);
        }
    }

    /// <summary>The method's map at pool2 must be that of these channel weights, given w_k, the channel's mean and the logit.</summary>
    private static void ChannelWeightsAre(string device, string method, Func<double, double, double, double> weight)
    {
        using var problem = new CamProblem(device);
        float[] classifier = problem.Parameter("classifier.weight");
        float[][] features = problem.Features("pool2");
        double[] expected = new double[CamProblem.Count * Z];
        for (int n = 0; n < CamProblem.Count; n++)
        {
            int label = CamProblem.Classes[n];
            double logit = problem.Logits[(n * TinyProblem.Classes) + label];
            for (int k = 0; k < Channels; k++)
            {
                double mean = features[n].Where((_, i) => i % Channels == k).Average(v => (double)v);
                double channel = weight(classifier[(k * TinyProblem.Classes) + label], mean, logit);
                for (int p = 0; p < Z; p++)
                {
                    expected[(n * Z) + p] += channel * features[n][(p * Channels) + k];
                }
            }
        }

        OpHarness.Close(expected, problem.Map(method, "pool2"), 1e-5, method);
    }
}
