using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Benchmarks;

/// <summary>
/// What a network of an ONNX file computes for given images, as files of little-endian float32, for <c>bench/onnx_accuracy.py</c>:
/// <c>logits</c>, by the pass that inference takes, and <c>last</c>, the value that is mapped by default, NHWC.
/// </summary>
internal static class NetworkValues
{
    public static int Write(string[] args)
    {
        if (args is not [var model, var images, var folder])
        {
            Console.Error.WriteLine("error: usage: values MODEL.onnx IMAGES FOLDER (images: float32, NHWC)");
            return 2;
        }

        using var device = new HostDevice(Backend.Simd, 0);
        var network = new Network(OnnxNetwork.Read(model).Graph, []);
        float[] pixels = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(images)).ToArray();
        Shape shape = network.Graph.Input.Shape.WithN(pixels.Length / network.Graph.Input.Shape.Count);
        using var x = new Tensor(device, "images", shape);
        x.CopyFrom(pixels);
        using (var execution = new Execution(device, network))
        {
            Write(folder, "logits", execution.Forward(x));
        }

        if (network.DefaultValue is { } last)
        {
            using var execution = new Execution(device, network);
            execution.Forward(x);
            execution.Activation(last.Name);
            execution.Forward(x);       // now with a plan that keeps the value
            Write(folder, "last", execution.Activation(last.Name));
        }

        return 0;
    }

    private static void Write(string folder, string name, Tensor values) =>
        File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes<float>(values.ToArray()).ToArray());
}
