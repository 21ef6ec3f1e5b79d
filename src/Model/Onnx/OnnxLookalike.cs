using System.Text;

namespace GpuCam.Model;

/// <summary>What a file is that is no ONNX file: people give the one beside it, or the page that a download became.</summary>
internal sealed record OnnxLookalike(string Text)
{
    private const int Longest = 512;

    /// <summary>The kind that <paramref name="bytes"/> are of; null if they may be a damaged ONNX file.</summary>
    public static OnnxLookalike? Find(OnnxBytes bytes)
    {
        ReadOnlySpan<byte> start = bytes.All.Slice(0, (int)Math.Min(Longest, bytes.Length));
        if (start.IsEmpty)
        {
            return new("an empty file: give an ONNX file");
        }

        if (start.StartsWith("version https://git-lfs"u8))
        {
            return new("a pointer of Git LFS in place of the model: get the file itself with 'git lfs pull'");
        }

        if (start.StartsWith("PK\u0003\u0004"u8) || start[0] == 0x80)
        {
            return new("a zip or pickle, as PyTorch saves its own models: export it with torch.onnx.export");
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
        {
            return new("an HDF5 file, as Keras saves its own models: convert it with tf2onnx");
        }

        if (start.Length >= 8 && start.Slice(4, 4).SequenceEqual("TFL3"u8))
        {
            return new("a TensorFlow Lite model: convert it with tf2onnx");
        }

        if (start.Length >= 8 && start.Slice(4, 4).SequenceEqual("ORTM"u8))
        {
            return new("a model in ONNX Runtime's own format: give the ONNX file it was made from");
        }

        if (start.Length > 9 && start[8] == '{' && start[9] is (byte)'"' or (byte)' ' or (byte)'}')
        {
            return new("a safetensors file: it holds weights alone; export the network to ONNX");
        }

        return IsText(start) ? new("text: give an ONNX file") : null;
    }

    /// <summary>Whether all of it, but for a character cut at the end, is text that people read.</summary>
    private static bool IsText(ReadOnlySpan<byte> start)
    {
        string text = Encoding.UTF8.GetString(start);
        return !text.AsSpan(0, Math.Max(1, text.Length - 1)).ContainsAny('\0', '\uFFFD')
            && !text.Any(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t' or '\f'));
    }
}
