using GpuCam.Kernels;
using GpuCam.Kernels.Simd;

namespace GpuCam.Model;

/// <summary>
/// What a step sums over shards and ranks, as one vector, and how it is cut into the buckets that are sent:
/// <code>
/// notes | gradients, in the order of the nodes | statistics of batches | black tiles of the reference network
/// </code>
/// Backward passes come from the end, and so do buckets: the first one is the end of the vector. All ranks have the same.
/// </summary>
internal sealed class GradientLayout
{
    /// <summary>Floats from which on a bucket is full, if nothing else is said: 4 MiB.</summary>
    public const int UsualBucket = 1 << 20;

    /// <summary>Most floats of the last bucket, if it is more than one parameter: nothing is left to compute while it travels.</summary>
    private const int LastBucket = 1 << 16;

    private readonly Dictionary<GraphParameter, int> _bucketOf = new(ReferenceEqualityComparer.Instance);

    public GradientLayout(Execution execution, int notes, int bucketFloats)
    {
        TrainingState state = execution.State;
        // The op for the whole network writes all gradients, frozen or not.
        List<Parameter> trained = [.. execution.Whole is null ? execution.Trained : execution.Parameters];
        List<Parameter> all = [.. execution.Parameters];
        Places = [.. trained.Select(parameter => all.IndexOf(parameter))];
        Measured = [.. state.Modal.Where(node => node.Statistics.Count > 0)];
        Shape blank = execution.Whole is null
            ? Shape.Vector(0)
            : Shape.Matrix(FusedLeNet.BlankKinds, execution.Parameters[3].Shape.C);
        Shapes =
        [
            Shape.Vector(notes), .. trained.Select(parameter => parameter.Shape),
            .. Measured.SelectMany(node => node.Statistics.Select(statistic => statistic.Shape)), blank,
        ];
        using var memory = new TensorStretch(execution.Device, Shapes);
        Floats = memory.Length;
        Buckets = Cut([.. Enumerable.Range(1, trained.Count).Select(memory.OffsetOf)], bucketFloats);
        int[] incidences = new int[Buckets.Count];
        foreach (Node node in execution.Graph.Nodes.Where(node => node.IsTrained && !state.IsFrozen(node)))
        {
            foreach (GraphParameter parameter in node.Parameters.Where(parameter => parameter.IsTrained))
            {
                int place = trained.IndexOf(execution.ParameterOf(parameter));
                int bucket = _bucketOf[parameter] = BucketAt(memory.OffsetOf(1 + place));
                incidences[bucket]++;
            }
        }

        Incidences = incidences;
    }

    /// <summary>Floats of the vector.</summary>
    public int Floats { get; }

    /// <summary>What lies in it: the notes first.</summary>
    public IReadOnlyList<Shape> Shapes { get; }

    /// <summary>For each parameter in it, its place among <see cref="Execution.Parameters"/>.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>The nodes whose statistics are in it.</summary>
    public IReadOnlyList<Node> Measured { get; }

    /// <summary>Parts of the vector, in the order in which they leave.</summary>
    public IReadOnlyList<RankStretch> Buckets { get; }

    /// <summary>For each bucket, how often a node writes a parameter's gradient in it.</summary>
    public IReadOnlyList<int> Incidences { get; }

    /// <summary>The bucket of a parameter's gradient; -1 where it is not trained.</summary>
    public int BucketOf(GraphParameter parameter) => _bucketOf.GetValueOrDefault(parameter, -1);

    /// <summary>The part of a bucket whose sum a rank finds: whole cache lines.</summary>
    public static RankStretch SliceOf(RankStretch bucket, int rank, int ranks)
    {
        const int Line = 16;
        int lines = (bucket.Count + Line - 1) / Line;
        int first = (int)((long)lines * rank / ranks * Line), end = (int)((long)lines * (rank + 1) / ranks * Line);
        return new RankStretch(bucket.First + first, Math.Min(end, bucket.Count) - first);
    }

    private List<RankStretch> Cut(int[] offsets, int bucketFloats)
    {
        int last = 1, most = Math.Min(LastBucket, bucketFloats);
        while (last < offsets.Length && (last + 1 < offsets.Length ? offsets[last + 1] : Floats) <= most)
        {
            last++;
        }

        var buckets = new List<RankStretch>();
        int end = Floats;
        for (int i = offsets.Length - 1; i >= last; i--)
        {
            if (end - offsets[i] >= bucketFloats || i == last)
            {
                buckets.Add(new RankStretch(offsets[i], end - offsets[i]));
                end = offsets[i];
            }
        }

        buckets.Add(new RankStretch(0, end));
        return buckets;
    }

    private int BucketAt(int offset)
    {
        int bucket = 0;
        while (Buckets[bucket].First > offset)
        {
            bucket++;
        }

        return bucket;
    }
}
