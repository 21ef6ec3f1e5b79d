namespace GpuCam.Kernels.Ops;

/// <summary>What a tiled product is multiplied with.</summary>
internal enum ProductUnit
{
    /// <summary><see cref="TiledProductKernel{TProduct, TTile}"/>: every device, every group size, float32.</summary>
    Portable,

    /// <summary><see cref="FloatMultiplier"/>.</summary>
    Float32,

    /// <summary><see cref="TF32Multiplier"/>.</summary>
    TF32,

    /// <summary><see cref="BFloat16Multiplier"/>.</summary>
    BFloat16,
}
