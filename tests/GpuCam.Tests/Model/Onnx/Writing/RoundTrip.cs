using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Onnx.Writing;

/// <summary>A network written as ONNX, read again and compared.</summary>
internal static class RoundTrip
{
    public static int[] Opsets => [13, 14, 17, 18, 19, 20, 21];

    /// <summary>Fails unless what was written computes the same outputs for some images.</summary>
    public static void Check(IDevice device, Network network, int opset, int images = 3, double tolerance = 1e-5)
    {
        using var execution = new Execution(device, network);
        Check(execution, opset, images, tolerance);
    }

    public static void Check(Execution execution, int opset, int images = 3, double tolerance = 1e-5)
    {
        Graph graph = execution.Graph;
        (OnnxNetwork read, OnnxExported exported) = Read(execution, new OnnxExportOptions { Opset = opset });
        Assert.Equal(opset, read.Opset);
        Assert.Equal(graph.Outputs.Select(output => output.Name), exported.Outputs.Select(output => output.Name));
        Assert.Equal(graph.Input.Shape, read.Graph.Input.Shape);
        using var again = new Execution(execution.Device, new Network(read.Graph, []));
        float[] pixels = OpHarness.Random(graph.Input.Shape.Count * images, 5, -2, 2);
        float[][] expected = Outputs(execution, pixels, images), actual = Outputs(again, pixels, images);
        for (int i = 0; i < expected.Length; i++)
        {
            double largest = expected[i].Max(Math.Abs);
            Assert.True(double.IsFinite(largest) && largest > 0);
            Assert.Equal(expected[i].Length, actual[i].Length);
            double difference = expected[i].Zip(actual[i]).Max(pair => Math.Abs((double)pair.First - pair.Second));
            Assert.True(difference <= tolerance * largest, $"{graph.Outputs[i].Name}: {difference / largest:g3} at opset {opset}");
        }
    }

    public static (OnnxNetwork Network, OnnxExported Exported) Read(Execution execution, OnnxExportOptions options)
    {
        using var file = new MemoryStream();
        OnnxExported exported = OnnxExport.Write(execution, file, options);
        return (OnnxNetwork.Read(file.ToArray(), "written", new OnnxImportOptions { KeepsEnding = true }), exported);
    }

    private static float[][] Outputs(Execution execution, float[] pixels, int images)
    {
        // One by one where a graph looks across images.
        int together = execution.Graph.MixesImages ? 1 : images, count = execution.Graph.Input.Shape.Count;
        List<float>[] outputs = [.. execution.Graph.Outputs.Select(_ => new List<float>())];
        for (int i = 0; i < images; i += together)
        {
            using var x = new Tensor(execution.Device, "x", execution.Graph.Input.Shape.WithN(together));
            x.CopyFrom(pixels.AsSpan(i * count, together * count));
            execution.Forward(x);
            for (int o = 0; o < outputs.Length; o++)
            {
                outputs[o].AddRange(execution.Activation(execution.Graph.Outputs[o].Name).ToArray());
            }
        }

        return [.. outputs.Select(list => list.ToArray())];
    }
}
