using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Cams;

/// <summary>What a network says of a batch of pictures, and its maps of them on the network's input.</summary>
internal sealed class PictureMaps : IDisposable
{
    private readonly Execution _network;
    private readonly Classifier _classifier;
    private readonly CamEngine _engine;
    private Shape _shape;
    private int _firstPicture;

    /// <param name="network">Somebody else's.</param>
    /// <param name="options">Which number of a class is explained, and how maps are enlarged.</param>
    /// <param name="progress">Hears how many of how many copies of a picture a method has scored.</param>
    public PictureMaps(Execution network, CamOptions options, Action<int, int>? progress)
    {
        _network = network;
        _classifier = new Classifier(network);
        _engine = new CamEngine(network, options.Resize) { Progress = progress, Target = options.Target };
    }

    /// <summary>Makes the maps.</summary>
    public CamEngine Engine => _engine;

    /// <summary>The logits of a batch's pictures, row by row; the batch is what maps are made of until the next call.</summary>
    public float[] Logits(PictureBatch batch)
    {
        _engine.FirstImage = _firstPicture;
        _firstPicture += batch.Count;
        _shape = new Shape(batch.Count, batch.Height, batch.Width, batch.Channels);
        return _classifier.Logits(batch.Inputs, _shape).ToArray();
    }

    /// <summary>
    /// The maps of the batch's pictures, each of a class of its own, [rows, columns] of the input one after the other: raw, and as they are
    /// shown; a map of several layers has no raw form.
    /// </summary>
    public (float[] Raw, float[] Shown) Maps(CamRequest request, ReadOnlySpan<int> classes)
    {
        if (request.Layers.Count > 1 && request.Method.Scope != CamScope.WholeNetwork)
        {
            float[] mean = _engine.MapToImage(request.Method, request.Layers, classes).ToArray();
            return (mean, mean);
        }

        Tensor map = _engine.Map(request.Method, request.Layers[0], classes);
        float[] raw = _engine.Enlarge(map, rectify: false).ToArray();
        return (raw, request.Method.Rectifies ? _engine.Enlarge(map, rectify: true).ToArray() : raw);
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
    }
}
