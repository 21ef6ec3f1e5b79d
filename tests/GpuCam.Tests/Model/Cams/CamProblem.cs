using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>A small network with random biases, and three images of it with a class each: what the methods are tested on.</summary>
internal sealed class CamProblem : IDisposable
{
    public const int Count = 3;
    public const int Area = TinyProblem.Size * TinyProblem.Size;

    private static readonly float[] s_pixels = OpHarness.Random(Images.Count, 3, 0, 1);
    private static readonly Lazy<ReferenceMaps[]> s_references = new(CreateReferences);

    public CamProblem(string device)
    {
        Op = new OpHarness(device);
        Network = CreateNetwork(Op.Device);
        Engine = new CamEngine(Network);
        Logits = Network.Forward(Op.Input("x", Images, s_pixels)).ToArray();
    }

    public static int[] Classes { get; } = [2, 0, 1];

    public static string[] Layers { get; } = ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2"];

    public static Shape Images => new(Count, TinyProblem.Size, TinyProblem.Size, 1);

    /// <summary>One per image, made once: their gradients take a while.</summary>
    public static ReferenceMaps[] References => s_references.Value;

    public OpHarness Op { get; }

    public Execution Network { get; }

    public CamEngine Engine { get; }

    public float[] Logits { get; }

    public static Execution CreateNetwork(IDevice device)
    {
        Execution network = TinyProblem.Network(device);
        int seed = 100;
        foreach (Parameter parameter in network.Parameters.Where(p => p.Kind == ParameterKind.Bias))
        {
            parameter.Value.CopyFrom(OpHarness.Random(parameter.Shape.Count, seed++, -0.3f, 0.3f));
        }

        return network;
    }

    public float[] Map(string method, string layer) => Map(CamMethods.Create(method), layer);

    public float[] Map(ICamMethod method, string layer) => Engine.Map(method, layer, Classes).ToArray();

    public float[] Parameter(string name) => Network.Parameters.Single(p => p.Name == name).Value.ToArray();

    /// <summary>The features of a layer, image by image.</summary>
    public float[][] Features(string layer) => [.. Network.Activation(layer).ToArray().Chunk(Network.Activation(layer).Count / Count)];

    public void Dispose()
    {
        Engine.Dispose();
        Network.Dispose();
        Op.Dispose();
    }

    private static ReferenceMaps[] CreateReferences()
    {
        using var device = new HostDevice(Backend.Cpu, 1);
        using Execution network = CreateNetwork(device);
        return [.. s_pixels.Chunk(Area).Select(pixels => new ReferenceMaps(network, Images.WithN(1), pixels))];
    }
}
