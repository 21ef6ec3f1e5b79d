namespace GpuCam.Model;

/// <summary>
/// An ONNX file, mapped into memory: opening it reads a few pages, however large its weights are. It is read by a walk over its own bytes,
/// without classes generated from the format's description, which copy every weight.
/// </summary>
internal sealed class OnnxFile : IDisposable
{
    /// <summary>The oldest operators that are read: before them Add and its like had other rules.</summary>
    public const int OldestOpset = 7;

    private readonly OnnxBytes _bytes;
    private readonly OnnxExternalData _external;

    private OnnxFile(OnnxBytes bytes, string? folder, int oldestOpset)
    {
        (_bytes, _external) = (bytes, new OnnxExternalData(folder));
        try
        {
            Model = new OnnxParser(_external).Model(bytes.All);
        }
        catch (GpuCamException e)
        {
            var other = OnnxLookalike.Find(bytes);
            Dispose();
            if (other is null)
            {
                throw;
            }

            throw new GpuCamException($"{Name}: {other.Text}", e);
        }

        if (Model.Opset > 0 && Model.Opset < oldestOpset)
        {
            Dispose();
            throw new GpuCamException($"{Name}: operators of opset {Model.Opset}, of which {oldestOpset} is the oldest read: export the "
                + "model with opset 13 or newer, or convert it with onnx.version_converter");
        }
    }

    /// <summary>What errors call it: the path, usually.</summary>
    public string Name => _bytes.Name;

    /// <summary>In bytes, without files beside it.</summary>
    public long Length => _bytes.Length;

    /// <summary>What the file says. Its tensors can be read until this is disposed.</summary>
    public OnnxModel Model { get; }

    /// <summary>Opens the file at <paramref name="path"/>, and the files in its folder that hold its weights.</summary>
    /// <param name="path">Of an ONNX file.</param>
    /// <param name="oldestOpset">The oldest operators that are taken.</param>
    /// <exception cref="GpuCamException">
    /// There is no such file, it is none of ONNX, or it is damaged; the message says which and where.
    /// </exception>
    public static OnnxFile Open(string path, int oldestOpset = OldestOpset) =>
        new(OnnxBytes.Map(path), Path.GetDirectoryName(Path.GetFullPath(path)), oldestOpset);

    /// <summary>Reads a model in memory, which has no files beside it.</summary>
    /// <exception cref="GpuCamException">It is no ONNX model, or a damaged one.</exception>
    public static OnnxFile Parse(ReadOnlyMemory<byte> bytes, string name, int oldestOpset = OldestOpset) =>
        new(OnnxBytes.Pin(bytes, name), folder: null, oldestOpset);

    public void Dispose()
    {
        _external.Dispose();
        _bytes.Dispose();
    }
}
