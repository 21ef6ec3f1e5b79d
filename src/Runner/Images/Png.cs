using System.Buffers.Binary;

namespace GpuCam.Runner.Images;

/// <summary>PNG colour types.</summary>
internal enum PngColour : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}

/// <summary>The image header, checked: size within limits, a combination of colour and depth that exists.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngColour Colour, bool Interlaced)
{
    public int SamplesPerPixel => Colour switch { PngColour.Rgb => 3, PngColour.GreyAlpha => 2, PngColour.RgbAlpha => 4, _ => 1 };

    public int BitsPerPixel => SamplesPerPixel * Depth;

    /// <summary>Bytes of one row of so many pixels, without the filter byte.</summary>
    public int RowBytes(int width) => (int)((((long)width * BitsPerPixel) + 7) / 8);
}

/// <summary>
/// The skeleton of a PNG _file (ISO/IEC 15948): signature, chunks in order, every CRC, header and limits. Both codecs check a
/// _file here first, so a damaged one gives the same message, with the offset, in every build.
/// </summary>
internal sealed class Png
{
    // Deflate cannot expand more than 1032 times, so a short _file cannot hold the pixels that a lying header claims.
    private const long MaxExpansion = 1032;

    private readonly byte[] _file;
    private readonly string _name;

    private Png(byte[] _file, string _name)
    {
        this._file = _file;
        this._name = _name;
    }

    public PngHeader Header { get; private set; }

    /// <summary>RGB triples; empty without a PLTE chunk.</summary>
    public ReadOnlyMemory<byte> Palette { get; private set; }

    /// <summary>The tRNS chunk as it stands; empty without one.</summary>
    public ReadOnlyMemory<byte> Transparency { get; private set; }

    /// <summary>The compressed pixels: one zlib stream, cut into these pieces.</summary>
    public List<ReadOnlyMemory<byte>> Data { get; } = [];

    /// <summary>Where the first of the pieces starts in the _file.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Reads the skeleton.</summary>
    /// <exception cref="GpuCamException">Anything is wrong; the message has the _name and the offset.</exception>
    public static Png Parse(byte[] _file, string _name)
    {
        var png = new Png(_file, _name);
        png.ReadChunks();
        return png;
    }

    private GpuCamException Bad(long offset, string what) =>
        new($"{_name}: the PNG _file is damaged at byte {offset}: {what}; get or make the _file again");

    private void ReadChunks()
    {
        if (!_file.AsSpan().StartsWith(ImageSniffer.PngSignature))
        {
            throw Bad(0, "the signature is not 89504E470D0A1A0A (a transfer as text changes line ends)");
        }

        int at = 8;
        bool dataEnded = false;
        while (true)
        {
            if (_file.Length - at < 12)
            {
                throw Bad(at, $"the _file ends here, {_file.Length} bytes long, before its IEND chunk");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
            string type = TypeName(at);
            if (length > _file.Length - at - 12)
            {
                throw Bad(at, $"chunk {type} claims {length} bytes, but only {_file.Length - at - 12} are left");
            }

            ReadOnlyMemory<byte> content = _file.AsMemory(at + 8, (int)length);
            uint stored = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at + 8 + (int)length));
            uint computed = Crc32.Of(_file.AsSpan(at + 4, (int)length + 4));
            if (stored != computed)
            {
                throw Bad(at, $"chunk {type} has CRC {stored:X8} but its bytes give {computed:X8}");
            }

            if ((at == 8) != (type == "IHDR"))
            {
                throw Bad(at, at == 8 ? $"the first chunk is {type}, not IHDR" : "a second IHDR chunk");
            }

            dataEnded |= Data.Count > 0 && type != "IDAT";
            if (type == "IEND")
            {
                break;
            }

            ReadChunk(at, type, content, dataEnded);
            at += 12 + (int)length;
        }

        if (Data.Count == 0)
        {
            throw Bad(at, "there is no IDAT chunk, so no pixels");
        }

        if (Header.Colour == PngColour.Palette && Palette.IsEmpty)
        {
            throw Bad(8, "the header asks for a palette, but there is no PLTE chunk");
        }

        long compressed = Data.Sum(piece => (long)piece.Length);
        long raw = (long)(Header.RowBytes(Header.Width)) * Header.Height;
        if (raw > (compressed + 1) * MaxExpansion)
        {
            throw Bad(8, $"the header claims {Header.Width} x {Header.Height} pixels, but {compressed} compressed bytes cannot hold them");
        }
    }

    private void ReadChunk(int at, string type, ReadOnlyMemory<byte> content, bool dataEnded)
    {
        switch (type)
        {
            case "IHDR":
                ReadHeader(at, content.Span);
                break;
            case "PLTE":
                if (content.Length is 0 or > 768 || content.Length % 3 != 0)
                {
                    throw Bad(at, $"a palette of {content.Length} bytes; it takes 1 to 256 colours of 3 bytes");
                }

                if (!Palette.IsEmpty || Data.Count > 0)
                {
                    throw Bad(at, "a PLTE chunk out of place");
                }

                Palette = content;
                break;
            case "tRNS":
                int wanted = Header.Colour switch { PngColour.Grey => 2, PngColour.Rgb => 6, _ => content.Length };
                if (content.Length != wanted)
                {
                    throw Bad(at, $"a tRNS chunk of {content.Length} bytes; it takes {wanted}");
                }

                if (Data.Count == 0)
                {
                    Transparency = content;
                }

                break;
            case "IDAT":
                if (dataEnded)
                {
                    throw Bad(at, "an IDAT chunk after the pixels ended");
                }

                if (Data.Count == 0)
                {
                    DataOffset = at + 8;
                }

                Data.Add(content);
                break;
            default:
                // Upper case first letter: not understood means not displayable.
                if (char.IsAsciiLetterUpper(type[0]))
                {
                    throw Bad(at, $"unknown critical chunk {type}");
                }

                break;
        }
    }

    private void ReadHeader(int at, ReadOnlySpan<byte> content)
    {
        if (content.Length != 13)
        {
            throw Bad(at, $"a header of {content.Length} bytes instead of 13");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(content);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        ImageLimits.Check(_name, width, height, at + 8);
        bool known = (content[9], content[8]) switch
        {
            (0, 1 or 2 or 4 or 8 or 16) => true,
            (3, 1 or 2 or 4 or 8) => true,
            (2 or 4 or 6, 8 or 16) => true,
            _ => false,
        };
        if (!known)
        {
            throw Bad(at + 16, $"colour type {content[9]} with {content[8]} bits does not exist");
        }

        if (content[10] != 0 || content[11] != 0 || content[12] > 1)
        {
            throw Bad(at + 18, $"compression {content[10]}, filter {content[11]}, interlace {content[12]}; only 0, 0 and 0 or 1 exist");
        }

        Header = new PngHeader((int)width, (int)height, content[8], (PngColour)content[9], content[12] == 1);
    }

    private string TypeName(int at)
    {
        ReadOnlySpan<byte> type = _file.AsSpan(at + 4, 4);
        foreach (byte b in type)
        {
            if (!char.IsAsciiLetter((char)b))
            {
                throw Bad(at, $"no chunk starts here (type bytes {Convert.ToHexString(type)})");
            }
        }

        return System.Text.Encoding.ASCII.GetString(type);
    }
}
