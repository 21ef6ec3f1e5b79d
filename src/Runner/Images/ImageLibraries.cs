using System.Reflection;

namespace GpuCam.Runner.Images;

/// <summary>The libraries behind <see cref="ImageReader"/> and <see cref="PngWriter"/>, for logs.</summary>
internal static class ImageLibraries
{
    /// <summary><c>SkiaSharp 4.155.0 reads, ImageSharp 2.1.13 writes PNG</c>.</summary>
    public static string Summary { get; } =
        $"SkiaSharp {Version(typeof(SkiaSharp.SKCodec))} reads, ImageSharp {Version(typeof(SixLabors.ImageSharp.Image))} writes PNG";

    // The package's version; an assembly's own may stand for a whole series. Behind a plus is a commit.
    private static string? Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+', '-')[0];
}
