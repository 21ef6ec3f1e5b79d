using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>Methods that score changed copies of the image, against brute force in double.</summary>
public class ScoreCamTests
{
    private const int Samples = 2;

    private static readonly CamMethodOptions s_options = new() { Samples = Samples, Noise = 0.2f, Seed = 4 };

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_score_method_agrees_with_brute_force(string device)
    {
        using var problem = new CamProblem(device);
        foreach (string layer in (string[])["conv1", "pool1", "conv2", "pool2"])
        {
            CheckAll(problem, layer);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Top_channels_are_those_that_vary_most_over_the_pixels(string device)
    {
        using var problem = new CamProblem(device);
        ICamMethod method = CamMethods.Create("scorecam", new CamMethodOptions { TopChannels = 2 });
        double[] expected = [.. CamProblem.References.SelectMany((r, n) =>
        {
            int[] chosen = [.. Enumerable.Range(0, 6).OrderByDescending(k => Deviation(r.Channel("pool2", k))).Take(2)];
            double[] shares = Softmax([.. chosen.Select(k => Logit(r, CamProblem.Classes[n], 1, Mask(r, "pool2", k)))]);
            return r.Weighted("pool2", [.. Enumerable.Range(0, 6).Select(k => chosen.Contains(k) ? shares[Array.IndexOf(chosen, k)] : 0)]);
        })];
        OpHarness.Close(expected, problem.Map(method, "pool2"), 1e-4);
    }

    [Fact]
    public void Batches_of_any_size_cover_every_channel_of_every_image()
    {
        using var op = new OpHarness("simd-256");
        var config = new NetworkConfig(1, 8, ["a", "b"]) { Widths = [3, 50], KernelSize = 3 };
        using Execution network = LeNetGap.Create(op.Device, config, 5);
        using var engine = new CamEngine(network);
        var seen = new List<(int, int)>();
        engine.Progress = (done, total) => seen.Add((done, total));
        network.Forward(op.Input("x", new Shape(3, 8, 8, 1), OpHarness.Random(192, 1, 0, 1)));
        float[] together = engine.Map(CamMethods.Create("scorecam"), "pool2", [0, 1, 1]).ToArray();
        Assert.Equal([(64, 150), (128, 150), (150, 150)], seen);
        network.Forward(op.Input("y", new Shape(1, 8, 8, 1), OpHarness.Random(192, 1, 0, 1)[128..]));
        float[] last = engine.Map(CamMethods.Create("scorecam"), "pool2", [1]).ToArray();
        OpHarness.Close([.. last.Select(v => (double)v)], together[8..], 1e-5);
    }

    private static void CheckAll(CamProblem problem, string layer)
    {
        Check(problem, layer, "scorecam", (r, mask, c) => Logit(r, c, 1, mask));
        Check(problem, layer, "iscam", (r, mask, c) => Enumerable.Range(1, Samples).Average(i => Logit(r, c, (double)i / Samples, mask)));
        Check(problem, layer, "sscam", (r, mask, c) => Enumerable.Range(0, Samples).Average(i =>
        {
            var random = new CounterRandom(4, RandomPurpose.CamNoise, (ulong)i);
            return Logit(r, c, 1, [.. mask.Select((m, p) => m + (0.2f * random.Normal((uint)p)))]);
        }));
        double[] expected = [.. CamProblem.References.SelectMany((r, n) =>
        {
            int channels = r.ShapeOf(layer).C, label = CamProblem.Classes[n];
            return r.Weighted(layer, [.. Enumerable.Range(0, channels).Select(k =>
                (r.Logits[label] - r.LogitsFrom(layer,
                    [.. r.Activation(layer).Select((a, i) => i % channels == k ? 0 : a)])[label]) / Math.Abs(r.Logits[label]))]);
        })];
        OpHarness.Close(expected, problem.Map("ablationcam", layer), 1e-4, "ablationcam");
    }

    private static void Check(CamProblem problem, string layer, string method, Func<ReferenceMaps, double[], int, double> score)
    {
        double[] expected = [.. CamProblem.References.SelectMany((r, n) =>
            r.Weighted(layer,
                Softmax([.. Enumerable.Range(0, r.ShapeOf(layer).C).Select(k => score(r, Mask(r, layer, k), CamProblem.Classes[n]))])))];
        OpHarness.Close(expected, problem.Map(CamMethods.Create(method, s_options), layer), 1e-4, method);
    }

    private static double[] Mask(ReferenceMaps r, string layer, int channel)
    {
        int size = r.ShapeOf(layer).H;
        return ReferenceMaps.Normalize(ReferenceMaps.Resize(r.Channel(layer, channel), size, size, TinyProblem.Size, TinyProblem.Size));
    }

    private static double Logit(ReferenceMaps r, int label, double factor, double[] mask) =>
        r.LogitsFrom(GraphLayers.Image, [.. r.Activation(GraphLayers.Image).Zip(mask, (x, m) => factor * x * m)])[label];

    private static double[] Softmax(double[] scores)
    {
        double sum = scores.Sum(Math.Exp);
        return [.. scores.Select(s => Math.Exp(s) / sum)];
    }

    private static double Deviation(double[] values) => values.Average(v => Math.Pow(v - values.Average(), 2));
}
