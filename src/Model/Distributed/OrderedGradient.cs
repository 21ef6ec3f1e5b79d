using GpuCam.Kernels;
using GpuCam.Kernels.Simd;

namespace GpuCam.Model;

/// <summary>
/// Shard by shard: on a host each thread is a lane, elsewhere the device itself is the only one. The reference network, where the host has
/// an op for all of it, needs no lanes: the op gives each of its threads whole shards, and makes of the weights once what they all read.
/// </summary>
internal sealed class OrderedGradient(Execution execution, Sharding sharding, int bucketFloats)
    : ShardedGradient(execution, sharding, 0, bucketFloats)
{
    private readonly List<ShardLane> _lanes = [];
    private readonly List<GradientVector> _threads = [];
    private readonly List<DeviceBuffer<int>> _labels = [];
    private HostDevice? _host;
    private OrderedSum? _sum;
    private int[] _hostLabels = [];

    private int Threads => ((HostDevice)Execution.Device).Threads.Count;

    protected override void Build()
    {
        _host = Execution.Device is HostDevice like ? new HostDevice(like.Backend, 1, like.VectorBits) : new HostDevice(Backend.Simd, 1);
        _sum = new OrderedSum(Sharding, Layout, Sum, IsHost ? _host : Execution.Device, _host, Notes);
    }

    protected override void Free()
    {
        _lanes.ForEach(lane => lane.Dispose());
        _threads.ForEach(vector => vector.Dispose());
        _labels.ForEach(labels => labels.Dispose());
        _lanes.Clear();
        _threads.Clear();
        _labels.Clear();
        _sum?.Dispose();
        _host?.Dispose();
    }

    protected override void Add(Tensor x, DeviceBuffer<int> labels, IReadOnlyList<BatchPart> parts)
    {
        if (Execution.Whole is { } whole && whole.Takes(x.Shape) && labels is HostBuffer<int> classes)
        {
            AddWhole(whole, x, classes.Span[..x.Shape.N], parts);
            return;
        }

        MakeLanes(parts.Count);
        TakeLabels(labels, parts);
        int first = parts[0].First;
        if (_lanes.Count == 1)
        {
            // Room for the losses of all shards, before there are any.
            _lanes[0].Journal.NextLosses(Math.Max(1, parts.Max(part => part.Count)));
            for (int i = 0; i < parts.Count; i++)
            {
                _lanes[0].Compute(x, parts[i].First - first, _labels[i], parts[i]);
            }

            NoteAll(parts);
        }
        else
        {
            int next = -1;
            ((HostDevice)Execution.Device).Threads.Run(member =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < parts.Count;)
                {
                    _lanes[member].Compute(x, parts[i].First - first, _labels[i], parts[i]);
                }
            });
        }

        _sum!.Finish();
    }

    protected override int AreaOf(Node node) => _lanes[0].AreaOf(node);

    /// <summary>The reference network as one op: its threads are the lanes.</summary>
    private void AddWhole(WholeLeNet whole, Tensor x, ReadOnlySpan<int> labels, IReadOnlyList<BatchPart> parts)
    {
        while (_threads.Count < Threads)
        {
            _threads.Add(new GradientVector(_host!, Layout));
        }

        float[] losses = new float[x.Shape.N];
        int[] predictions = new int[x.Shape.N], classes = labels.ToArray();
        int first = parts[0].First;
        whole.TrainShards(
            x, classes, [.. parts.Select(part => (part.First - first, part.Count))],
            [.. _threads.Select(vector => new LeNetShard(WholeLeNet.Collect(vector.Gradients), vector.Blank))], losses, predictions,
            parts[0].Batch, (thread, i) =>
            {
                BatchPart part = parts[i];
                int from = part.First - first, correct = 0;
                for (int n = from; n < from + part.Count; n++)
                {
                    correct += predictions[n] == classes[n] ? 1 : 0;
                }

                double sum = StepJournal.Sum(losses.AsSpan(from, part.Count));
                Tell(_threads[thread], part.Shard, new StepResult(sum, correct, part.Count));
            });
        _sum!.Finish();
        whole.AddBlank(x.Shape, Sum.Blank);
    }

    private void Tell(GradientVector vector, int shard, StepResult seen)
    {
        Notes.Note(shard, seen);
        for (int bucket = 0; bucket < Layout.Buckets.Count; bucket++)
        {
            _sum!.Add(shard, bucket, vector);
        }
    }

    private void MakeLanes(int parts)
    {
        if (_lanes.Count == 0 && (!IsHost || Threads == 1))
        {
            _lanes.Add(new ShardLane(Execution, Layout, Sum, parts, Ready));
        }

        while (IsHost && _lanes.Count < Threads)
        {
            var like = (HostDevice)Execution.Device;
            _lanes.Add(new ShardLane(Execution, new HostDevice(like.Backend, 1, like.VectorBits), Layout, Ready));
        }
    }

    /// <summary>The labels of each shard by themselves.</summary>
    private void TakeLabels(DeviceBuffer<int> labels, IReadOnlyList<BatchPart> parts)
    {
        int images = parts.Sum(part => part.Count), at = 0;
        _hostLabels = _hostLabels.Length < images ? new int[images] : _hostLabels;
        labels.CopyTo(_hostLabels.AsSpan(0, images));
        for (int i = 0; i < parts.Count; i++)
        {
            if (i == _labels.Count)
            {
                _labels.Add(Execution.Device.Allocate<int>(Math.Max(1, parts[i].Count)));
            }

            if (_labels[i].Length < parts[i].Count)
            {
                _labels[i].Dispose();
                _labels[i] = Execution.Device.Allocate<int>(parts[i].Count);
            }

            _labels[i].CopyFrom(_hostLabels.AsSpan(at, parts[i].Count));
            at += parts[i].Count;
        }
    }

    private void Ready(ShardLane lane, int bucket)
    {
        // Where launches have ended when they return, the loss is known: it travels with the last bucket.
        if (IsHost && bucket == Layout.Buckets.Count - 1)
        {
            Notes.Note(lane.Part.Shard, lane.Journal.Read().SingleOrDefault());
        }

        _sum!.Add(lane.Part.Shard, bucket, lane.Vector);
    }

    /// <summary>Elsewhere losses are read when all shards are launched, and nothing was sent yet.</summary>
    private void NoteAll(IReadOnlyList<BatchPart> parts)
    {
        if (!IsHost)
        {
            StepResult[] seen = _lanes[0].Journal.Read();
            int next = 0;
            foreach (BatchPart part in parts.Where(part => part.Count > 0))
            {
                Notes.Note(part.Shard, seen[next++]);
            }
        }
    }
}
