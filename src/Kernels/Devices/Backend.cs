namespace GpuCam.Kernels;

/// <summary>What <c>--backend</c> names.</summary>
public enum Backend
{
    /// <summary>The best there is: cuda, else an OpenCL GPU, else simd.</summary>
    Auto,

    /// <summary>ILGPU on an NVIDIA GPU.</summary>
    Cuda,

    /// <summary>ILGPU on an OpenCL device.</summary>
    OpenCL,

    /// <summary>ILGPU's CPU accelerator: kernels as a GPU runs them, for checking; slow.</summary>
    Cpu,

    /// <summary>The host with vectorised hot ops, all cores.</summary>
    Simd,
}
