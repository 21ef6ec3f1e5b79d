using System.Globalization;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Experiments;

/// <summary>Draws where a network sees a concept.</summary>
internal sealed class ConceptPictures(Execution network, PictureSource source) : IDisposable
{
    private const int Columns = 4;
    private readonly Classifier _classifier = new(network);
    private readonly CamEngine _engine = new(network, ResizeMode.HalfPixel);
    private readonly ICamMethod _cam = new ClassActivationMapping();
    private readonly MapComponents _components = new();

    /// <summary>One picture with the maps of a concept over some pictures.</summary>
    /// <param name="concept">Its logit.</param>
    /// <param name="title">A line above.</param>
    /// <param name="shown">Pictures, whether they have the concept, and what it gives them.</param>
    /// <returns>A PNG file, and the boxes of the maps in pixels of the pictures.</returns>
    public (byte[] Png, Box?[] Boxes) Draw(int concept, string title, IReadOnlyList<(int Index, bool HasIt, double Probability)> shown)
    {
        int area = source.Height * source.Width, length = area * source.Channels;
        float[] images = new float[shown.Count * length];
        AllCores.For(shown.Count, n => source.Fill(shown[n].Index, images.AsSpan(n * length, length), out _, out _, []));
        _classifier.Logits(images, shown.Count);
        int[] concepts = [.. Enumerable.Repeat(concept, shown.Count)];
        float[] maps = _engine.MapToImage(_cam, _engine.DefaultLayer, concepts).ToArray();
        var tiles = new MontageTile[shown.Count];
        var boxes = new Box?[shown.Count];
        for (int n = 0; n < shown.Count; n++)
        {
            ReadOnlySpan<float> map = maps.AsSpan(n * area, area);
            Box? box = _components.AboveShareOfMax(map, source.Width) is [MapComponent largest, ..] ? largest.Box : null;
            Image8 drawn = Heatmap.Draw(source.Shown(shown[n].Index), map, new HeatmapOptions { PredictedBox = box, Scale = 1 });
            tiles[n] = new MontageTile(drawn, string.Create(
                CultureInfo.InvariantCulture,
                $"{shown[n].Probability:0.0 %}{(shown[n].HasIt ? "" : " (not in the table)")} {source.PictureOf(shown[n].Index).Id}"));
            boxes[n] = box is { } b ? source.GeometryOf(shown[n].Index).ToPicture(b) : null;
        }

        using var png = new MemoryStream();
        PngWriter.Write(Montage.Compose(tiles, Columns, title), png);
        return (png.ToArray(), boxes);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
    }
}
