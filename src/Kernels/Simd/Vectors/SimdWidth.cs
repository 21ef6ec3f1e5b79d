using System.Runtime.Intrinsics;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vector width that the host's kernels use: the widest the machine has, or what GPUCAM_SIMD_WIDTH (512, 256, 128) asks
/// for, so that each width can be tested where the machine has more.
/// </summary>
internal static class SimdWidth
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "GPUCAM_SIMD_WIDTH";

    /// <summary>The widest the machine has, in bits.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>The width to use, in bits. Throws when the variable asks for what is not there.</summary>
    public static int Choose() => Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The width for this value of the variable.</summary>
    internal static int Choose(string? asked)
    {
        if (string.IsNullOrEmpty(asked))
        {
            return Widest;
        }

        return asked switch
        {
            "512" when Widest >= 512 => 512,
            "256" when Widest >= 256 => 256,
            "128" => 128,
            _ => throw new GpuCamException($"{Variable} is \"{asked}\"; this machine takes 128 up to {Widest}"),
        };
    }
}
