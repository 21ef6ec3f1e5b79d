using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;

namespace GpuCam.Tests.Runner.Experiments;

/// <summary>What excites a unit whose receptive field is as large as the image.</summary>
public class UnitRegionTests
{
    private static readonly Box s_bright = new(2, 6, 4, 9);

    [Fact]
    public void Its_region_is_what_lies_above_half_of_its_maximum_around_the_strongest_place()
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        var builder = new GraphBuilder();
        Value maps = builder.Conv2D("conv", builder.Input(GraphLayers.Image, new Shape(1, 12, 12, 1)), 1, 13);
        Value pooled = builder.GlobalPool("pooled", maps, GlobalPooling.Average);
        Graph graph = builder.Build(builder.Linear("classifier", pooled, 2, bias: true));
        using var network = new Execution(device, new Network(graph, ["a", "b"]));
        HeInitialization.Fill(network.Parameters, 1);
        float[] kernel = new float[13 * 13];
        kernel[kernel.Length / 2] = 1;      // the map is the image
        network.Parameters.Single(parameter => parameter.Name == "conv.weight").Value.CopyFrom(kernel);

        using var experiment = new UnitExperiment(RankJob.OfProcess, network, new Spots(), classIndex: 0, units: 1, top: 2);
        UnitResults results = experiment.Run(3, "model", "picture")!;
        Assert.Equal(0.5f, results.RegionThreshold);
        UnitExcitement top = results.Units[0].Top[0];
        Assert.Equal((1, s_bright, true), (top.Image, top.Box, top.OnTarget));
        Assert.Null(top.Name);
        Assert.Equal([1, 2], results.Units[0].Top.Select(image => image.Image));
    }

    /// <summary>A bright part and one a little less bright, on grey; brightest in the second image.</summary>
    private sealed class Spots : ISampleSource
    {
        public int Count => 3;

        public int Height => 12;

        public int Width => 12;

        public int Channels => 1;

        public IReadOnlyList<string> ClassNames => ["a", "b"];

        public string Description => "spots";

        public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
        {
            float brightest = index == 1 ? 1 : index == 2 ? 0.9f : 0.8f;
            for (int i = 0; i < image.Length; i++)
            {
                (int x, int y) = (i % 12, i / 12);
                image[i] = s_bright.Contains(x, y) ? brightest : x > 8 && y < 3 ? 0.7f : 0.2f;
            }

            (label, box) = (index % 2, s_bright);
            mask.Clear();
        }
    }
}
