using System.Numerics;
using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine;

/// <summary>One launch of a kernel: its extents, its parameters, and what it has touched.</summary>
internal sealed unsafe class Launch : IDisposable
{
    private const long MostWarpInstructions = 1_000_000_000;

    private readonly DeviceMemory _memory;
    private readonly long _number;
    private readonly Allocation?[] _last;

    public Launch(DeviceMemory memory, long number, PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, nint* parameters)
    {
        _memory = memory;
        _number = number;
        _last = new Allocation?[kernel.Code.Instructions.Length];
        Kernel = kernel;
        Grid = grid;
        Block = block;
        DynamicSharedBytes = dynamicSharedBytes;
        Parameters = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(kernel.Code.ParameterBytes, 1), 16);
        for (int i = 0; i < kernel.ParameterBytes.Count; i++)
        {
            NativeMemory.Copy((void*)parameters[i], Parameters + kernel.Code.ParameterOffsets[i], (nuint)kernel.ParameterBytes[i]);
        }
    }

    public PtxKernel Kernel { get; }

    public Dim3 Grid { get; }

    public Dim3 Block { get; }

    public int DynamicSharedBytes { get; }

    /// <summary>The parameters, each at its place.</summary>
    public byte* Parameters { get; }

    /// <summary>What it asks of memory; null where nobody counts it.</summary>
    public Traffic? Traffic { get; init; }

    /// <summary>Instructions executed, each counted once per thread.</summary>
    public long ThreadInstructions { get; private set; }

    /// <summary>Instructions executed, each counted once per warp.</summary>
    public long WarpInstructions { get; private set; }

    public void Count(uint mask)
    {
        if (++WarpInstructions > MostWarpInstructions)
        {
            throw new MachineFault($"{Kernel.Name} does not end: {MostWarpInstructions} instructions were not enough");
        }

        ThreadInstructions += BitOperations.PopCount(mask);
    }

    /// <summary>The allocation that holds these bytes, as instruction <paramref name="index"/> sees it; null if none does.</summary>
    public Allocation? Find(int index, nint address, int bytes)
    {
        Allocation? last = _last[index];
        return last is not null && last.Holds(address, bytes) && last.IsLive ? last : _last[index] = _memory.Find(address, bytes);
    }

    /// <summary>Who touched an allocation in this launch.</summary>
    public AccessLog LogOf(Allocation allocation) => allocation.LogOf(_number);

    /// <summary>Why an access is outside.</summary>
    public string Describe(nint address, int bytes) => _memory.Describe(address, bytes);

    public void Dispose() => NativeMemory.AlignedFree(Parameters);
}
