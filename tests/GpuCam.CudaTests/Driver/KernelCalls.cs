using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine;
using ILGPU.Runtime.Cuda;
using static GpuCam.CudaTests.Driver.DeviceCalls;

namespace GpuCam.CudaTests.Driver;

/// <summary>Modules, functions and launches.</summary>
internal static unsafe class KernelCalls
{
    private static readonly PtxMachine s_machine = new(CudaDriver.Memory.Device);

    /// <summary>What a test has the compiler say against a module; null for nothing.</summary>
    public static Func<string, string?>? Refuse { get; set; }

    /// <summary>PTX that the machine cannot read is refused as by a driver's compiler: with words, if there is room for them.</summary>
    [UnmanagedCallersOnly]
    public static CudaError cuModuleLoadDataEx(nint* module, byte* image, uint count, int* options, nint* values)
    {
        string ptx = Marshal.PtrToStringUTF8((nint)image)!;
        return CudaDriver.InContext("cuModuleLoadDataEx", context =>
        {
            if (Refuse?.Invoke(ptx) is { } words)
            {
                Say(words, count, options, values);
                return CudaError.CUDA_ERROR_INVALID_PTX;
            }

            try
            {
                return Set(module, CudaDriver.Add(new DriverModule(context, ptx)));
            }
            catch (MachineFault fault)
            {
                Say($"ptxas application ptx input, line {fault.Line}; error : {fault.Wrong} {fault.Instruction}", count, options, values);
                return CudaError.CUDA_ERROR_INVALID_PTX;
            }
        }, bytes: ptx.Length);
    }

    [UnmanagedCallersOnly]
    public static CudaError cuModuleUnload(nint module) => CudaDriver.InContext("cuModuleUnload", context =>
    {
        if (CudaDriver.Find<DriverModule>(module) is not { } found || found.Context != context)
        {
            return CudaError.CUDA_ERROR_INVALID_HANDLE;
        }

        context.Finish();
        found.Functions.ForEach(CudaDriver.Remove);
        CudaDriver.Remove(module);
        return CudaError.CUDA_SUCCESS;
    });

    [UnmanagedCallersOnly]
    public static CudaError cuModuleGetFunction(nint* function, nint module, byte* name) =>
        CudaDriver.InContext("cuModuleGetFunction", context =>
        {
            if (CudaDriver.Find<DriverModule>(module) is not { } found || found.Context != context)
            {
                return CudaError.CUDA_ERROR_INVALID_HANDLE;
            }

            if (found.Function(Marshal.PtrToStringUTF8((nint)name)!) is not { } entry)
            {
                return CudaError.CUDA_ERROR_NOT_FOUND;
            }

            nint handle = CudaDriver.Add(entry);
            found.Functions.Add(handle);
            return Set(function, handle);
        });

    [UnmanagedCallersOnly]
    public static CudaError cuFuncSetAttribute(nint function, int attribute, int value) =>
        CudaDriver.InContext("cuFuncSetAttribute", _ =>
        {
            const int MaxDynamicShared = 8;
            if (CudaDriver.Find<DriverFunction>(function) is not { } found)
            {
                return CudaError.CUDA_ERROR_INVALID_HANDLE;
            }

            if (attribute != MaxDynamicShared || value < 0 || value > H100.MaxSharedMemory - found.Kernel.StaticSharedBytes)
            {
                return CudaError.CUDA_ERROR_INVALID_VALUE;
            }

            found.MaxDynamicShared = value;
            return CudaError.CUDA_SUCCESS;
        });

    /// <summary>The parameters come as an array of pointers or as one block of memory (CU_LAUNCH_PARAM_BUFFER_POINTER); they are taken at
    /// once.</summary>
    [UnmanagedCallersOnly]
    public static CudaError cuLaunchKernel(
        nint function, int gridX, int gridY, int gridZ, int blockX, int blockY, int blockZ,
        int shared, nint stream, nint* parameters, nint* extra)
    {
        (Dim3 grid, Dim3 block) = (new Dim3(gridX, gridY, gridZ), new Dim3(blockX, blockY, blockZ));
        return CudaDriver.InContext("cuLaunchKernel", context =>
        {
            if (CudaDriver.Find<DriverFunction>(function) is not { } found || found.Context != context
                || CudaDriver.StreamOf(context, stream) is not { } place || place.Context != context)
            {
                return CudaError.CUDA_ERROR_INVALID_HANDLE;
            }

            if (!Fits(grid, block) || shared < 0 || shared > found.MaxDynamicShared)
            {
                return CudaError.CUDA_ERROR_INVALID_VALUE;
            }

            if (block.Count > found.Kernel.MaxThreads)
            {
                return CudaError.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
            }

            byte[] arguments = Arguments(found, parameters, extra);
            place.Give(() => CudaDriver.Guard(context, found.Kernel.Name, () => Launch(found, grid, block, shared, arguments)));
            return CudaError.CUDA_SUCCESS;
        }, stream, detail: CudaDriver.NameOf(function));
    }

    private static bool Fits(Dim3 grid, Dim3 block) =>
        grid is { X: > 0, Y: > 0 and <= 65535, Z: > 0 and <= 65535 } && block is { X: > 0, Y: > 0, Z: > 0 and <= 64 }
            && block.Count <= H100.MaxThreads;

    private static byte[] Arguments(DriverFunction function, nint* parameters, nint* extra)
    {
        int count = function.Offsets.Length;
        byte[] arguments = new byte[count == 0 ? 0 : function.Offsets[^1] + function.Kernel.ParameterBytes[count - 1]];
        if (parameters is not null)
        {
            for (int i = 0; i < count; i++)
            {
                int bytes = function.Kernel.ParameterBytes[i];
                new Span<byte>((void*)parameters[i], bytes).CopyTo(arguments.AsSpan(function.Offsets[i], bytes));
            }

            return arguments;
        }

        (nint buffer, long size) = (0, 0);
        for (; extra is not null && *extra != 0; extra += 2)
        {
            (buffer, size) = *extra == 1 ? (extra[1], size) : (buffer, *(long*)extra[1]);
        }

        if (size < arguments.Length)
        {
            throw new MachineFault($"{size} bytes of parameters for {function.Kernel.Name}, which takes {arguments.Length}");
        }

        new Span<byte>((void*)buffer, arguments.Length).CopyTo(arguments);
        return arguments;
    }

    private static void Launch(DriverFunction function, Dim3 grid, Dim3 block, int shared, byte[] arguments)
    {
        nint* pointers = stackalloc nint[function.Offsets.Length];
        fixed (byte* first = arguments)
        {
            for (int i = 0; i < function.Offsets.Length; i++)
            {
                pointers[i] = (nint)(first + function.Offsets[i]);
            }

            s_machine.Launch(function.Kernel, grid, block, shared, pointers);
        }
    }

    /// <summary>CU_JIT_ERROR_LOG_BUFFER and the one with its size, which is the option itself and becomes how much was written.</summary>
    private static void Say(string text, uint count, int* options, nint* values)
    {
        (int buffer, int size) = (-1, -1);
        for (int i = 0; i < count; i++)
        {
            (buffer, size) = (options[i] == 5 ? i : buffer, options[i] == 6 ? i : size);
        }

        if (buffer >= 0 && size >= 0)
        {
            values[size] = Write(text, (byte*)values[buffer], (int)values[size]);
        }
    }
}
