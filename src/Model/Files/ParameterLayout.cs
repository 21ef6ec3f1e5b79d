using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Between memory and files: a convolution's weight is HWIO here and OIHW there, a linear layer's [in, out] here and
/// [out, in] there, as PyTorch has them. A permutation, so no bit changes.
/// </summary>
internal static class ParameterLayout
{
    /// <summary>A parameter's extents in files.</summary>
    public static long[] FileShape(Parameter parameter)
    {
        (int kh, int kw, int inputs, int outputs) = parameter.Shape;
        return parameter.Kind switch
        {
            ParameterKind.ConvolutionWeight => [outputs, inputs, kh, kw],
            ParameterKind.LinearWeight => [outputs, kh],
            _ => [outputs],
        };
    }

    /// <summary><paramref name="tensor"/>, which has the layout of <paramref name="parameter"/>, as it goes into a file.</summary>
    public static SafetensorsTensor ToFile(Tensor tensor, Parameter parameter)
    {
        float[] memory = tensor.ToArray();
        float[] file = new float[memory.Length];
        int outputs = parameter.Shape.C;
        int inputs = InputsOf(parameter);
        int places = memory.Length / (inputs * outputs);
        for (int i = 0; i < memory.Length; i++)
        {
            file[FileIndex(i, inputs, outputs, places)] = memory[i];
        }

        return new SafetensorsTensor(tensor.Name, FileShape(parameter), file);
    }

    /// <summary>
    /// Copies a file's tensor to <paramref name="target"/>, which has the layout of <paramref name="parameter"/>; shapes were checked.
    /// </summary>
    public static void FromFile(SafetensorsTensor file, Tensor target, Parameter parameter)
    {
        float[] memory = new float[file.Values.Length];
        int outputs = parameter.Shape.C;
        int inputs = InputsOf(parameter);
        int places = memory.Length / (inputs * outputs);
        for (int i = 0; i < memory.Length; i++)
        {
            memory[i] = file.Values[FileIndex(i, inputs, outputs, places)];
        }

        target.CopyFrom(memory);
    }

    private static int InputsOf(Parameter parameter) => parameter.Kind switch
    {
        ParameterKind.ConvolutionWeight => parameter.Shape.W,
        ParameterKind.LinearWeight => parameter.Shape.N,
        _ => 1,
    };

    /// <summary>Memory is [place, input, output], a file [output, input, place]; a place is a pixel of the kernel.</summary>
    private static int FileIndex(int memoryIndex, int inputs, int outputs, int places)
    {
        int output = memoryIndex % outputs;
        int input = memoryIndex / outputs % inputs;
        int place = memoryIndex / (outputs * inputs);
        return (((output * inputs) + input) * places) + place;
    }
}
