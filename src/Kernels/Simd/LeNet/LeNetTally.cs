namespace GpuCam.Kernels.Simd;

/// <summary>
/// One thread's share of what a step sums up, beside the large planes of the second convolution's weight:
/// <code>
/// gradients      conv1 weight and bias, conv2 bias, classifier weight and bias    this thread's images
/// sums, counts   [Channels2]            of the image at hand, see WinogradPool
/// features, gradient [Channels2], logits [Classes]                                see LeNetHead
/// kindGradient   [kinds, Channels2]     gradients of all blank tiles, by kind
/// </code>
/// </summary>
internal sealed unsafe class LeNetTally : IDisposable
{
    private readonly AlignedBuffer<float> _memory;
    private readonly int _total;

    public LeNetTally(LeNetPlan plan)
    {
        LeNetShape shape = plan.Shape;
        int[] sizes =
        [
            25 * shape.InChannels * shape.Channels1, shape.Channels1, shape.Channels2, shape.Channels2 * shape.Classes, shape.Classes,
            plan.Representatives.Length * shape.Channels2, shape.Channels2, shape.Channels2, shape.Channels2, shape.Channels2,
            shape.Classes,
        ];
        int[] offsets = new int[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            offsets[i] = _total;
            _total += (sizes[i] + 15) / 16 * 16;
        }

        _memory = new AlignedBuffer<float>(_total);
        float* start = _memory.Start;
        Gradients = new LeNetTensors(
            start + offsets[0], start + offsets[1], null, start + offsets[2], start + offsets[3], start + offsets[4]);
        KindGradient = start + offsets[5];
        KindGradients = sizes[5];
        Sums = start + offsets[6];
        Counts = start + offsets[7];
        Features = start + offsets[8];
        Gradient = start + offsets[9];
        Logits = start + offsets[10];
    }

    public LeNetTensors Gradients { get; }

    public float* KindGradient { get; }

    /// <summary>Floats there.</summary>
    public int KindGradients { get; }

    public float* Sums { get; }

    public float* Counts { get; }

    public float* Features { get; }

    public float* Gradient { get; }

    public float* Logits { get; }

    public void Clear() => _memory.Clear();

    public void Dispose() => _memory.Dispose();
}
