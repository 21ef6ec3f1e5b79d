using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Vectors of all shards of all ranks, added by the tree of the shards, bucket by bucket. A rank adds up what it has; of each bucket a
/// slice is every rank's own: all send it their part of that, it ends the tree, and sends the sum to all. So about as much travels as when
/// a library adds up, and half of it while other buckets are still being computed.
/// </summary>
/// <remarks>
/// The ranks exchange bucket 0, then 1; then sums of 0 are spread, 2 is exchanged, sums of 1 are spread, and so on: the same order on all,
/// whatever is ready first.
/// </remarks>
internal sealed unsafe class OrderedSum : IDisposable
{
    /// <summary>Buckets that are exchanged while the sums of the one before them are awaited.</summary>
    private const int Ahead = 1;

    private readonly Sharding _sharding;
    private readonly GradientLayout _layout;
    private readonly GradientVector _sum;
    private readonly StepNotes _notes;
    private readonly HostDevice _host;
    private readonly StagingBuffer? _staging;
    private readonly ShardNode[][] _ends;
    private readonly Bucket[] _buckets;
    private readonly Lock _gate = new();
    private int _begun, _finished;

    /// <summary>A sum.</summary>
    /// <param name="sharding">Who takes part.</param>
    /// <param name="layout">Of the vectors.</param>
    /// <param name="sum">Where the sum goes.</param>
    /// <param name="device">Where vectors of shards lie.</param>
    /// <param name="host">A host of one thread, for what comes from others; the same where vectors lie on a host.</param>
    /// <param name="notes">Travel with the last bucket.</param>
    public OrderedSum(
        Sharding sharding, GradientLayout layout, GradientVector sum, IDevice device, HostDevice host, StepNotes notes)
    {
        (_sharding, _layout, _sum, _host, _notes) = (sharding, layout, sum, host, notes);
        ICommunicator ranks = sharding.Ranks;
        _ends =
        [
            .. Enumerable.Range(0, ranks.Size).Select(
                rank => ShardNode.Cover(sharding.FirstShardOf(rank), sharding.FirstShardOf(rank + 1), sharding.Shards)),
        ];
        ShardNode[] own = _ends[ranks.Rank];
        _buckets = [.. layout.Buckets.Select(bucket => new Bucket(new ShardSum(sharding.Shards, own, bucket.Count, device), own.Length))];
        if (device != host && ranks.Size > 1)
        {
            _staging = device.CreateStaging(checked(layout.Floats * (1 + own.Length)));
        }
    }

    private ICommunicator Ranks => _sharding.Ranks;

    /// <summary>Adds a bucket of a shard's vector, which may be overwritten then; on any thread.</summary>
    public void Add(int shard, int bucket, GradientVector vector)
    {
        Tensor part = vector.Part(_layout.Buckets[bucket]);
        Bucket to = _buckets[bucket];
        int end = to.Sum.Add(new ShardNode(0, shard), part);
        if (end < 0)
        {
            return;
        }

        to.Ends[end] = to.Sum.Keep(part);
        if (Interlocked.Decrement(ref to.Left) == 0)
        {
            _staging?.Mark(bucket);
            to.IsReady = true;
            if (_staging is null)
            {
                Advance();
            }
        }
    }

    /// <summary>Once all shards are added, waits for the sum of all ranks.</summary>
    public void Finish()
    {
        Advance();
        while (_finished < _buckets.Length)
        {
            Spread(_finished++);
        }

        for (int bucket = 0; bucket < _buckets.Length; bucket++)
        {
            Bucket of = _buckets[bucket];
            of.Gather?.Wait();
            if (_staging is not null)
            {
                RankStretch stretch = _layout.Buckets[bucket];
                _staging.Upload(stretch.First, _sum.Part(stretch));
            }

            (of.Left, of.IsReady) = (of.Ends.Length, false);
        }

        _staging?.Finish();
        (_begun, _finished) = (0, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Bucket bucket in _buckets)
        {
            bucket.Sum.Dispose();
            bucket.Mail?.Dispose();
        }

        _staging?.Dispose();
    }

    /// <summary>
    /// Sends what is ready. Whoever comes while another thread does goes on computing: what it has made ready is sent by that one, or when
    /// the next is ready.
    /// </summary>
    private void Advance()
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            while (_begun < _buckets.Length && _buckets[_begun].IsReady)
            {
                Exchange(_begun++);
                if (_begun - _finished > Ahead)
                {
                    Spread(_finished++);
                }
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Exchange(int number)
    {
        Bucket bucket = _buckets[number];
        if (Ranks.Size == 1)
        {
            return;
        }

        bool last = number == _buckets.Length - 1;
        bucket.Mail ??= new BucketMail(_host, _sharding, _layout.Buckets[number], _ends, last ? _notes : null);
        _staging?.Await(number);
        float*[] ends = new float*[bucket.Ends.Length];
        for (int end = 0; end < ends.Length; end++)
        {
            Tensor tensor = bucket.Ends[end]!;
            if (_staging is null)
            {
                ends[end] = tensor.HostPointer;
            }
            else
            {
                int place = (_layout.Floats * (1 + end)) + _layout.Buckets[number].First;
                _staging.Download(tensor, place);
                ends[end] = (float*)_staging.Address + place;
            }
        }

        bucket.Mail.Pack(ends);
        bucket.FreeEnds();
        bucket.Exchange = bucket.Mail.Exchange();
    }

    /// <summary>Ends the tree for this rank's slice, and begins to spread it.</summary>
    private void Spread(int number)
    {
        Bucket bucket = _buckets[number];
        RankStretch stretch = _layout.Buckets[number];
        if (Ranks.Size == 1)
        {
            ShardSum.Copy(bucket.Ends[0]!, _sum.Part(stretch));
            bucket.FreeEnds();
            return;
        }

        bucket.Exchange!.Wait();
        float* sums = _staging is null ? _sum.Whole.HostPointer : (float*)_staging.Address;
        RankStretch[] slices =
            [.. Enumerable.Range(0, Ranks.Size).Select(rank => GradientLayout.SliceOf(stretch, rank, Ranks.Size))];
        RankStretch own = slices[Ranks.Rank];
        bucket.Mail!.Sum(new Span<float>(sums + own.First, own.Count));
        bucket.Gather = Ranks.BeginGather((nint)sums, slices);
    }

    /// <summary>What becomes of a bucket in a step.</summary>
    private sealed class Bucket(ShardSum sum, int ends)
    {
        public int Left = ends;
        public volatile bool IsReady;

        public ShardSum Sum { get; } = sum;

        public Tensor?[] Ends { get; } = new Tensor?[ends];

        public BucketMail? Mail { get; set; }

        public ICollective? Exchange { get; set; }

        public ICollective? Gather { get; set; }

        public void FreeEnds()
        {
            for (int end = 0; end < Ends.Length; end++)
            {
                Sum.Free(Ends[end]!);
                Ends[end] = null;
            }
        }
    }
}
