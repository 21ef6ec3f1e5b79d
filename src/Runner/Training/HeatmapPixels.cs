using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Training;

/// <summary>Runs a network over a few images and lays the map of a given class over each, all on the network's device.</summary>
internal sealed class HeatmapPixels(Execution network, ResizeMode resize, ImageBackground background) : IDisposable
{
    private readonly Classifier _classifier = new(network);
    private readonly CamEngine _engine = new(network, resize);
    private readonly OverlayPainter _painter = new(network.Device, ColorMaps.Jet.ToBytes());

    /// <summary>The pixels [N, H, W, 3] of the overlays.</summary>
    /// <param name="images">N images, NHWC.</param>
    /// <param name="shown">What maps are laid over, in [0, 1], with as many channels; empty for the images themselves.</param>
    /// <param name="classes">The class whose map is drawn, one per image.</param>
    /// <param name="logits">What the network says, row by row.</param>
    /// <param name="maps">The raw maps, [N, H, W].</param>
    public byte[] Draw(
        ReadOnlySpan<float> images, ReadOnlySpan<float> shown, ReadOnlySpan<int> classes, out float[] logits, out float[] maps)
    {
        logits = _classifier.Logits(images, classes.Length).ToArray();
        Tensor resized = _engine.MapToImage(CamMethods.Usual(_engine), _engine.DefaultLayer, classes);
        maps = resized.ToArray();
        Tensor image = network.Activation(GraphLayers.Image);
        OverlayStyle style = new HeatmapOptions { Background = background }.ToStyle();
        return shown.IsEmpty ? _painter.Paint(resized, image, style) : _painter.Paint(resized, shown, image.Shape, style);
    }

    public void Dispose()
    {
        _painter.Dispose();
        _engine.Dispose();
        _classifier.Dispose();
    }
}
