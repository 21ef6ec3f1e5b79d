namespace GpuCam.Kernels.Simd;

/// <summary>Training step and inference of the reference network on the host, whatever the vector width.</summary>
internal unsafe interface ILeNetEngine : IDisposable
{
    LeNetShape Shape { get; }

    /// <summary>Features are this times the sum over a channel's pooled cells; 1 / cells at first, which is global average
    /// pooling.</summary>
    float FeatureScale { get; set; }

    /// <summary>Whether tiles that see only black are taken from a black image (exact) instead of being computed.</summary>
    bool SkipBlank { get; set; }

    /// <summary>Transforms the weights; needed before <see cref="Infer"/> whenever they have changed.</summary>
    void Prepare(LeNetTensors weights, bool training);

    /// <summary>
    /// Forward and backward over images [count, H, W, ic]: overwrites all gradients (of the losses times weight), and per image its loss
    /// and predicted class. <see cref="Prepare"/> is part of it.
    /// </summary>
    void Train(float* images, int* labels, int count, float weight, LeNetTensors weights, LeNetTensors gradients, Span<float> losses,
        Span<int> predictions);

    /// <summary>The same shard by shard, see <see cref="FusedLeNet.TrainShards"/>.</summary>
    void TrainShards(float* images, int* labels, float weight, LeNetTensors weights, IReadOnlyList<(int First, int Count)> shards,
        IReadOnlyList<LeNetShard> memory, Span<float> losses, Span<int> predictions, Action<int, int> done);

    /// <summary>Adds to gradients what black tiles' gradients [kinds, Channels2] stand for, with the weights of the last
    /// <see cref="TrainShards"/>.</summary>
    void AddBlank(float* blank, LeNetTensors gradients);

    /// <summary>Says where weights lie that equal those of the last <see cref="Prepare"/>.</summary>
    void Use(LeNetTensors weights);

    /// <summary>
    /// Logits [count, classes] and, unless maps is null, feature maps [count, Rows2, Columns2, Channels2]. Fewer images than threads
    /// are each divided among the threads.
    /// </summary>
    void Infer(float* images, int count, float* maps, float* logits);
}

/// <summary>Makes the engine for a vector width.</summary>
internal static class LeNetEngine
{
    /// <param name="shape">A supported shape.</param>
    /// <param name="team">The threads to use.</param>
    /// <param name="bits">512, 256 or 128; see <see cref="SimdWidth"/>.</param>
    public static ILeNetEngine Create(LeNetShape shape, HostThreads team, int bits)
    {
        if (!shape.IsSupported)
        {
            throw new GpuCamException($"the vectorised network takes channels in multiples of 32 and images from 6x6, not {shape}");
        }

        return bits switch
        {
            512 => new LeNetEngine<V512>(shape, team),
            256 => new LeNetEngine<V256>(shape, team),
            _ => new LeNetEngine<V128>(shape, team),
        };
    }
}
