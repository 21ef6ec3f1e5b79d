using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// The bytes a model lies in: a mapped file, of which the system reads what is used, or memory held in place. Counted in 64 bits, as
/// weights go beyond 2 GB. Whoever holds a part of it holds it whole; disposing it ends all reading.
/// </summary>
internal sealed unsafe partial class OnnxBytes : IDisposable
{
    private const long Window = 4 << 20;

    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private MemoryHandle _pin;
    private byte* _start;

    private OnnxBytes(string name, MemoryMappedFile file, long length)
    {
        (Name, Length, _file) = (name, length, file);
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        // The handle is the address; acquiring the pointer would count a reference that the finalizer waits for in vain.
        _start = (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle() + _view.PointerOffset;
    }

    private OnnxBytes(string name, ReadOnlyMemory<byte> memory)
    {
        (Name, Length, _pin) = (name, memory.Length, memory.Pin());
        _start = (byte*)_pin.Pointer;
    }

    /// <summary>What errors call it: the path, usually.</summary>
    public string Name { get; }

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>All of it.</summary>
    public ByteRange All => new(this, 0, Length);

    /// <summary>The first byte, for as long as this is neither disposed nor collected.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null && Length > 0, this);
            return _start;
        }
    }

    /// <summary>Maps the file at <paramref name="path"/> without reading it.</summary>
    /// <exception cref="GpuCamException">It cannot be opened, or has no bytes, as devices and pipes have none.</exception>
    public static OnnxBytes Map(string path)
    {
        try
        {
            // Asked before it is opened: opening a pipe waits for a writer.
            if (new FileInfo(path) is { Exists: true, Length: 0 })
            {
                throw new GpuCamException($"{path}: an empty file, or none that can be mapped into memory: give an ONNX file");
            }

            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            var file = MemoryMappedFile.CreateFromFile(
                stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new OnnxBytes(path, file, stream.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GpuCamException($"{path}: cannot be opened ({e.Message}): give the path of an ONNX file", e);
        }
    }

    /// <summary>Memory, held in place until this is disposed.</summary>
    public static OnnxBytes Pin(ReadOnlyMemory<byte> memory, string name) => new(name, memory);

    /// <summary>
    /// Says that what was read from <paramref name="start"/> on is not needed soon. Pages of a mapped file count as this process's memory
    /// until the system wants them back; weights are read once, and would lie there beside their copies. They can be read again.
    /// </summary>
    public void Release(long start, long length)
    {
        long first = start / Window * Window, end = (start + length) / Window * Window;
        if (_view is not null && end > first && OperatingSystem.IsLinux())
        {
            // Advice: where it is not taken, nothing is lost but memory.
            const int DontNeed = 4;
            _ = MemoryAdvise(Start + first, (nuint)(end - first), DontNeed);
        }
    }

    /// <summary>Networks are not disposed: memory is let go with the last part of it, as a mapped file is by its handle.</summary>
    ~OnnxBytes() => _pin.Dispose();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _start = null;
        _view?.Dispose();
        _file?.Dispose();
        _pin.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}

/// <summary>A part of <see cref="OnnxBytes"/>.</summary>
/// <param name="Source">What it is a part of.</param>
/// <param name="Start">The offset of its first byte in the source.</param>
/// <param name="Length">In bytes.</param>
internal readonly unsafe record struct ByteRange(OnnxBytes Source, long Start, long Length)
{
    /// <summary>The part of this part that begins at <paramref name="start"/>; its user keeps this struct alive.</summary>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        return new ReadOnlySpan<byte>(Source.Start + Start + start, length);
    }
}
