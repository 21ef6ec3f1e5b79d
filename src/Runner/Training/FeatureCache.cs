using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Training;

/// <summary>
/// The features of pictures, in a file: <c>features</c> [pictures, channels] as safetensors. The metadata say of which network and which
/// preparation they are (<c>gpucam.key</c>), and of which pictures (<c>gpucam.pictures</c>): of each 16 hexadecimal digits, the beginning
/// of the SHA-256 of its name, length and time. A file of another network, or a damaged one, is made anew.
/// </summary>
internal sealed class FeatureCache
{
    private const string KeyName = "gpucam.key", PicturesName = "gpucam.pictures", TensorName = "features";
    private const int Digits = 16;
    private readonly string _path, _key;
    private readonly string[] _pictures;
    private readonly bool[] _known;
    private readonly Dictionary<string, float[]> _others = [];
    private bool _changed;

    private FeatureCache(string path, string key, IReadOnlyList<DataPicture> pictures, int channels)
    {
        (_path, _key, Channels) = (path, key, channels);
        _pictures = [.. pictures.Select(NameOf)];
        _known = new bool[pictures.Count];
        Values = new float[pictures.Count * channels];
    }

    /// <summary>Features of a picture.</summary>
    public int Channels { get; }

    /// <summary>All features, picture after picture; those that are not known yet are 0.</summary>
    public float[] Values { get; }

    /// <summary>Pictures whose features are known.</summary>
    public int Count => _known.Count(known => known);

    /// <summary>Opens the file, or begins one.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="key">Of which network and which preparation features are, in words.</param>
    /// <param name="pictures">The pictures; a file may have others besides.</param>
    /// <param name="channels">Features of a picture.</param>
    /// <param name="say">Hears why a file is made anew.</param>
    public static FeatureCache Open(
        string path, string key, IReadOnlyList<DataPicture> pictures, int channels, Action<string> say)
    {
        var cache = new FeatureCache(path, key, pictures, channels);
        if (File.Exists(path) && cache.Read() is { } fault)
        {
            say($"{path} is made anew: {fault}");
        }

        return cache;
    }

    /// <summary>Whether a picture's features are known.</summary>
    public bool Has(int picture) => _known[picture];

    /// <summary>Tells a picture's features.</summary>
    public void Set(int picture, ReadOnlySpan<float> features)
    {
        features.CopyTo(Values.AsSpan(picture * Channels, Channels));
        _known[picture] = _changed = true;
    }

    /// <summary>Writes the file, if there is something new: what is known of these pictures, and what the file had of others.</summary>
    public void Save()
    {
        if (!_changed)
        {
            return;
        }

        int[] known = [.. Enumerable.Range(0, _known.Length).Where(i => _known[i])];
        float[] values = new float[(known.Length + _others.Count) * Channels];
        var names = new StringBuilder();
        int row = 0;
        foreach ((string name, float[] features) in
            known.Select(i => (_pictures[i], Values[(i * Channels)..((i + 1) * Channels)])).Concat(_others.Select(o => (o.Key, o.Value))))
        {
            names.Append(name);
            features.CopyTo(values, row++ * Channels);
        }

        var metadata = new Dictionary<string, string> { [KeyName] = _key, [PicturesName] = names.ToString() };
        AtomicFile.Write(
            _path, stream => SafetensorsWriter.Write(stream, metadata, [new SafetensorsTensor(TensorName, [row, Channels], values)]));
        _changed = false;
    }

    /// <summary>Takes what the file has; else says why it is of no use.</summary>
    private string? Read()
    {
        try
        {
            using FileStream stream = File.OpenRead(_path);
            SafetensorsFile file = SafetensorsReader.Read(stream, _path);
            if (file.Metadata.GetValueOrDefault(KeyName) != _key)
            {
                return "it has the features of another network, or of pictures prepared otherwise";
            }

            string names = file.Metadata.GetValueOrDefault(PicturesName) ?? "";
            if (file.Find(TensorName) is not { } tensor || !tensor.Shape.SequenceEqual([names.Length / Digits, Channels])
                || names.Length % Digits != 0 || Array.Exists(tensor.Values, value => !float.IsFinite(value)))
            {
                return "it is damaged";
            }

            Take(names, tensor.Values);
            return null;
        }
        catch (Exception e) when (e is GpuCamException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void Take(string names, float[] values)
    {
        for (int row = 0; row < names.Length / Digits; row++)
        {
            _others[names.Substring(row * Digits, Digits)] = values[(row * Channels)..((row + 1) * Channels)];
        }

        for (int i = 0; i < _pictures.Length; i++)
        {
            if (_others.TryGetValue(_pictures[i], out float[]? features))
            {
                features.CopyTo(Values, i * Channels);
                _known[i] = true;
            }
        }

        foreach (string name in _pictures)
        {
            _others.Remove(name);
        }
    }

    /// <summary>What a picture is known by: one that was changed has another length or time.</summary>
    private static string NameOf(DataPicture picture)
    {
        var file = new FileInfo(picture.Path);
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{picture.Id}\n{(file.Exists ? file.Length : -1)}\n{file.LastWriteTimeUtc.Ticks}");
        ulong start = BinaryPrimitives.ReadUInt64BigEndian(Sha256.Of(Encoding.UTF8.GetBytes(text)));
        return start.ToString("x16", CultureInfo.InvariantCulture);
    }
}
