using System.Runtime.InteropServices;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// What a rank sends to the others of a bucket, and what it gets: to each its slice of every sum that the sender has, one behind the
/// other, and in the last bucket the sender's notes.
/// </summary>
internal sealed unsafe class BucketMail : IDisposable
{
    private readonly HostDevice _host;
    private readonly Sharding _sharding;
    private readonly RankStretch _bucket;
    private readonly ShardNode[][] _ends;
    private readonly StepNotes? _notes;
    private readonly RankStretch[] _to, _from;
    private readonly HostBuffer<float> _sent, _received;

    /// <summary>Memory for a bucket.</summary>
    /// <param name="host">Where.</param>
    /// <param name="sharding">The ranks.</param>
    /// <param name="bucket">Which floats.</param>
    /// <param name="ends">The sums that each rank has.</param>
    /// <param name="notes">What goes along; null for nothing.</param>
    public BucketMail(HostDevice host, Sharding sharding, RankStretch bucket, ShardNode[][] ends, StepNotes? notes)
    {
        (_host, _sharding, _bucket, _ends, _notes) = (host, sharding, bucket, ends, notes);
        ICommunicator ranks = sharding.Ranks;
        (_to, _from) = (new RankStretch[ranks.Size], new RankStretch[ranks.Size]);
        int sent = 0, received = 0;
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            _to[rank] = new RankStretch(sent, (ends[ranks.Rank].Length * Slice(rank).Count) + WordsOf(ranks.Rank));
            _from[rank] = new RankStretch(received, (ends[rank].Length * Slice(ranks.Rank).Count) + WordsOf(rank));
            (sent, received) = (checked(sent + _to[rank].Count), checked(received + _from[rank].Count));
        }

        _sent = (HostBuffer<float>)host.Allocate<float>(Math.Max(1, sent));
        _received = (HostBuffer<float>)host.Allocate<float>(Math.Max(1, received));
    }

    /// <summary>Takes this rank's sums of the bucket.</summary>
    public void Pack(float*[] sums)
    {
        for (int rank = 0; rank < _to.Length; rank++)
        {
            RankStretch slice = Slice(rank);
            Span<float> to = _sent.Span.Slice(_to[rank].First, _to[rank].Count);
            foreach (float* sum in sums)
            {
                new ReadOnlySpan<float>(sum + (slice.First - _bucket.First), slice.Count).CopyTo(to);
                to = to[slice.Count..];
            }

            if (_notes is not null)
            {
                MemoryMarshal.Cast<int, float>(_notes.Of(_sharding.Ranks.Rank)).CopyTo(to);
            }
        }
    }

    /// <summary>Sends it, and takes what comes.</summary>
    public ICollective Exchange() =>
        _sharding.Ranks.BeginExchange((nint)_sent.Pointer, _to, (nint)_received.Pointer, _from);

    /// <summary>Adds up what has come.</summary>
    public void Sum(Span<float> sum)
    {
        using var tree = new ShardSum(_sharding.Shards, [ShardNode.Root(_sharding.Shards)], sum.Length, _host, keeps: false);
        for (int rank = 0; rank < _from.Length; rank++)
        {
            int at = _from[rank].First;
            foreach (ShardNode end in _ends[rank])
            {
                var part = new Tensor(_received, at, "sum of a rank's shards", Shape.Vector(sum.Length));
                if (sum.Length > 0 && tree.Add(end, part) == 0)
                {
                    part.CopyTo(sum);
                }

                at += sum.Length;
            }

            if (_notes is not null)
            {
                MemoryMarshal.Cast<float, int>(_received.Span.Slice(at, WordsOf(rank))).CopyTo(_notes.Of(rank));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sent.Dispose();
        _received.Dispose();
    }

    private RankStretch Slice(int rank) => GradientLayout.SliceOf(_bucket, rank, _sharding.Ranks.Size);

    private int WordsOf(int rank) => _notes?.Of(rank).Length ?? 0;
}
