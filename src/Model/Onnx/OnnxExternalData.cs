using System.Globalization;

namespace GpuCam.Model;

/// <summary>
/// Weights in files beside the model. A model names them, and models come from strangers: a location is relative and stays in the model's
/// folder, no part of it is a link, and what is read lies within the file. The files are mapped, each once.
/// </summary>
internal sealed class OnnxExternalData(string? folder) : IDisposable
{
    private readonly Dictionary<string, OnnxBytes> _files = new(StringComparer.Ordinal);

    /// <summary>The <paramref name="length"/> bytes of a tensor that the entries of its <c>external_data</c> name.</summary>
    /// <exception cref="GpuCamException">They lie elsewhere than in the model's folder, or are not there.</exception>
    public ByteRange Find(ByteRange tensor, string label, IEnumerable<ByteRange> entries, long length)
    {
        string? location = null;
        long offset = 0, said = length;
        foreach (ByteRange entry in entries)
        {
            (string key, string value) = OnnxEntries.Read(entry, label);
            switch (key)
            {
                case "location":
                    location = value;
                    break;
                case "offset":
                    offset = Number(tensor, label, key, value);
                    break;
                case "length":
                    said = Number(tensor, label, key, value);
                    break;
                case "checksum" or "basepath":
                    // Of the whole file, which is not read whole; of the machine that wrote it, which this is not.
                    break;
                default:
                    throw Error(tensor, label, $"external data with the unknown key {OnnxText.Quote(key)}");
            }
        }

        if (said != length)
        {
            throw Error(tensor, label, $"external data of {said} bytes for a tensor of {length}");
        }

        OnnxBytes file = Open(tensor, label, location ?? throw Error(tensor, label, "external data without a location"));
        return offset <= file.Length - length
            ? new ByteRange(file, offset, length)
            : throw Error(tensor, label,
                $"external data from {offset} to {(Int128)offset + length} of {file.Name}, which has {file.Length} bytes");
    }

    public void Dispose()
    {
        foreach (OnnxBytes file in _files.Values)
        {
            file.Dispose();
        }
    }

    private OnnxBytes Open(ByteRange tensor, string label, string location)
    {
        if (_files.TryGetValue(location, out OnnxBytes? known))
        {
            return known;
        }

        string quoted = OnnxText.Quote(location);
        if (folder is null)
        {
            throw Error(tensor, label, $"its data are in another file, {quoted}, and this model has no folder");
        }

        string[] parts = location.Split('/', '\\');
        if (parts.Any(part => part is "" or ".." || part.Contains('\0', StringComparison.Ordinal)) || Path.IsPathRooted(location)
            || parts[0].Contains(':', StringComparison.Ordinal))
        {
            throw Error(tensor, label, $"external data at {quoted}: only files in the model's own folder are read");
        }

        string path = folder;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
            if (info.LinkTarget is not null)
            {
                throw Error(tensor, label, $"external data at {quoted}: {path} is a link; put the file itself there");
            }

            if (!info.Exists)
            {
                throw Error(tensor, label, $"external data at {quoted}: there is no {path}; copy it from where the model is from");
            }
        }

        return _files[location] = OnnxBytes.Map(path);
    }

    private static long Number(ByteRange tensor, string label, string key, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw Error(tensor, label, $"external data with {OnnxText.Quote(value)} as {key}");

    private static GpuCamException Error(ByteRange tensor, string label, string problem) =>
        new($"{tensor.Source.Name}: {label}: {problem}");
}
