using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Cams;

/// <summary>Draws the class activation maps of image files: for each image a folder with an overlay and a raw map per class, and a montage.</summary>
internal sealed class CamDrawing : IDisposable
{
    private readonly Network _network;
    private readonly CamOptions _options;
    private readonly Classifier _classifier;
    private readonly ClassActivationMapper _mapper;
    private readonly MapComponents _components = new();

    public CamDrawing(Network network, CamOptions options)
    {
        _network = network;
        _options = options;
        _classifier = new Classifier(network);
        _mapper = new ClassActivationMapper(network, options.Resize);
        if (options.Layer is { } layer)
        {
            _ = network.Layer(layer);
            if (layer != _mapper.FeatureLayer)
                throw new GpuCamException($"--layer {layer}: method cam needs the layer that is pooled, {_mapper.FeatureLayer}");
        }
    }

    private IReadOnlyList<string> ClassNames => _network.Config.ClassNames;

    /// <summary>Reads all images first, so that a bad one stops the command before anything is written.</summary>
    public CamManifest DrawAll(IReadOnlyList<string> files, string model)
    {
        Image8[] images = [.. files.Select(Read)];
        string[] folders = FolderNames(files);
        CamImage[] drawn = [.. images.Select((image, i) => Draw(image, files[i], folders[i]))];
        var manifest = new CamManifest(
            CamManifest.CurrentFormat, model, "cam", _mapper.FeatureLayer, ResizeNames.NameOf(_options.Resize), _options.BoxThreshold, drawn);
        AtomicFile.WriteAllText(Path.Combine(_options.Output, "manifest.json"), RunnerJson.Pretty(manifest) + "\n");
        return manifest;
    }

    public void Dispose()
    {
        _mapper.Dispose();
        _classifier.Dispose();
    }

    private static string[] FolderNames(IReadOnlyList<string> files)
    {
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. files.Select(file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string unique = name;
            for (int i = 2; !used.Add(unique); i++)
                unique = $"{name}-{i}";
            return unique;
        })];
    }

    private Image8 Read(string file)
    {
        Image8 image = ImageCodec.ReadFile(file);
        int size = _network.Config.Size;
        return image.Width == size && image.Height == size
            ? image
            : throw new GpuCamException($"{file}: the image is {image.Width}x{image.Height}, this network takes {size}x{size}; scale the image, or give the model's --size");
    }

    private CamImage Draw(Image8 image, string file, string folder)
    {
        int size = _network.Config.Size;
        var pixels = new float[size * size * _network.Config.Channels];
        image.ToFloats(pixels, _network.Config.Channels);
        float[] logits = _classifier.Logits(pixels, 1).ToArray();
        if (Array.Exists(logits, logit => !float.IsFinite(logit)))
            throw new GpuCamException($"{file}: the network's outputs for this image are not finite; give a model whose training did not diverge");
        double[] probabilities = Ranking.Softmax(logits);
        int[] ranked = Ranking.Top(logits, Math.Min(_options.Top, logits.Length));
        int[] classes = _options.Classes.Count > 0 ? [.. _options.Classes.Select(name => ClassIndex(ClassNames, name))] : ranked;

        string input = Path.Combine(folder, "input.png");
        Write(input, image);
        var tiles = new List<MontageTile> { new(Heatmap.Enlarge(image, Heatmap.ScaleFor(size, 0)), Path.GetFileName(file)) };
        CamMap[] maps = [.. classes.Select(index => DrawClass(image, folder, index, probabilities[index], tiles))];
        string montage = Path.Combine(folder, "montage.png");
        Write(montage, Montage.Compose(tiles));
        return new CamImage(file, input, montage, [.. ranked.Select(c => new CamPrediction(ClassNames[c], probabilities[c], logits[c]))], maps);
    }

    private CamMap DrawClass(Image8 image, string folder, int index, double probability, List<MontageTile> tiles)
    {
        int size = _network.Config.Size;
        float[] map = _mapper.MapToImage([index]).ToArray();
        MapRange range = MapRange.Of(map);
        Box? box = range.State == MapState.Normal && _components.AboveShareOfMax(map, size, _options.BoxThreshold) is [MapComponent largest, ..] ? largest.Box : null;
        string caption = string.Create(CultureInfo.InvariantCulture, $"{ClassNames[index]} ({100 * probability:0.0} %)");
        Image8 picture = Heatmap.Draw(image, map, new HeatmapOptions { Caption = caption, PredictedBox = box });
        tiles.Add(new MontageTile(picture));

        string name = FileName(ClassNames[index], index);
        string overlay = Path.Combine(folder, $"cam_{name}.png");
        string raw = Path.Combine(folder, $"cam_{name}.npy");
        Write(overlay, picture);
        Npy.WriteFile(Path.Combine(_options.Output, raw), map, [size, size]);
        bool finite = range.State != MapState.NonFinite;
        return new CamMap(ClassNames[index], overlay, raw, finite ? range.Minimum : null, finite ? range.Maximum : null, range.State, box);
    }

    /// <summary>The class name where it can be part of a file name, else the class's number.</summary>
    private static string FileName(string className, int index) =>
        className.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && className.Length > 0 ? className : index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The class of that name or number.</summary>
    internal static int ClassIndex(IReadOnlyList<string> classNames, string name)
    {
        for (int i = 0; i < classNames.Count; i++)
        {
            if (classNames[i] == name)
                return i;
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < classNames.Count
            ? index
            : throw new GpuCamException($"--class {name} is not known; this network has {string.Join(", ", classNames)}");
    }

    private void Write(string path, Image8 image) =>
        ImageCodec.WritePngFile(Path.Combine(_options.Output, path), image);
}
