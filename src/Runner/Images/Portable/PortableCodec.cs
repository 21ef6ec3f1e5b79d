namespace GpuCam.Runner.Images.Portable;

/// <summary>PNG over the framework's zlib; JPEG where the machine has libturbojpeg. No package needed.</summary>
internal sealed class PortableCodec : IImageCodec
{
    public string Name => "portable";

    public bool CanRead(ImageFormat format) => format == ImageFormat.Png;

    public Image8 Read(Stream stream, string nameForErrors)
    {
        byte[] file = ImageCodec.ReadAll(stream, nameForErrors);
        ImageFormat format = ImageSniffer.Sniff(file);
        return format switch
        {
            ImageFormat.Png => PngReader.Read(Png.Parse(file, nameForErrors), nameForErrors),
            _ => throw ImageSniffer.CannotRead(format, file, nameForErrors, this),
        };
    }

    public void WritePng(Image8 image, Stream stream) => PngWriter.Write(image, stream);
}
