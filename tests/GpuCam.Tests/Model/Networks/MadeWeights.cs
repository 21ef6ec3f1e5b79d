using GpuCam.Model;

namespace GpuCam.Tests.Model.Networks;

/// <summary>
/// Weights that are a function of a parameter's name and place, so that PyTorch's networks can have the same: Golden/architectures/make.py
/// has the function too. Places count as in files.
/// </summary>
internal static class MadeWeights
{
    /// <summary>A file of a network with such weights, as PyTorch would write it.</summary>
    public static SafetensorsFile File(Network network, IReadOnlyDictionary<string, string>? metadata = null) =>
        new("made", metadata ?? new Dictionary<string, string>(), [.. network.Graph.Parameters.Select(Tensor)]);

    /// <summary>From -1 to 1: a hash of FNV-1a of the name and the place.</summary>
    public static float[] Uniform(string name, int count)
    {
        uint seed = 2166136261;
        foreach (char letter in name)
        {
            seed = (seed ^ letter) * 16777619;
        }

        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            uint x = ((uint)i * 0x9E3779B9) + seed;
            x ^= x >> 16;
            x *= 0x7FEB352D;
            x ^= x >> 15;
            x *= 0x846CA68B;
            x ^= x >> 16;
            values[i] = ((x >> 8) / (float)(1 << 23)) - 1;
        }

        return values;
    }

    /// <summary>A picture of three channels, channels last.</summary>
    public static float[] Picture(int size)
    {
        float[] planes = Uniform("picture", 3 * size * size);
        return [.. Enumerable.Range(0, planes.Length).Select(i => planes[(i % 3 * size * size) + (i / 3)])];
    }

    private static SafetensorsTensor Tensor(GraphParameter parameter)
    {
        long[] shape = ParameterLayout.FileShape(parameter.Kind, parameter.Shape);
        float[] values = Uniform(parameter.Name, parameter.Shape.Count);
        (float shift, float scale) = shape.Length > 1
            ? (0, (float)Math.Sqrt(6.0 / (parameter.Shape.Count / parameter.Shape.C)))
            : parameter.Name.EndsWith("running_var", StringComparison.Ordinal) ? (1, 0.5f)
            : parameter.Name.EndsWith("weight", StringComparison.Ordinal) ? (1, 0.25f)
            : (0, 0.125f);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = shift + (scale * values[i]);
        }

        return new SafetensorsTensor(parameter.Name, shape, values);
    }
}
