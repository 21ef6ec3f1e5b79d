namespace GpuCam.Runner.Images;

public static partial class ImageCodec
{
    /// <summary>The codec of this build: our own PNG, and JPEG through the system's libturbojpeg.</summary>
    public static IImageCodec Default { get; } = new Portable.PortableCodec();
}
