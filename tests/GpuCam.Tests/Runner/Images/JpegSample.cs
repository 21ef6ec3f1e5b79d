namespace GpuCam.Tests.Runner.Images;

/// <summary>A baseline JPEG of 32 x 16 pixels, left half red, right half blue.</summary>
internal static class JpegSample
{
    public const int Width = 32, Height = 16;

    public static byte[] File => Convert.FromBase64String(
}
