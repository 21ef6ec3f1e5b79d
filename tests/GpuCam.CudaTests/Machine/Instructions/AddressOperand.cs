using System.Runtime.CompilerServices;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>An address: what a register of 4 or 8 bytes holds, and a number.</summary>
internal readonly record struct AddressOperand(int Place, bool IsWide, long Offset)
{
    /// <summary>The address of a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe long Of(Warp warp, int lane) =>
        (IsWide ? warp.Register<long>(Place)[lane] : warp.Register<uint>(Place)[lane]) + Offset;
}
