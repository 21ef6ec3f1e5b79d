namespace GpuCam.Runner.Images;

/// <summary>Reads images and writes PNG. Every failure of a file is a <see cref="GpuCamException"/> of one line.</summary>
public interface IImageCodec
{
    /// <summary>What does the work, for logs: "portable" or "ImageSharp".</summary>
    string Name { get; }

    /// <summary>Whether this build on this machine reads the format.</summary>
    bool CanRead(ImageFormat format);

    /// <summary>
    /// Reads a whole image. Grey becomes three equal channels, 16 bits are rounded to 8, transparent pixels are laid over
    /// white; gamma, colour profiles and EXIF orientation are not applied. Of an animation, the first frame.
    /// </summary>
    /// <param name="stream">Read from its current place to the end; need not be seekable.</param>
    /// <param name="nameForErrors">What the user calls the file, usually its path.</param>
    /// <exception cref="GpuCamException">No image, a format that cannot be read here, a damaged file, or one too big.</exception>
    Image8 Read(Stream stream, string nameForErrors);

    /// <summary>Writes a PNG of 8 bits a channel: grey when all pixels are, else RGB. The stream is left open.</summary>
    void WritePng(Image8 image, Stream stream);
}
