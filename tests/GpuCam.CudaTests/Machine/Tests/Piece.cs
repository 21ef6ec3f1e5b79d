using System.Runtime.InteropServices;

namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>A few instructions as a kernel, and what came of them.</summary>
/// <remarks>
/// %rd1 is the address of the output, %rd2 that of the input, %rd3 that of the thread's own word of the output; %r1 is the thread's number
/// in its group, %r2 the group's number, %f1 and %r3 the thread's own word of the input. The output starts as NaN.
/// </remarks>
internal static unsafe class Piece
{
    /// <summary>The kernel with that body.</summary>
    public static PtxKernel Kernel(string body, string module = "", string declarations = "", bool fuse = false) => PtxModule.Parse($$"""
        .version 7.8
        .target sm_80
        .address_size 64
        {{module}}
        .visible .entry piece(.param .u64 output, .param .u64 input)
        {
            {{declarations}}
            .reg .pred %p<16>; .reg .b32 %r<64>; .reg .b64 %rd<64>; .reg .f32 %f<64>;
            ld.param.b64 %rd1, [output]; ld.param.b64 %rd2, [input];
            mov.b32 %r1, %tid.x; mov.b32 %r2, %ctaid.x; mov.b32 %r4, %ntid.x; mad.lo.s32 %r5, %r2, %r4, %r1;
            mul.wide.u32 %rd4, %r5, 4; add.u64 %rd3, %rd1, %rd4; add.u64 %rd5, %rd2, %rd4;
            ld.global.f32 %f1, [%rd5]; mov.b32 %r3, %f1;
            {{body}}
            ret;
        }
        """, fuse).Kernels["piece"];

    /// <summary>Runs it on these words, one for each thread at least, and returns as many.</summary>
    public static uint[] Run(PtxKernel kernel, uint[] input, int threads, int groups = 1, int dynamicBytes = 0) =>
        Run(kernel, input, threads, groups, dynamicBytes, out _);

    /// <summary>The same, and tells how many instructions warps executed.</summary>
    public static uint[] Run(PtxKernel kernel, uint[] input, int threads, int groups, int dynamicBytes, out long instructions)
    {
        using var memory = new DeviceMemory();
        var machine = new PtxMachine(memory);
        int bytes = input.Length * sizeof(uint);
        nint output = memory.Allocate(bytes), copy = memory.Allocate(bytes);
        input.CopyTo(new Span<uint>((void*)copy, input.Length));
        nint* parameters = stackalloc nint[2] { (nint)(&output), (nint)(&copy) };
        machine.Launch(kernel, new Dim3(groups), new Dim3(threads), dynamicBytes, parameters);
        instructions = machine.WarpInstructions;
        return new Span<uint>((void*)output, input.Length).ToArray();
    }

    /// <summary>What the machine says of it.</summary>
    public static MachineFault Fault(PtxKernel kernel, int threads, int groups = 1, int words = 64, int dynamicBytes = 0) =>
        Assert.Throws<MachineFault>(() => Run(kernel, new uint[words], threads, groups, dynamicBytes));

    /// <summary>The bits of floats.</summary>
    public static uint[] Bits(params float[] values) => MemoryMarshal.Cast<float, uint>(values).ToArray();

    /// <summary>The floats of bits.</summary>
    public static float[] Floats(uint[] bits) => MemoryMarshal.Cast<uint, float>(bits).ToArray();
}
