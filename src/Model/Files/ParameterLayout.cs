using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Between memory and files: a convolution's weight is HWIO here and OIHW there, a linear layer's [in, out] here and
/// [out, in] there, as PyTorch has them. A permutation, so no bit changes.
/// </summary>
internal static class ParameterLayout
{
    /// <summary>Outputs that are copied side by side: as many as neighbours in memory share a cache line.</summary>
    private const int Tile = 16;

    /// <summary>A parameter's extents in files.</summary>
    public static long[] FileShape(ParameterKind kind, Shape shape) => kind switch
    {
        ParameterKind.ConvolutionWeight => [shape.C, shape.W, shape.N, shape.H],
        ParameterKind.LinearWeight => [shape.C, shape.N],
        _ => [shape.C],
    };

    /// <summary><paramref name="tensor"/>, which has the layout of <paramref name="parameter"/>, as it goes into a file.</summary>
    public static SafetensorsTensor ToFile(Tensor tensor, Parameter parameter)
    {
        float[] memory = tensor.ToArray();
        float[] file = new float[memory.Length];
        Pair(parameter, (inMemory, inFile) => file[inFile] = memory[inMemory]);
        return new SafetensorsTensor(tensor.Name, FileShape(parameter.Kind, parameter.Shape), file);
    }

    /// <summary>
    /// Copies a file's tensor to <paramref name="target"/>, which has the layout of <paramref name="parameter"/>; shapes were checked.
    /// </summary>
    public static void FromFile(SafetensorsTensor file, Tensor target, Parameter parameter)
    {
        float[] values = file.Values;
        float[] memory = new float[values.Length];
        Pair(parameter, (inMemory, inFile) => memory[inMemory] = values[inFile]);
        target.CopyFrom(memory);
    }

    /// <summary>
    /// The two places of every number: memory is [place, input, output], a file [output, input, place]; a place is a pixel of the kernel.
    /// </summary>
    private static void Pair(Parameter parameter, Action<int, int> copy)
    {
        int outputs = parameter.Shape.C;
        int inputs = parameter.Kind switch
        {
            ParameterKind.ConvolutionWeight => parameter.Shape.W,
            ParameterKind.LinearWeight => parameter.Shape.N,
            _ => 1,
        };
        int places = parameter.Shape.Count / (inputs * outputs);
        for (int first = 0; first < outputs; first += Tile)
        {
            int end = Math.Min(outputs, first + Tile);
            for (int place = 0; place < places; place++)
            {
                for (int input = 0; input < inputs; input++)
                {
                    for (int output = first; output < end; output++)
                    {
                        copy((((place * inputs) + input) * outputs) + output, (((output * inputs) + input) * places) + place);
                    }
                }
            }
        }
    }
}
