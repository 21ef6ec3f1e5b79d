using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The whole network, image by image: behind global average pooling the gradient of an image's logits depends on that image
/// alone, so one thread takes it forward and straight back while all of it lies in its L2 cache. Threads meet only to
/// transform the weights before and to add up gradients, in thread order, after: one seed and thread count, same bits.
/// </summary>
/// <remarks>
/// With <see cref="SkipBlank"/>, tiles that see only black are not computed: they hold what the same tile of a black image
/// holds (made once per step, one tile of each kind), and in the backward pass, linear in the gradient, all of them together
/// are one black image with summed gradients.
/// </remarks>
internal sealed unsafe partial class LeNetEngine<TV> : ILeNetEngine
    where TV : unmanaged, IVector<TV>
{
    private readonly LeNetPlan _plan;
    private readonly LeNetShape _shape;
    private readonly HostThreads _team;
    private readonly LeNetWorker<TV>[] _workers;
    private readonly LeNetTally[] _tallies;
    private readonly AlignedBuffer<float> _planes;
    private readonly AlignedBuffer<float> _turned;
    private readonly LeNetBlank<TV> _blank;
    private AlignedBuffer<float>? _cells;
    private LeNetTensors _weights;

    public LeNetEngine(LeNetShape shape, HostThreads team)
    {
        (_shape, _plan, _team) = (shape, new LeNetPlan(shape), team);
        _workers = [.. Enumerable.Range(0, team.Count).Select(_ => new LeNetWorker<TV>(_plan))];
        _tallies = [.. Enumerable.Range(0, team.Count).Select(_ => new LeNetTally(_plan))];
        _planes = new AlignedBuffer<float>((long)Winograd.Planes * shape.Channels1 * shape.Channels2);
        _turned = new AlignedBuffer<float>((long)Winograd.Planes * shape.Channels1 * shape.Channels2);
        _blank = new LeNetBlank<TV>(_plan);
        FeatureScale = 1f / (shape.Rows2 * shape.Columns2);
    }

    public LeNetShape Shape => _shape;

    public float FeatureScale { get; set; }

    public bool SkipBlank { get; set; } = true;

    public void Use(LeNetTensors weights) => _weights = weights;

    public void Prepare(LeNetTensors weights, bool training)
    {
        _weights = weights;
        int inputs = _shape.Channels1, outputs = _shape.Channels2;
        _team.Run(member =>
        {
            (int from, int to) = Share(inputs, member);
            WinogradWeights.Transform<TV>(weights.Conv2Weight, inputs, outputs, from, to, _planes.Start);
        });
        _team.Run(member =>
        {
            (int from, int to) = Share(Winograd.Planes, member);
            if (training)
            {
                WinogradWeights.Turn(_planes.Start, inputs, outputs, from, to, _turned.Start);
            }

            if (member == _team.Count - 1 && SkipBlank)
            {
                _blank.Forward(_workers[member], _planes.Start, weights);
            }
        });
    }

    public void Train(
        float* images, int* labels, int count, float weight, LeNetTensors weights, LeNetTensors gradients, Span<float> losses,
        Span<int> predictions)
    {
        Prepare(weights, training: true);
        if (SkipBlank)
        {
            _blank.Look(images, count, _team);
        }

        int[][] order = _blank.Deal(count, _team.Count, SkipBlank);
        fixed (float* loss = losses)
        fixed (int* prediction = predictions)
        {
            // Pinned for the length of the call; lambdas cannot capture the pointers of a fixed statement themselves.
            nint lossAt = (nint)loss, predictionAt = (nint)prediction;
            _team.Run(member =>
            {
                TrainShare(member, order[member], images, labels, weight, (float*)lossAt, (int*)predictionAt);
                if (SkipBlank)
                {
                    _blank.Backward(_workers[member], _turned.Start, _weights, _tallies[member]);
                }
            });
        }

        _team.Run(member =>
        {
            (int from, int to) = Share(_shape.Channels1, member);
            LeNetSum.Conv2Weight(_workers, _shape, from, to, gradients.Conv2Weight);
            if (member == 0)
            {
                LeNetSum.Others<TV>(_tallies, _shape, gradients);
            }
        });
    }

    public void Infer(float* images, int count, float* maps, float* logits)
    {
        long mapSize = _shape.MapSize;
        if (count < _team.Count)
        {
            for (int n = 0; n < count; n++)
            {
                InferTogether(
                    images + ((long)n * _shape.ImageSize), maps == null ? null : maps + (n * mapSize), logits + (n * _shape.Classes));
            }

            return;
        }

        if (SkipBlank)
        {
            _blank.Look(images, count, _team);
        }

        int[][] order = _blank.Deal(count, _team.Count, SkipBlank);
        _team.Run(member =>
        {
            foreach (int n in order[member])
            {
                LeNetTally tally = _tallies[member];
                Forward(member, images + ((long)n * _shape.ImageSize), n, maps == null ? null : maps + (n * mapSize), training: false);
                LeNetHead.Logits(_weights, _shape, FeatureScale, tally.Sums, tally.Features, logits + (n * _shape.Classes));
            }
        });
    }

    public void Dispose()
    {
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i].Dispose();
            _tallies[i].Dispose();
        }

        _planes.Dispose();
        _turned.Dispose();
        _blank.Dispose();
        _blankWeight?.Dispose();
        _cells?.Dispose();
    }

    private (int From, int To) Share(int total, int member) =>
        ((int)((long)total * member / _team.Count), (int)((long)total * (member + 1) / _team.Count));

    private void TrainShare(int member, ReadOnlySpan<int> share, float* images, int* labels, float weight, float* losses, int* predictions)
    {
        (LeNetWorker<TV>? worker, LeNetTally? tally) = (_workers[member], _tallies[member]);
        int channels = _shape.Channels2, classes = _shape.Classes;
        tally.Clear();
        worker.DPlanes.Clear();
        foreach (int n in share)
        {
            ReadOnlySpan<int> tiles = Forward(member, images + ((long)n * _shape.ImageSize), n, null, training: true);
            LeNetHead.Logits(_weights, _shape, FeatureScale, tally.Sums, tally.Features, tally.Logits);
            predictions[n] = LeNetHead.Best(tally.Logits, classes);
            losses[n] = LeNetHead.LossAndGradient(tally.Logits, classes, labels[n], weight);
            LeNetHead.Backward(_weights, tally.Gradients, _shape, FeatureScale, tally.Features, tally.Logits, tally.Gradient);
            Elementwise.AddProduct<TV>(tally.Gradient, tally.Counts, tally.Gradients.Conv2Bias, channels);

            worker.BeginBackward();
            worker.BackwardTiles(_turned.Start, tiles, worker.Codes2.Start, tally.Gradient, 0);
            worker.BackwardFirst(SkipBlank ? _blank.Mask(n) : null, tally.Gradients);
            if (SkipBlank)
            {
                _blank.AddGradient(n, tally);
            }
        }
    }

    /// <summary>From the image to the member's sums (and codes and counts); returns the tiles that were computed.</summary>
    private ReadOnlySpan<int> Forward(int member, float* image, int n, float* maps, bool training)
    {
        (LeNetWorker<TV>? worker, LeNetTally? tally) = (_workers[member], _tallies[member]);
        ReadOnlySpan<int> tiles = SkipBlank ? _blank.Tiles(n) : _plan.AllTiles;
        Unsafe.InitBlock(tally.Sums, 0, (uint)(_shape.Channels2 * sizeof(float)));
        Unsafe.InitBlock(tally.Counts, 0, (uint)(_shape.Channels2 * sizeof(float)));
        worker.Take(image);
        worker.ForwardFirst(_weights, 0, _shape.Rows1, SkipBlank ? _blank.Mask(n) : null, worker.Middle.Start, training);
        worker.ForwardTiles(
            _planes.Start, _weights, worker.Middle.Start, tiles, training ? worker.Codes2.Start : null, maps,
            tally.Sums, training ? tally.Counts : null, 0);
        if (SkipBlank)
        {
            _blank.AddSums(n, tally);
            if (maps != null)
            {
                _blank.FillMaps(n, maps);
            }
        }

        return tiles;
    }

    /// <summary>One image over all threads, in bands, to the same bits as by one thread: for latency.</summary>
    private void InferTogether(float* image, float* maps, float* logits)
    {
        float* cells = maps == null ? (_cells ??= new AlignedBuffer<float>(_shape.MapSize)).Start : maps;
        if (SkipBlank)
        {
            _blank.Look(image, 1, _team);
        }

        float* middle = _workers[0].Middle.Start;
        _team.Run(member =>
        {
            (int from, int to) = Share(_shape.Rows1, member);
            _workers[member].Take(image);
            _workers[member].ForwardFirst(_weights, from, to, SkipBlank ? _blank.Mask(0) : null, middle, training: false);
        });
        _team.Run(member =>
        {
            LeNetTally tally = _tallies[member];
            tally.Clear();
            ReadOnlySpan<int> tiles = SkipBlank ? _blank.Tiles(0) : _plan.AllTiles;
            (int from, int to) = Share(tiles.Length, member);
            _workers[member].ForwardTiles(_planes.Start, _weights, middle, tiles[from..to], null, cells, tally.Sums, null, 0);
        });
        LeNetTally total = _tallies[0];
        total.Clear();
        _team.Run(member =>
        {
            (int from, int to) = Share(_shape.Channels2 / (2 * TV.Lanes), member);
            LeNetSum.Cells<Two<TV>>(_plan, SkipBlank ? _blank.Tiles(0) : _plan.AllTiles, cells, from, to, total.Sums);
        });
        if (SkipBlank)
        {
            _blank.AddSums(0, total);
            if (maps != null)
            {
                _blank.FillMaps(0, maps);
            }
        }

        LeNetHead.Logits(_weights, _shape, FeatureScale, total.Sums, total.Features, logits);
    }
}
