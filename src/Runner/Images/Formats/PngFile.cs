using System.Buffers.Binary;
using System.Text;

namespace GpuCam.Runner.Images.Formats;

/// <summary>
/// The skeleton of a PNG file (ISO/IEC 15948): signature, chunks in order, header and limits, and the CRC of every chunk that pixels
/// depend on. Of a file's other chunks only the orientation is looked at; they are dropped, and the decoder never sees them: no colour
/// profile, no compressed text that grows a thousandfold. A dropped chunk may be damaged, as for every viewer.
/// </summary>
internal sealed class PngFile
{
    // Deflate cannot expand more than 1032 times, so a short file cannot hold the pixels that a lying header claims.
    private const long MaxExpansion = 1032;

    // So that a file of millions of chunks does not make as many strings.
    private static readonly string[] s_read = ["IDAT", "IHDR", "PLTE", "tRNS", "eXIf", "IEND"];

    private readonly byte[] _file;
    private readonly string _name;
    private int _kept;           // the file's first bytes are a file again: what was kept so far, moved together
    private int _data;           // where the pixels start among them: one zlib stream, joined; 0 before the first
    private int _colours;        // of the palette
    private int _transparency;   // where the content of a tRNS chunk starts among them; 0 without one

    private PngFile(byte[] file, string name)
    {
        _file = file;
        _name = name;
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Bits a sample: 1, 2, 4, 8 or 16.</summary>
    public int Depth { get; private set; }

    /// <summary>Grey 0, RGB 2, palette 3, grey and alpha 4, RGB and alpha 6.</summary>
    public int ColourType { get; private set; }

    public bool Interlaced { get; private set; }

    /// <summary>The EXIF orientation, 1 to 8; 1 without one.</summary>
    public int Orientation { get; private set; } = 1;

    public int SamplesPerPixel => ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>The tRNS chunk as it stands; empty without one.</summary>
    public ReadOnlySpan<byte> Transparency => _file.AsSpan(_transparency, _transparency == 0 ? 0 : ColourType == 2 ? 6 : 2);

    /// <summary>The compressed pixels: a zlib stream.</summary>
    public ArraySegment<byte> Data => new(_file, _data, _kept - _data);

    /// <summary>Reads the skeleton.</summary>
    /// <param name="file">Taken over: its kept chunks are moved together in it.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="GpuCamException">Anything is wrong; the message has the name and the offset.</exception>
    public static PngFile Parse(byte[] file, string name)
    {
        var png = new PngFile(file, name);
        png.ReadChunks();
        return png;
    }

    /// <summary>The file with its pixels in one chunk and nothing but what they need. Call it once.</summary>
    public ReadOnlySpan<byte> Plain()
    {
        // There is room: what was read had a checksum behind its last pixels, and an end.
        int length = _kept - _data;
        BinaryPrimitives.WriteInt32BigEndian(_file.AsSpan(_data - 8), length);
        BinaryPrimitives.WriteUInt32BigEndian(_file.AsSpan(_kept), Crc32.Of(_file.AsSpan(_data - 4, length + 4)));
        ReadOnlySpan<byte> end = [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];
        end.CopyTo(_file.AsSpan(_kept + 4));
        return _file.AsSpan(0, _kept + 16);
    }

    private GpuCamException Bad(long offset, string what) =>
        new($"{_name}: the PNG file is damaged at byte {offset}: {what}; get or make the file again");

    private void ReadChunks()
    {
        if (!_file.AsSpan().StartsWith(ImageSniffer.PngSignature))
        {
            throw Bad(0, "the signature is not 89504E470D0A1A0A (a transfer as text changes line ends)");
        }

        int at = _kept = 8;
        bool dataEnded = false;
        while (true)
        {
            if (_file.Length - at < 12)
            {
                throw Bad(at, $"the file ends here, {_file.Length} bytes long, before its IEND chunk");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
            string type = TypeName(at);
            if (length > _file.Length - at - 12)
            {
                throw Bad(at, $"chunk {type} claims {length} bytes, but only {_file.Length - at - 12} are left");
            }

            if ((at == 8) != (type == "IHDR"))
            {
                throw Bad(at, at == 8 ? $"the first chunk is {type}, not IHDR" : "a second IHDR chunk");
            }

            uint computed = 0, stored = BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at + 8 + (int)length));
            bool critical = char.IsAsciiLetterUpper(type[0]);
            bool whole = !(critical || type is "tRNS" or "eXIf") || stored == (computed = Crc32.Of(_file.AsSpan(at + 4, (int)length + 4)));
            if (critical && !whole)
            {
                throw Bad(at, $"chunk {type} has CRC {stored:X8} but its bytes give {computed:X8}");
            }

            dataEnded |= _data > 0 && type != "IDAT";
            if (type == "IEND")
            {
                break;
            }

            if (whole)
            {
                ReadChunk(at, type, (int)length, dataEnded);
            }

            at += 12 + (int)length;
        }

        if (_data == 0)
        {
            throw Bad(at, "there is no IDAT chunk, so no pixels");
        }

        if (ColourType == 3 && _colours == 0)
        {
            throw Bad(8, "the header asks for a palette, but there is no PLTE chunk");
        }

        long raw = (((long)Width * SamplesPerPixel * Depth) + 7) / 8 * Height;
        if (raw > (_kept - _data + 1) * MaxExpansion)
        {
            throw Bad(8, $"the header claims {Width} x {Height} pixels, but {_kept - _data} compressed bytes cannot hold them");
        }
    }

    private void ReadChunk(int at, string type, int length, bool dataEnded)
    {
        switch (type)
        {
            case "IHDR":
                ReadHeader(at, _file.AsSpan(at + 8, length));
                Keep(at, 12 + length);
                break;
            case "PLTE":
                if (length is 0 or > 768 || length % 3 != 0)
                {
                    throw Bad(at, $"a palette of {length} bytes; it takes 1 to 256 colours of 3 bytes");
                }

                if (_colours > 0 || _data > 0)
                {
                    throw Bad(at, "a PLTE chunk out of place");
                }

                _colours = length / 3;
                if (ColourType == 3)
                {
                    Keep(at, 12 + length);  // with other types it is but a hint for poor screens
                }

                break;
            case "tRNS":
                // One out of place or of another length is ignored, as viewers do.
                bool fits = ColourType switch { 0 => length == 2, 2 => length == 6, 3 => length > 0 && length <= _colours, _ => false };
                if (fits && _data == 0 && _transparency == 0)
                {
                    _transparency = _kept + 8;
                    Keep(at, 12 + length);
                }

                break;
            case "eXIf":
                Orientation = Exif.Orientation(_file.AsSpan(at + 8, length));
                break;
            case "IDAT":
                if (dataEnded)
                {
                    throw Bad(at, "an IDAT chunk after the pixels ended");
                }

                bool first = _data == 0;
                Keep(first ? at : at + 8, first ? 8 + length : length);
                if (first)
                {
                    _data = _kept - length;
                }

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

    private void Keep(int from, int length)
    {
        _file.AsSpan(from, length).CopyTo(_file.AsSpan(_kept));
        _kept += length;
    }

    private void ReadHeader(int at, ReadOnlySpan<byte> content)
    {
        if (content.Length != 13)
        {
            throw Bad(at, $"a header of {content.Length} bytes instead of 13");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(content);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(content[4..]);
        ImageLimits.Check(_name, width, height);
        (Width, Height, Depth, ColourType, Interlaced) = ((int)width, (int)height, content[8], content[9], content[12] == 1);
        bool known = (ColourType, Depth) switch
        {
            (0, 1 or 2 or 4 or 8 or 16) => true,
            (3, 1 or 2 or 4 or 8) => true,
            (2 or 4 or 6, 8 or 16) => true,
            _ => false,
        };
        if (!known)
        {
            throw Bad(at + 16, $"colour type {ColourType} with {Depth} bits does not exist");
        }

        if (content[10] != 0 || content[11] != 0 || content[12] > 1)
        {
            throw Bad(at + 18, $"compression {content[10]}, filter {content[11]}, interlace {content[12]}; only 0, 0 and 0 or 1 exist");
        }
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

        foreach (string known in s_read)
        {
            if (Ascii.Equals(type, known))
            {
                return known;
            }
        }

        return Encoding.ASCII.GetString(type);
    }
}
