using System.Numerics;
using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine.Instructions;
using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine;

/// <summary>A group of threads with its shared memory. One object serves all groups of a launch in turn.</summary>
internal sealed unsafe class ThreadGroup : IDisposable
{
    private readonly Warp[] _warps;
    private readonly (int Start, int Bytes)[] _arrays;
    private readonly int _sharedEnd;
    private readonly byte* _shared;
    private int _barriers;

    public ThreadGroup(Launch launch)
    {
        Launch = launch;
        _arrays = launch.Kernel.Code.Shared.Arrays(launch.DynamicSharedBytes);
        _sharedEnd = _arrays.Length == 0 ? 1 : _arrays.Max(array => array.Start + array.Bytes);
        _shared = (byte*)NativeMemory.AlignedAlloc((nuint)_sharedEnd, 1024);
        SharedLog = new AccessLog(_sharedEnd);
        _warps = new Warp[(launch.Block.Count + Warp.Lanes - 1) / Warp.Lanes];
        for (int i = 0; i < _warps.Length; i++)
        {
            _warps[i] = new Warp(launch.Kernel.Code, this, i);
        }
    }

    public Launch Launch { get; }

    /// <summary>Who touched shared memory.</summary>
    public AccessLog SharedLog { get; }

    /// <summary>Its number in the grid, x fastest.</summary>
    public long Number { get; private set; }

    /// <summary>The stamp of thread 0 now: its group and the barriers that it has passed.</summary>
    public ulong Interval { get; private set; }

    /// <summary>Runs the group of that number to its end.</summary>
    public void Run(long number)
    {
        Number = number;
        _barriers = 0;
        Interval = Stamp.Interval(number, 0);
        SharedLog.Clear();
        NativeMemory.Fill(_shared, (nuint)_sharedEnd, 0xFF);
        int threads = (int)Launch.Block.Count;
        foreach (Warp warp in _warps)
        {
            warp.Start(threads - warp.ThreadOf(0));
        }

        do
        {
            foreach (Warp warp in _warps)
            {
                warp.Run();
            }
        }
        while (PassBarrier());
    }

    /// <summary>Where bytes of shared memory are; null if no array holds all of them.</summary>
    public byte* Shared(long address, int bytes)
    {
        foreach ((int start, int length) in _arrays)
        {
            if (address >= start && address <= start + length - bytes)
            {
                return _shared + address;
            }
        }

        return null;
    }

    /// <summary>What a special register holds for a thread.</summary>
    public int Special(string name, int thread, Warp warp)
    {
        Dim3 block = Launch.Block, grid = Launch.Grid;
        return name switch
        {
            "%tid.x" => thread % block.X,
            "%tid.y" => thread / block.X % block.Y,
            "%tid.z" => thread / (block.X * block.Y),
            "%ntid.x" => block.X,
            "%ntid.y" => block.Y,
            "%ntid.z" => block.Z,
            "%ctaid.x" => (int)(Number % grid.X),
            "%ctaid.y" => (int)(Number / grid.X % grid.Y),
            "%ctaid.z" => (int)(Number / grid.X / grid.Y),
            "%nctaid.x" => grid.X,
            "%nctaid.y" => grid.Y,
            "%nctaid.z" => grid.Z,
            "%dynamic_smem_size" => Launch.DynamicSharedBytes,
            "%laneid" => thread % Warp.Lanes,
            "%warpid" => warp.ThreadOf(0) / Warp.Lanes,
            _ => throw new MachineFault($"the special register '{name}' is not known") { Kernel = Launch.Kernel.Name },
        };
    }

    public void Dispose()
    {
        foreach (Warp warp in _warps)
        {
            warp.Dispose();
        }

        NativeMemory.AlignedFree(_shared);
    }

    /// <summary>Lets all warps pass the barrier at which they stand; false if all have ended.</summary>
    private bool PassBarrier()
    {
        Warp? first = Array.Find(_warps, warp => warp.Barrier is not null);
        if (first is null)
        {
            return false;
        }

        Instruction barrier = first.Barrier!;
        foreach (Warp warp in _warps)
        {
            if (warp.Living != warp.Threads)
            {
                int ended = BitOperations.TrailingZeroCount(warp.Threads & ~warp.Living);
                throw warp.Fault(barrier, ended, "the thread has ended, while others of its group wait at the barrier");
            }

            if (warp.Barrier != barrier)
            {
                throw warp.Fault(warp.Barrier!, 0, $"others of its group wait at another barrier, at line {barrier.Line},");
            }
        }

        _barriers++;
        Interval = Stamp.Interval(Number, _barriers);
        return true;
    }
}
