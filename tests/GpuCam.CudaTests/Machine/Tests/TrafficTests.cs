using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Wavefronts and sectors of patterns whose numbers are known.</summary>
public sealed class TrafficTests
{
    private const string Shared = ".shared .align 16 .b8 cells[8192];";

    [Theory]
    [InlineData("shl.b32 %r6, %r1, 2;", "st.shared.b32 [%r6], %r3;", 1, 1)]
    [InlineData("shl.b32 %r6, %r1, 3;", "st.shared.b32 [%r6], %r3;", 2, 1)]
    [InlineData("shl.b32 %r6, %r1, 7;", "st.shared.b32 [%r6], %r3;", 32, 1)]
    [InlineData("mul.lo.s32 %r6, %r1, 132;", "st.shared.b32 [%r6], %r3;", 1, 1)]
    [InlineData("shl.b32 %r6, %r1, 4;", "st.shared.v4.b32 [%r6], {%r3, %r3, %r3, %r3};", 4, 4)]
    [InlineData("shl.b32 %r6, %r1, 5;", "st.shared.v4.b32 [%r6], {%r3, %r3, %r3, %r3};", 8, 4)]
    [InlineData("shl.b32 %r6, %r1, 3;", "st.shared.v2.b32 [%r6], {%r3, %r3};", 2, 2)]
    [InlineData("mul.lo.s32 %r6, %r1, 80;", "cp.async.ca.shared.global [%r6], [%rd2], 16;", 4, 4)]
    public void Wavefronts_of_shared_memory(string offset, string access, long steps, long least)
    {
        AccessCount count = Count($"{offset} mov.b32 %r7, cells; add.s32 %r6, %r6, %r7; {access}", "shared");
        Assert.Equal((1, steps, least), (count.Requests, count.Steps, count.LeastSteps));
    }

    [Fact]
    public void A_word_that_all_want_is_read_once()
    {
        AccessCount count = Count("""
            setp.eq.s32 %p1, %r1, 0; @%p1 st.shared.b32 [cells], %r3; bar.sync 0; ld.shared.b32 %r6, [cells];
            """, "ld.shared");
        Assert.Equal((1, 1, 1), (count.Requests, count.Steps, count.LeastSteps));
    }

    [Theory]
    [InlineData("ld.global.b32 %r6, [%rd3];", 4, 4)]
    [InlineData("shl.b64 %rd6, %rd4, 3; add.u64 %rd6, %rd2, %rd6; ld.global.b32 %r6, [%rd6];", 32, 4)]
    [InlineData("ld.global.b32 %r6, [%rd2];", 1, 1)]
    public void Sectors_of_global_memory(string body, long steps, long least)
    {
        // The first load is the thread's own word of the input.
        AccessCount count = Count(body, "%r6, [");
        Assert.Equal((1, steps, least), (count.Requests, count.Steps, count.LeastSteps));
    }

    private static unsafe AccessCount Count(string body, string text)
    {
        using var memory = new DeviceMemory();
        var machine = new PtxMachine(memory) { CountsTraffic = true };
        nint output = memory.Allocate(4096), input = memory.Allocate(4096);
        nint* parameters = stackalloc nint[2] { (nint)(&output), (nint)(&input) };
        machine.Launch(Piece.Kernel(body, declarations: Shared), new Dim3(1), new Dim3(32), 0, parameters);
        return machine.LastTraffic.Single(count => count.Text.Contains(text, StringComparison.Ordinal));
    }
}
