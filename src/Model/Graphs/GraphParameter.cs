using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What a node computes with beside its inputs, and where its numbers come from. Has no memory.</summary>
/// <param name="Name">As in files: <c>conv1.weight</c>.</param>
/// <param name="Kind">Decides layout, how it starts and whether training changes it.</param>
/// <param name="Shape">HWIO for a convolution, [in, out] for a linear layer, a vector for a bias.</param>
/// <param name="Data">The numbers; null where something else (an initialisation, a file) writes them into the execution's memory.</param>
public sealed record GraphParameter(string Name, ParameterKind Kind, Shape Shape, ParameterData? Data)
{
    /// <summary>The number that an initialisation fills a vector with: 1 for a normalisation's scale and variance.</summary>
    public float Start { get; init; }

    /// <summary>Whether optimizers change it.</summary>
    public bool IsTrained => IsSaved && Kind != ParameterKind.Statistic;

    /// <summary>Whether a file of the network holds it.</summary>
    public bool IsSaved => Kind != ParameterKind.Constant;
}

/// <summary>
/// Numbers of a parameter, made where they are needed: a file's bytes become floats in the layout of memory when they go to a
/// device, and are in no other memory before.
/// </summary>
public abstract class ParameterData
{
    /// <summary>Writes the elements from <paramref name="start"/> on, as many as <paramref name="target"/> takes.</summary>
    public abstract void CopyTo(Span<float> target, int start);

    /// <summary>All of them, for parameters that are small or are to be changed.</summary>
    public float[] ToArray(int count)
    {
        float[] values = new float[count];
        CopyTo(values, 0);
        return values;
    }

    /// <summary>Numbers that are in memory already.</summary>
    public static ParameterData Of(ReadOnlyMemory<float> values) => new Memory(values);

    private sealed class Memory(ReadOnlyMemory<float> values) : ParameterData
    {
        public override void CopyTo(Span<float> target, int start) => values.Span.Slice(start, target.Length).CopyTo(target);
    }
}
