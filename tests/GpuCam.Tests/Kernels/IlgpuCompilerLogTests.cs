using System.Diagnostics;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

/// <summary>What the user reads when a kernel does not compile. No GPU is needed: ILGPU's part is played.</summary>
public class IlgpuCompilerLogTests
{
    private const string Start = "kernel TanhScaleKernel does not compile for NVIDIA H100: ";
    private const string End = "; --backend simd does without";

    /// <summary>As ILGPU's CudaKernel does it: a buffer of 1,024 bytes to Trace, zeros included, then the error's name alone.</summary>
    private const string Log = "ptxas application ptx input, line 75; error   : Illegal modifier '.ftz' for instruction 'tanh'\n" +
        "ptxas fatal   : Ptx assembly aborted due to errors\n";

    [Fact]
    public void The_drivers_compiler_has_its_say_in_one_line_with_the_kernels_name()
    {
        KernelException e = Assert.Throws<KernelException>(() => IlgpuCompilerLog.Load(typeof(TanhScaleKernel), "NVIDIA H100", _ =>
        {
            Trace.WriteLine("PTX Kernel loading failed:");
            Trace.WriteLine(Log.PadRight(1024, '\0'));
            throw new CudaException("a PTX JIT compilation failed");
        }));
        Assert.Equal(
            Start + "a PTX JIT compilation failed | ptxas application ptx input, line 75; " +
            "error   : Illegal modifier '.ftz' for instruction 'tanh' | ptxas fatal   : Ptx assembly aborted due to errors" + End,
            e.Message);
    }

    [Fact]
    public void A_compiler_that_says_nothing_adds_nothing()
    {
        KernelException e = Assert.Throws<KernelException>(() => IlgpuCompilerLog.Load(
            typeof(TanhScaleKernel), "NVIDIA H100", _ => throw new CudaException("out of memory")));
        Assert.Equal(Start + "out of memory" + End, e.Message);
    }

    [Fact]
    public void What_other_threads_trace_is_not_the_compilers()
    {
        KernelException e = Assert.Throws<KernelException>(() => IlgpuCompilerLog.Load(typeof(TanhScaleKernel), "NVIDIA H100", _ =>
        {
            var other = new Thread(() => Trace.WriteLine("something else"));
            other.Start();
            other.Join();
            throw new CudaException("out of memory");
        }));
        Assert.DoesNotContain("something else", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_listens_any_more_when_the_kernel_is_loaded_or_not()
    {
        Assert.Throws<KernelException>(
            () => IlgpuCompilerLog.Load(typeof(TanhScaleKernel), "NVIDIA H100", _ => throw new CudaException("out of memory")));
        Assert.DoesNotContain(Trace.Listeners.Cast<TraceListener>(), listener => listener is IlgpuCompilerLog { HearsThisThread: true });
    }

    [Fact]
    public void ILGPUs_own_compiler_is_heard_as_well()
    {
        KernelException e = Assert.Throws<KernelException>(() => IlgpuCompilerLog.Load(
            typeof(TanhScaleKernel), "NVIDIA H100",
            _ => throw new InternalCompilerException("an internal error", new NotSupportedException("class types\nare not supported"))));
        Assert.Equal(Start + "class types are not supported" + End, e.Message);
    }
}
