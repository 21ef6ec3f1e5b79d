using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Normal weights with standard deviation <c>sqrt(2 / fan-in)</c> (He et al., arXiv 1502.01852); vectors are what they start at
/// (<see cref="GraphParameter.Start"/>): biases zero, a normalisation the identity. A weight is a pure function of the seed, the
/// parameter's name and its place: changing one layer leaves the others as they were.
/// </summary>
public static class HeInitialization
{
    /// <summary>Overwrites the values of all <paramref name="parameters"/>.</summary>
    public static void Fill(IEnumerable<Parameter> parameters, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (Parameter parameter in parameters)
        {
            bool random = parameter.Kind is ParameterKind.ConvolutionWeight or ParameterKind.LinearWeight;
            parameter.Value.CopyFrom(random
                ? Weights(parameter.Name, parameter.Shape, seed)
                : [.. Enumerable.Repeat(parameter.Start, parameter.Shape.Count)]);
        }
    }

    /// <summary>The weights of one parameter: HWIO or [in, out], so the fan-in is all extents but the last.</summary>
    internal static float[] Weights(string name, Shape shape, ulong seed)
    {
        int fanIn = shape.N * shape.H * shape.W;
        float deviation = (float)Math.Sqrt(2.0 / fanIn);
        var random = new CounterRandom(seed, RandomPurpose.Weights, NameHash.Of(name));
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Normal((uint)i) * deviation;
        }

        return values;
    }
}
