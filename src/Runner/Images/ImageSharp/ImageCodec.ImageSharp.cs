namespace GpuCam.Runner.Images;

public static partial class ImageCodec
{
    /// <summary>The codec of this build: SixLabors.ImageSharp.</summary>
    public static IImageCodec Default { get; } = new ImageSharpCodec();
}
