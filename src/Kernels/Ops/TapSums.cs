using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The taps of a convolution in runs of up to 5 floats that lie next to each other in a <see cref="ConvPatch"/>: a row of a dense kernel
/// is one stretch of KW * IC floats, a tap of a dilated one a stretch of IC, and each stretch is cut into runs.
/// </summary>
internal readonly struct TapRuns
{
    private readonly Divisor _cut, _across;
    private readonly int _stretch, _runsPerStretch, _stretchesAcross, _stepDown, _stepAcross;

    internal TapRuns(Conv2DGeometry g, int pitch)
    {
        bool dense = g.DilationW == 1;
        _stretch = dense ? g.KW * g.X.C : g.X.C;
        _runsPerStretch = (_stretch + TapRun.Count - 1) / TapRun.Count;
        _stretchesAcross = dense ? 1 : g.KW;
        (_stepDown, _stepAcross) = (g.DilationH * pitch, g.DilationW * g.X.C);
        (_cut, _across) = (new Divisor(_runsPerStretch), new Divisor(_stretchesAcross));
        Count = g.KH * _stretchesAcross * _runsPerStretch;
        Passes = (Count + TapSums.Runs - 1) / TapSums.Runs;
    }

    /// <summary>All of them.</summary>
    public int Count { get; }

    /// <summary>Passes over the cells, of up to <see cref="TapSums.Runs"/> runs each.</summary>
    public int Passes { get; }

    /// <summary>Where a run begins, from where its window does; runs that there are not begin with the window.</summary>
    internal int Offset(int run)
    {
        int stretch = _cut.Quotient(run), kh = _across.Quotient(stretch), kw = stretch - (kh * _stretchesAcross);
        int offset = (kh * _stepDown) + (kw * _stepAcross) + ((run - (stretch * _runsPerStretch)) * TapRun.Count);
        return run < Count ? offset : 0;
    }

    /// <summary>Place of a run's first tap among (kh, kw, ic).</summary>
    internal int FirstTap(int run)
    {
        int stretch = _cut.Quotient(run);
        return (stretch * _stretch) + ((run - (stretch * _runsPerStretch)) * TapRun.Count);
    }

    /// <summary>Taps of a run, 1 to 5 and more for 5; none of a run that there is not.</summary>
    internal int Length(int run) =>
        run < Count ? _stretch - ((run - (_cut.Quotient(run) * _runsPerStretch)) * TapRun.Count) : 0;
}

/// <summary>The sums of one run. Named fields: see <see cref="Float4"/>.</summary>
internal readonly struct TapRun(float t0, float t1, float t2, float t3, float t4)
{
    /// <summary>Taps of a run at most: a row of a kernel of 5x5 on grey images.</summary>
    public const int Count = 5;

    public readonly float T0 = t0, T1 = t1, T2 = t2, T3 = t3, T4 = t4;

    /// <summary>This + <paramref name="sent"/> * what the taps meet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapRun Plus(float sent, ArrayView<float> met) => new(
        T0 + (sent * met[0]), T1 + (sent * met[1]), T2 + (sent * met[2]), T3 + (sent * met[3]), T4 + (sent * met[4]));

    /// <summary>This + what lies <paramref name="step"/> apart from <paramref name="at"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapRun Plus(ArrayView<float> sums, int at, int step) => new(
        T0 + sums[at], T1 + sums[at + step], T2 + sums[at + (2 * step)], T3 + sums[at + (3 * step)], T4 + sums[at + (4 * step)]);

    /// <summary>Writes the first <paramref name="count"/> sums <paramref name="step"/> apart from <paramref name="at"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> sums, int at, int step, int count)
    {
        if (count > 0)
        {
            sums[at] = T0;
        }

        if (count > 1)
        {
            sums[at + step] = T1;
        }

        if (count > 2)
        {
            sums[at + (2 * step)] = T2;
        }

        if (count > 3)
        {
            sums[at + (3 * step)] = T3;
        }

        if (count > 4)
        {
            sums[at + (4 * step)] = T4;
        }
    }
}

/// <summary>Where the runs of a pass begin, out of shared memory: else the device works them out in every round again.</summary>
internal readonly struct TapOffsets(ArrayView<int> shared)
{
    public readonly int O0 = shared[0], O1 = shared[1], O2 = shared[2], O3 = shared[3], O4 = shared[4];
}

/// <summary>The sums of one pass for one channel: five runs of taps and the bias.</summary>
internal readonly struct TapSums(TapRun r0, TapRun r1, TapRun r2, TapRun r3, TapRun r4, float bias)
{
    /// <summary>Runs of a pass.</summary>
    public const int Runs = 5;

    private const int Lanes = ColumnLanes.Columns, Run = TapRun.Count * Lanes;

    private readonly TapRun _r0 = r0, _r1 = r1, _r2 = r2, _r3 = r3, _r4 = r4;

    public readonly float Bias = bias;

    /// <summary>This and what a gradient of <paramref name="sent"/> adds, whose window begins at <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapSums Plus(float sent, ArrayView<float> patch, int at, TapOffsets o) => new(
        _r0.Plus(sent, patch.SubView(at + o.O0)), _r1.Plus(sent, patch.SubView(at + o.O1)), _r2.Plus(sent, patch.SubView(at + o.O2)),
        _r3.Plus(sent, patch.SubView(at + o.O3)), _r4.Plus(sent, patch.SubView(at + o.O4)), Bias + sent);

    /// <summary>This + the sums that another thread has stored.</summary>
    public TapSums Plus(ArrayView<float> sums, int lane)
    {
        ArrayView<float> mine = sums.SubView(lane);
        return new TapSums(
            _r0.Plus(mine, 0, Lanes), _r1.Plus(mine, Run, Lanes), _r2.Plus(mine, 2 * Run, Lanes), _r3.Plus(mine, 3 * Run, Lanes),
            _r4.Plus(mine, 4 * Run, Lanes), Bias + mine[Runs * Run]);
    }

    /// <summary>Writes all sums, each of them in a row of 32 floats, and a lane of that is this one's.</summary>
    public void Store(ArrayView<float> sums, int lane)
    {
        ArrayView<float> mine = sums.SubView(lane);
        _r0.Store(mine, 0, Lanes, TapRun.Count);
        _r1.Store(mine, Run, Lanes, TapRun.Count);
        _r2.Store(mine, 2 * Run, Lanes, TapRun.Count);
        _r3.Store(mine, 3 * Run, Lanes, TapRun.Count);
        _r4.Store(mine, 4 * Run, Lanes, TapRun.Count);
        mine[Runs * Run] = Bias;
    }

    /// <summary>Writes the sums of the taps that there are, from run <paramref name="first"/> on, each to its row of the weight.</summary>
    public void StoreTaps(ArrayView<float> weight, TapRuns runs, int first, int at, int channels)
    {
        Store(_r0, weight, runs, first, at, channels);
        Store(_r1, weight, runs, first + 1, at, channels);
        Store(_r2, weight, runs, first + 2, at, channels);
        Store(_r3, weight, runs, first + 3, at, channels);
        Store(_r4, weight, runs, first + 4, at, channels);
    }

    private static void Store(TapRun sums, ArrayView<float> weight, TapRuns runs, int run, int at, int channels) =>
        sums.Store(weight, at + (runs.FirstTap(run) * channels), channels, runs.Length(run));
}
