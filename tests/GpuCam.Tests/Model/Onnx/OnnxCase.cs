using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>
/// One of ONNX's own tests: a model, inputs and what it has to make of them. Its inputs are the image and others like it; where an operator
/// takes them only as weights, all but the first are.
/// </summary>
internal sealed class OnnxCase(string folder)
{
    private readonly string _model = Path.Combine(folder, "model.onnx");
    private readonly string _data = Path.Combine(folder, "test_data_set_0");

    /// <summary>Runs it; an output of integers is not compared.</summary>
    /// <returns>Whether images had to run one by one.</returns>
    public bool Run(IDevice device, IReadOnlyList<string>? outputs = null)
    {
        using var file = OnnxFile.Open(_model, 6);
        OnnxGraph model = file.Model.Graph;
        OnnxConstant[] inputs = [.. model.Inputs.Select((_, i) => Load("input", i))];
        OnnxNetwork network = Read(model, inputs, outputs, out Dictionary<string, OnnxConstant> weights);
        using var execution = new Execution(device, new Network(network.Graph, []));
        Tensor[] images = [.. inputs.Where((_, i) => !weights.ContainsKey(model.Inputs[i].Name))
            .Zip(network.InputLayouts, (input, layout) => ToDevice(device, input, layout))];
        execution.Forward(images);
        for (int i = 0; i < network.Graph.Outputs.Count; i++)
        {
            OnnxConstant expected = Load("output", i);
            float[] inOrder = expected.With(expected.View.Transpose(network.OutputLayouts[i].Order)).ToFloats();
            // Sums are in another order than in NumPy; next to nothing is left where they cancel out.
            OnnxSuite.AssertClose(inOrder, execution.Activation(network.Graph.Outputs[i].Name).ToArray(), 1e-5f);
        }

        foreach (Tensor image in images)
        {
            image.Dispose();
        }

        return network.Graph.MixesImages;
    }

    private static Tensor ToDevice(IDevice device, OnnxConstant input, OnnxLayout layout)
    {
        var tensor = new Tensor(device, "input", layout.ShapeOf(input.Extents, 1));
        tensor.CopyFrom(input.With(input.View.Transpose(layout.Order)).ToFloats());
        return tensor;
    }

    private OnnxConstant Load(string what, int number) => new(OnnxSuite.Tensor(Path.Combine(_data, $"{what}_{number}.pb")));

    private OnnxNetwork Read(
        OnnxGraph model, OnnxConstant[] inputs, IReadOnlyList<string>? outputs, out Dictionary<string, OnnxConstant> weights)
    {
        GpuCamException? error = null;
        foreach (bool one in (bool[])[false, true])
        {
            int image = Array.FindIndex(inputs, input => !input.IsInteger);
            weights = Enumerable.Range(0, inputs.Length).Where(i => inputs[i].IsInteger || (one && i != image))
                .ToDictionary(i => model.Inputs[i].Name, i => inputs[i]);
            var options = new OnnxImportOptions { KeepsEnding = true, Constants = weights, Outputs = outputs, OldestOpset = 6 };
            try
            {
                return OnnxNetwork.Read(_model, options);
            }
            catch (GpuCamException e)
            {
                error = e;
            }
        }

        throw error!;
    }
}
