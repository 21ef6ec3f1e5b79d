using System.Runtime.InteropServices;

namespace GpuCam.Runner.Images.Portable;

/// <summary>
/// Reads JPEG through the system's libturbojpeg (the TurboJPEG 2 interface, which version 3 keeps), looked up at the first
/// use, so that a machine without it loses only JPEG.
/// </summary>
internal static unsafe class TurboJpeg
{
    private const int PixelFormatRgb = 0;

    private static readonly string[] Candidates =
        ["libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "libturbojpeg.dylib", "turbojpeg.dll"];

    private static readonly nint Library = Load();

    public static bool IsInstalled => Library != 0;

    public static Image8 Read(byte[] file, string name)
    {
        if (!IsInstalled)
        {
            throw new GpuCamException($"{name}: this is a JPEG image, and this machine has no libturbojpeg to read it; install it "
                + "(Debian, Ubuntu: apt install libturbojpeg0; Fedora: dnf install turbojpeg; macOS: brew install jpeg-turbo) "
                + "or convert the image to PNG");
        }
        var create = (delegate* unmanaged<nint>)NativeLibrary.GetExport(Library, "tjInitDecompress");
        var destroy = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(Library, "tjDestroy");
        nint handle = create();
        if (handle == 0)
            throw new GpuCamException($"{name}: libturbojpeg could not start; convert the image to PNG");
        try
        {
            return Decode(handle, file, name);
        }
        finally
        {
            destroy(handle);
        }
    }

    private static Image8 Decode(nint handle, byte[] file, string name)
    {
        // (handle, file, length, width, height, subsampling, colour space)
        var readHeader = (delegate* unmanaged<nint, byte*, CULong, int*, int*, int*, int*, int>)
            NativeLibrary.GetExport(Library, "tjDecompressHeader3");
        // (handle, file, length, pixels, width, bytes a row or 0, height, pixel format, flags)
        var decompress = (delegate* unmanaged<nint, byte*, CULong, byte*, int, int, int, int, int, int>)
            NativeLibrary.GetExport(Library, "tjDecompress2");
        fixed (byte* source = file)
        {
            int width, height, subsampling, colourSpace;
            var length = new CULong((uint)file.Length);
            if (readHeader(handle, source, length, &width, &height, &subsampling, &colourSpace) != 0)
                throw Bad(handle, name);
            ImageLimits.Check(name, width, height, 0);
            var image = new Image8(width, height);
            fixed (byte* target = image.Pixels)
            {
                // A warning (a file cut short, say) counts as failure too: half a picture is no picture.
                if (decompress(handle, source, length, target, width, 0, height, PixelFormatRgb, 0) != 0)
                    throw Bad(handle, name);
            }
            return image;
        }
    }

    private static GpuCamException Bad(nint handle, string name)
    {
        var message = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(Library, "tjGetErrorStr2");
        string? what = Marshal.PtrToStringUTF8((nint)message(handle));
        return new GpuCamException($"{name}: the JPEG file cannot be read: {what}; get or make the file again, or convert it to PNG");
    }

    private static nint Load()
    {
        foreach (string candidate in Candidates)
        {
            if (!NativeLibrary.TryLoad(candidate, out nint library))
                continue;
            if (NativeLibrary.TryGetExport(library, "tjDecompress2", out _) && NativeLibrary.TryGetExport(library, "tjGetErrorStr2", out _))
                return library;
            NativeLibrary.Free(library);
        }
        return 0;
    }
}
