using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>A small network with random biases, and three images for it: what the methods are tested on.</summary>
internal static class CamProblem
{
    public const int Count = 3;

    public static Shape Images { get; } = new(Count, TinyProblem.Size, TinyProblem.Size, 1);

    public static Network Network(IDevice device)
    {
        Network network = TinyProblem.Network(device);
        int seed = 100;
        foreach (Parameter parameter in network.Parameters.Where(p => p.Kind == ParameterKind.Bias))
            parameter.Value.CopyFrom(OpHarness.Random(parameter.Shape.Count, seed++, -0.3f, 0.3f));
        return network;
    }

    /// <summary>Runs the images forward: noise everywhere, so that no pixel sits on a kink.</summary>
    public static Tensor Forward(OpHarness op, Network network) =>
        network.Forward(op.Input("x", Images, OpHarness.Random(Images.Count, 3, 0, 1)));
}
