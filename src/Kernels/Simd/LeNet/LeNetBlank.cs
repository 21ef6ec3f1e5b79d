namespace GpuCam.Kernels.Simd;

/// <summary>
/// The black image of a step and what of each image equals it:
/// <code>
/// masks   [image, Rows1, Columns1]           see Emptiness
/// tiles   [image, Tiles]                     the tiles to compute, counted in active[image]
/// idle    [image, kinds]                     how many tiles of each kind are left out
/// sums    [kinds, Channels2]                 of a black tile's pooled cells; counts likewise
/// codes, maps  [Rows2, Columns2, Channels2]  filled at one tile of each kind
/// </code>
/// </summary>
internal sealed unsafe class LeNetBlank<TV>(LeNetPlan plan) : IDisposable
    where TV : unmanaged, IVector<TV>
{
    /// <summary>What an image costs beside its tiles, in tiles: for dealing images out evenly.</summary>
    private const int BaseCost = 30;

    private readonly LeNetShape _shape = plan.Shape;
    private readonly int _kinds = plan.Representatives.Length;
    private readonly int _cells1 = plan.Shape.Rows1 * plan.Shape.Columns1;
    private readonly AlignedBuffer<float> _sums = new(plan.Representatives.Length * plan.Shape.Channels2);
    private readonly AlignedBuffer<float> _counts = new(plan.Representatives.Length * plan.Shape.Channels2);
    private readonly AlignedBuffer<float> _maps = new(plan.Shape.Rows2 * plan.Shape.Columns2 * plan.Shape.Channels2);
    private readonly AlignedBuffer<byte> _codes = new(plan.Shape.Rows2 * plan.Shape.Columns2 * plan.Shape.Channels2);
    private readonly AlignedBuffer<byte> _blackMask = new(plan.Shape.Rows1 * plan.Shape.Columns1);
    private AlignedBuffer<byte>? _scratch;
    private AlignedBuffer<byte>? _masks;
    private int[] _tiles = [];
    private int[] _active = [];
    private int[] _idle = [];

    /// <summary>The mask of image n; after <see cref="Look"/>.</summary>
    public byte* Mask(int n) => _masks!.Start + ((long)n * _cells1);

    /// <summary>The tiles of image n that are to be computed; after <see cref="Look"/>.</summary>
    public ReadOnlySpan<int> Tiles(int n) => new(_tiles, n * _shape.Tiles, _active[n]);

    /// <summary>Looks for black in every image.</summary>
    public void Look(float* images, int count, HostThreads team)
    {
        if (count > _active.Length)
        {
            _masks?.Dispose();
            _masks = new AlignedBuffer<byte>((long)count * _cells1);
            _tiles = new int[count * _shape.Tiles];
            _active = new int[count];
            _idle = new int[count * _kinds];
        }

        int scratchSize = Emptiness.ScratchSize(_shape);
        _scratch ??= new AlignedBuffer<byte>((long)team.Count * scratchSize);
        if (count == 1)
        {
            LookAt(images, 0, 1, _scratch.Start);
            return;
        }

        team.Run(member =>
        {
            int from = (int)((long)count * member / team.Count), to = (int)((long)count * (member + 1) / team.Count);
            LookAt(images, from, to, _scratch.Start + ((long)member * scratchSize));
        });
    }

    /// <summary>
    /// Which images each thread takes, from the images alone: the costliest first, each to whoever has least (or, without
    /// skipping, evenly in order).
    /// </summary>
    public int[][] Deal(int count, int members, bool skipping)
    {
        List<int>[] shares = Enumerable.Range(0, members).Select(_ => new List<int>()).ToArray();
        long[] load = new long[members];
        IEnumerable<int> order = Enumerable.Range(0, count);
        foreach (int n in skipping ? order.OrderByDescending(n => _active[n]) : order)
        {
            int least = Array.IndexOf(load, load.Min());
            load[least] += skipping ? BaseCost + _active[n] : 1;
            shares[least].Add(n);
        }

        return [.. shares.Select(share => share.ToArray())];
    }

    /// <summary>What these images cost, in tiles; after <see cref="Look"/>.</summary>
    public long Cost((int First, int Count) images)
    {
        long cost = 0;
        for (int n = images.First; n < images.First + images.Count; n++)
        {
            cost += BaseCost + _active[n];
        }

        return cost;
    }

    /// <summary>Makes the black image with these weights: one tile of each kind.</summary>
    public void Forward(LeNetWorker<TV> worker, float* planes, LeNetTensors weights)
    {
        _sums.Clear();
        _counts.Clear();
        worker.ForwardFirstBlank(weights);
        worker.ForwardTiles(
            planes, weights, worker.Middle.Start, plan.Representatives, _codes.Start, _maps.Start, _sums.Start, _counts.Start,
            _shape.Channels2);
    }

    /// <summary>Adds the tiles that were left out of image n to its sums and counts.</summary>
    public void AddSums(int n, LeNetTally tally)
    {
        for (int kind = 0; kind < _kinds; kind++)
        {
            float tiles = _idle[(n * _kinds) + kind];
            Elementwise.AddScaled<TV>(tiles, _sums.Start + (kind * _shape.Channels2), tally.Sums, _shape.Channels2);
            Elementwise.AddScaled<TV>(tiles, _counts.Start + (kind * _shape.Channels2), tally.Counts, _shape.Channels2);
        }
    }

    /// <summary>Writes the tiles that were left out of image n into its feature maps.</summary>
    public void FillMaps(int n, float* maps)
    {
        ReadOnlySpan<int> made = Tiles(n);
        int next = 0;
        foreach (int tile in plan.AllTiles)
        {
            if (next < made.Length && made[next] == tile)
            {
                next++;
                continue;
            }

            int model = plan.Representatives[plan.KindOf[tile]];
            for (int row = 0; row < plan.CellRows(tile); row++)
            {
                long length = (long)plan.CellColumns(tile) * _shape.Channels2 * sizeof(float);
                long below = (long)row * _shape.Columns2 * _shape.Channels2;
                Buffer.MemoryCopy(
                    _maps.Start + (plan.FirstCell(model) * _shape.Channels2) + below,
                    maps + (plan.FirstCell(tile) * _shape.Channels2) + below, length, length);
            }
        }
    }

    /// <summary>Remembers the gradient of the tiles that were left out of image n.</summary>
    public void AddGradient(int n, LeNetTally tally)
    {
        for (int kind = 0; kind < _kinds; kind++)
        {
            Elementwise.AddScaled<TV>(
                _idle[(n * _kinds) + kind], tally.Gradient, tally.KindGradient + (kind * _shape.Channels2), _shape.Channels2);
        }
    }

    /// <summary>The backward pass of all tiles that were left out of one thread's images.</summary>
    public void Backward(LeNetWorker<TV> worker, float* turned, LeNetTensors weights, LeNetTally tally)
    {
        worker.ForwardFirstBlank(weights);
        worker.BeginBackward();
        worker.BackwardTiles(turned, plan.Representatives, _codes.Start, tally.KindGradient, _shape.Channels2);
        worker.BackwardFirst(_blackMask.Start, tally.Gradients);
    }

    public void Dispose()
    {
        _sums.Dispose();
        _counts.Dispose();
        _maps.Dispose();
        _codes.Dispose();
        _blackMask.Dispose();
        _scratch?.Dispose();
        _masks?.Dispose();
    }

    private void LookAt(float* images, int from, int to, byte* scratch)
    {
        for (int n = from; n < to; n++)
        {
            Emptiness.MaskCells(images + ((long)n * _shape.ImageSize), _shape, Mask(n), scratch);
            fixed (int* tiles = &_tiles[n * _shape.Tiles])
            {
                _active[n] = Emptiness.ActiveTiles(Mask(n), _shape, tiles);
            }

            CountIdle(n);
        }
    }

    private void CountIdle(int n)
    {
        Span<int> idle = _idle.AsSpan(n * _kinds, _kinds);
        idle.Clear();
        foreach (int kind in plan.KindOf)
        {
            idle[kind]++;
        }

        foreach (int tile in Tiles(n))
        {
            idle[plan.KindOf[tile]]--;
        }
    }
}
