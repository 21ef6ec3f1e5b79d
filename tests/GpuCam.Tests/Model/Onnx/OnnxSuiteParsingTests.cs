using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>The reader on a thousand models of others.</summary>
public sealed class OnnxSuiteParsingTests
{
    [OnnxSuiteFact]
    public void Every_model_of_the_suite_is_read_whole()
    {
        int count = 0;
        foreach (string path in OnnxSuite.Models)
        {
            using var file = OnnxFile.Open(path, oldestOpset: 1);
            Assert.All(file.Model.Graph.Nodes, node => Assert.NotEqual("", node.Operator));
            foreach (OnnxTensor tensor in file.Model.Graph.Initializers.Values.Where(tensor => tensor.Type.IsReal))
            {
                tensor.CopyTo(new float[tensor.Count]);
            }

            count++;
        }

        Assert.InRange(count, 1_000, 3_000);
    }

    [OnnxSuiteFact]
    public void Every_model_cut_at_20_places_is_refused()
    {
        foreach (string path in OnnxSuite.Models)
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int i = 0; i < 20; i++)
            {
                byte[] cut = bytes[..(int)((long)i * bytes.Length / 20)];
                string name = $"{path} cut to {cut.Length} bytes";
                Exception? error = Record.Exception(() => OnnxFile.Parse(cut, name, oldestOpset: 1).Dispose());
                Assert.True(error is GpuCamException, $"{name}: {error}");
                Assert.StartsWith($"{name}: ", error.Message, StringComparison.Ordinal);
            }
        }
    }
}
