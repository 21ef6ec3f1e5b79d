using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Each rank takes its images as one shard, with all its threads, and the library of the ranks adds up, bucket by bucket, while the
/// backward pass goes on. A host's gradients are summed where they lie; those of a GPU in page-locked memory, or where they lie if the
/// library reads that.
/// </summary>
internal sealed class FastGradient(Execution execution, Sharding sharding, int bucketFloats)
    : ShardedGradient(execution, sharding, 2 * new StepNotes(sharding).Words, bucketFloats)
{
    private ShardLane? _lane;
    private StagingBuffer? _staging;
    private bool[] _ready = [];
    private ICollective[] _sums = [];
    private int _begun;

    private int LastBucket => Layout.Buckets.Count - 1;

    protected override void Build()
    {
        _lane = new ShardLane(Execution, Layout, Sum, 1, Ready);
        _staging = IsHost ? null : Execution.Device.CreateStaging(Layout.Floats);
        (_ready, _sums) = (new bool[Layout.Buckets.Count], new ICollective[Layout.Buckets.Count]);
    }

    protected override void Free()
    {
        _lane?.Dispose();
        _staging?.Dispose();
    }

    protected override void Add(Tensor x, DeviceBuffer<int> labels, IReadOnlyList<BatchPart> parts)
    {
        Array.Clear(_ready);
        _begun = 0;
        _lane!.Compute(x, 0, labels, parts[0]);
        Begin();
        for (int bucket = 0; bucket < _sums.Length; bucket++)
        {
            _sums[bucket].Wait();
            RankStretch stretch = Layout.Buckets[bucket];
            if (_staging is not null && !Direct(stretch, out _))
            {
                _staging.Upload(stretch.First, Sum.Part(stretch));
            }
        }

        _staging?.Finish();
        Notes.ReadSums(Sum.Notes.ToArray());
    }

    protected override int AreaOf(Node node) => _lane!.AreaOf(node);

    private void Ready(ShardLane lane, int bucket)
    {
        _staging?.Mark(bucket);
        _ready[bucket] = true;
        if (_staging is null)
        {
            Begin();
        }
    }

    /// <summary>Begins sums of what is ready, in the order of the buckets.</summary>
    private void Begin()
    {
        for (; _begun < _ready.Length && _ready[_begun]; _begun++)
        {
            RankStretch stretch = Layout.Buckets[_begun];
            if (_begun == LastBucket)
            {
                WriteNotes();
            }

            _sums[_begun] = Sharding.Ranks.BeginSum(Gradients(_begun, stretch), stretch.Count);
        }
    }

    /// <summary>Where the floats of a bucket lie for the library, once they are there.</summary>
    private unsafe nint Gradients(int bucket, RankStretch stretch)
    {
        if (_staging is null)
        {
            return (nint)(Sum.Whole.HostPointer + stretch.First);
        }

        _staging.Await(bucket);
        if (Direct(stretch, out nint address))
        {
            return address;
        }

        _staging.Download(Sum.Part(stretch), stretch.First);
        return _staging.Address + ((nint)stretch.First * sizeof(float));
    }

    private bool Direct(RankStretch stretch, out nint address)
    {
        address = Sharding.Ranks.TakesDeviceMemory ? _staging!.CudaAddress(Sum.Part(stretch)) : 0;
        return address != 0;
    }

    private void WriteNotes()
    {
        Notes.Note(Sharding.Ranks.Rank, _lane!.Journal.Read().SingleOrDefault());
        float[] floats = new float[Sum.Notes.Count];
        Notes.WriteSummable(floats);
        Sum.Notes.CopyFrom(floats);
    }
}
