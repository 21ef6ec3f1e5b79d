using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>A model in ONNX Runtime.</summary>
internal sealed class Runtime : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 2, InterOpNumThreads = 1 };
    private readonly InferenceSession _session;

    public Runtime(byte[] model)
    {
        // Threads that spin would take the cores from the tests beside.
        _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(model, _options);
    }

    /// <summary>As a <see cref="ModelRunner"/>.</summary>
    public static Task<Dictionary<string, (float[] Values, long[] Extents)>> Run(
        byte[] model, params (string Name, Array Numbers, long[] Extents)[] inputs)
    {
        using var runtime = new Runtime(model);
        return Task.FromResult(runtime.Run(inputs));
    }

    /// <summary>All outputs of floats, and those of integers as floats.</summary>
    /// <param name="inputs">Numbers (float[] or long[]) and extents by name.</param>
    public Dictionary<string, (float[] Values, long[] Extents)> Run(params (string Name, Array Numbers, long[] Extents)[] inputs)
    {
        OrtValue[] values = [.. inputs.Select(input => input.Numbers is float[] floats
            ? OrtValue.CreateTensorValueFromMemory(floats, input.Extents)
            : OrtValue.CreateTensorValueFromMemory((long[])input.Numbers, input.Extents))];
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results =
            _session.Run(run, [.. inputs.Select(input => input.Name)], values, _session.OutputNames);
        Array.ForEach(values, value => value.Dispose());
        return _session.OutputNames.Zip(results).ToDictionary(
            pair => pair.First,
            pair => (Floats(pair.Second), pair.Second.GetTensorTypeAndShape().Shape));

        static float[] Floats(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Int64
            ? [.. value.GetTensorDataAsSpan<long>().ToArray().Select(number => (float)number)]
            : value.GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
