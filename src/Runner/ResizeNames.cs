using GpuCam.Kernels.Ops;

namespace GpuCam.Runner;

/// <summary>The names of <see cref="ResizeMode"/> on the command line and in run.json.</summary>
internal static class ResizeNames
{
    /// <summary>What the command line calls a mode.</summary>
    public static string NameOf(ResizeMode mode) => mode == ResizeMode.Legacy ? "legacy" : "half-pixel";

    /// <summary>The mode of that name.</summary>
    public static ResizeMode Parse(string name) => name switch
    {
        "half-pixel" => ResizeMode.HalfPixel,
        "legacy" => ResizeMode.Legacy,
        _ => throw new GpuCamException($"--resize {name} is not known; choose half-pixel or legacy"),
    };
}
