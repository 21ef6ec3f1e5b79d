using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine;

/// <summary>The registers, predicates and local memory of a warp, as <see cref="RegisterLayout"/> places them.</summary>
internal sealed unsafe class WarpRegisters : IDisposable
{
    private readonly KernelCode _code;
    private readonly byte* _block;
    private readonly byte* _registers;

    public WarpRegisters(KernelCode code)
    {
        _code = code;
        _block = (byte*)NativeMemory.AlignedAlloc((nuint)(code.Registers.ConstantBytes + code.Registers.Bytes + Warp.Lanes), 64);
        _registers = _block + code.Registers.ConstantBytes;
        Predicates = (uint*)NativeMemory.AllocZeroed((nuint)code.Registers.Predicates, sizeof(uint));
        Local = (byte*)NativeMemory.Alloc((nuint)((code.LocalBytes * Warp.Lanes) + 1));
        foreach ((int offset, ulong bits, int size) in code.Registers.Constants)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                if (size == 8)
                {
                    Register<ulong>(offset)[lane] = bits;
                }
                else
                {
                    Register<uint>(offset)[lane] = (uint)bits;
                }
            }
        }
    }

    /// <summary>One word for each predicate: a bit for each lane.</summary>
    public uint* Predicates { get; }

    /// <summary>Local memory, lane after lane.</summary>
    public byte* Local { get; }

    /// <summary>Where lane 0 of a register is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Register<T>(int place) where T : unmanaged => (T*)(_registers + place);

    /// <summary>What a warp finds at its start: nothing that is a number, and special registers.</summary>
    /// <param name="special">What a special register holds in a lane.</param>
    public void Start(Func<string, int, int> special)
    {
        NativeMemory.Fill(_registers, (nuint)_code.Registers.Bytes, 0xFF);
        NativeMemory.Fill(Local, (nuint)(_code.LocalBytes * Warp.Lanes), 0xFF);
        Predicates[RegisterLayout.False] = 0;
        Predicates[RegisterLayout.True] = Warp.AllLanes;
        foreach ((string name, int offset) in _code.Registers.Specials)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                Register<int>(offset)[lane] = special(name, lane);
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_block);
        NativeMemory.Free(Predicates);
        NativeMemory.Free(Local);
    }
}
