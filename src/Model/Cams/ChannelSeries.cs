using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Channels of images, one after the other, for methods that ask the network what it thinks of each: which image, which channel,
/// and what weights come of their scores.
/// </summary>
internal sealed class ChannelSeries
{
    /// <summary>Copies that run through the network at once.</summary>
    private const int MaxBatch = 64;

    /// <summary>Floats that the copies of a batch may take.</summary>
    private const int MaxFloats = 1 << 23;

    /// <summary>Floats that a network may take for what it computes of them.</summary>
    private const long MaxNetworkFloats = 1 << 27;

    private readonly Shape _features;
    private readonly int[] _images;
    private readonly int[] _channels;

    /// <summary>
    /// All channels of all images, or of each image the <paramref name="top"/> with the largest standard deviation over the pixels.
    /// </summary>
    public ChannelSeries(CamContext context, Tensor features, int top)
    {
        _features = features.Shape;
        int[][] chosen = top > 0 && top < _features.C ? Varied(context, features, top) : [];
        int each = chosen.Length > 0 ? top : _features.C;
        _images = [.. Enumerable.Range(0, _features.N * each).Select(i => i / each)];
        _channels = [.. Enumerable.Range(0, _features.N * each).Select(i => chosen.Length > 0 ? chosen[i / each][i % each] : i % each)];
        Scores = new double[_images.Length];
    }

    /// <summary>One per channel: what <see cref="ForEachBatch"/>'s bodies make of it.</summary>
    public double[] Scores { get; }

    /// <summary>The image that a score belongs to.</summary>
    public int ImageOf(int index) => _images[index];

    /// <summary>
    /// Calls <paramref name="body"/> with the first index of each batch, and the image and the channel of each of its members.
    /// </summary>
    /// <param name="context">Has the memory and hears of the progress.</param>
    /// <param name="copy">Shape of one copy, which bounds the size of a batch.</param>
    /// <param name="body">Also gets the number of members: buffers may be longer.</param>
    public void ForEachBatch(CamContext context, Shape copy, Action<int, int, DeviceBuffer<int>, DeviceBuffer<int>> body)
    {
        long most = Math.Min(MaxFloats / copy.WithN(1).Count, MaxNetworkFloats / Math.Max(1, context.Execution.FloatsPerImage));
        int size = context.Execution.Graph.MixesImages ? 1 : (int)Math.Clamp(most, 1, MaxBatch);
        for (int first = 0; first < _images.Length; first += size)
        {
            context.Token.ThrowIfCancellationRequested();
            int count = Math.Min(size, _images.Length - first);
            body(
                first, count, context.Integers("images of channels", _images.AsSpan(first, count)),
                context.Integers("channels", _channels.AsSpan(first, count)));
            context.Report(first + count, _images.Length);
        }
    }

    /// <summary>The class's score of each copy, each for the class of the image it was made of.</summary>
    public double[] ClassScores(CamContext context, Tensor logits, int first)
    {
        float[] values = logits.ToArray();
        int width = logits.Shape.C;
        return [.. Enumerable.Range(0, logits.Shape.N).Select(m =>
            context.Score.Of(values.AsSpan(m * width, width), context.Classes[_images[first + m]]))];
    }

    /// <summary>Turns the scores into shares of their image's sum of exponentials.</summary>
    public void Softmax()
    {
        int each = Scores.Length / _features.N;
        for (int start = 0; start < Scores.Length; start += each)
        {
            Span<double> row = Scores.AsSpan(start, each);
            double max = row[0], sum = 0;
            foreach (double score in row)
            {
                max = Math.Max(max, score);
            }

            foreach (ref double score in row)
            {
                sum += score = Math.Exp(score - max);
            }

            foreach (ref double score in row)
            {
                score /= sum;
            }
        }
    }

    /// <summary>The scores as channel weights [N, 1, 1, K]; channels that are not in the series weigh 0.</summary>
    public Tensor Upload(CamContext context)
    {
        float[] weights = new float[_features.N * _features.C];
        for (int i = 0; i < Scores.Length; i++)
        {
            weights[(_images[i] * _features.C) + _channels[i]] = (float)Scores[i];
        }

        return context.Upload("weights", Shape.Matrix(_features.N, _features.C), weights);
    }

    /// <summary>Per image the channels that vary most, in ascending order.</summary>
    private static int[][] Varied(CamContext context, Tensor features, int top)
    {
        Shape shape = features.Shape;
        Tensor means = context.Memory("channel means", Shape.Matrix(shape.N, shape.C));
        Tensor squares = context.Memory("centred features", shape);
        GlobalAveragePool.Forward(features, means);
        ChannelShift.Forward(features, means, squares);
        ChannelScale.Forward(squares, squares, squares);
        GlobalAveragePool.Forward(squares, means);
        float[] variances = means.ToArray();
        return [.. Enumerable.Range(0, shape.N).Select(n => (int[])[.. Enumerable.Range(0, shape.C)
            .OrderByDescending(k => variances[(n * shape.C) + k]).Take(top).Order()])];
    }
}
