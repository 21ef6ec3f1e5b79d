using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace GpuCam.Model;

/// <summary>
/// The bytes a model lies in: a mapped file, of which the system reads what is used, or memory held in place. Counted in 64 bits, as
/// weights go beyond 2 GB. Whoever holds a part of it holds it whole; disposing it ends all reading.
/// </summary>
internal sealed unsafe class OnnxBytes : IDisposable
{
    private readonly SafeFileHandle? _handle;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private MemoryHandle _pin;
    private byte* _start;

    private OnnxBytes(string name, FileStream stream, MemoryMappedFile file)
    {
        (Name, Length, _handle, _file) = (name, stream.Length, stream.SafeFileHandle, file);
        long length = Length;
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
            return new OnnxBytes(path, stream, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GpuCamException($"{path}: cannot be opened ({e.Message}): give the path of an ONNX file", e);
        }
    }

    /// <summary>Memory, held in place until this is disposed.</summary>
    public static OnnxBytes Pin(ReadOnlyMemory<byte> memory, string name) => new(name, memory);

    /// <summary>
    /// Copies what lies from <paramref name="start"/> on. Out of a file it is read and not looked at through the mapping, whose pages would
    /// count as this process's memory beside the copy.
    /// </summary>
    /// <exception cref="GpuCamException">The file is shorter by now.</exception>
    public void Read(long start, Span<byte> target)
    {
        if (_handle is null)
        {
            new ReadOnlySpan<byte>(Start + start, target.Length).CopyTo(target);
            return;
        }

        while (target.Length > 0)
        {
            int read = RandomAccess.Read(_handle, target, start);
            if (read == 0)
            {
                throw new GpuCamException($"{Name}: ends at byte {start} by now: it was changed while it was read; run the command again");
            }

            target = target[read..];
            start += read;
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

    /// <summary>Copies what lies in this part from <paramref name="start"/> on.</summary>
    public void Read(long start, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - target.Length);
        Source.Read(Start + start, target);
        GC.KeepAlive(Source);
    }
}
