using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The taps of a convolution in runs of up to 5 floats that lie next to each other in a <see cref="ConvPatch"/>: a row of a dense kernel is one
/// stretch of KW * IC floats, a tap of a dilated one a stretch of IC, and each stretch is cut into runs.
/// </summary>
internal readonly struct TapRuns(Conv2DGeometry g, int pitch)
{
    private bool Dense => g.DilationW == 1;

    private int Stretch => Dense ? g.KW * g.X.C : g.X.C;

    private int RunsPerStretch => (Stretch + TapRun.Count - 1) / TapRun.Count;

    /// <summary>All of them.</summary>
    public int Count => (Dense ? g.KH : g.KH * g.KW) * RunsPerStretch;

    /// <summary>Passes over the cells, of <see cref="TapSums.Runs"/> each.</summary>
    public int Passes => (Count + TapSums.Runs - 1) / TapSums.Runs;

    /// <summary>Where a run begins, from where its window does; runs that there are not begin with the window.</summary>
    public int Offset(int run)
    {
        if (run >= Count)
        {
            return 0;
        }

        int stretch = run / RunsPerStretch, piece = (run - (stretch * RunsPerStretch)) * TapRun.Count;
        int kh = Dense ? stretch : stretch / g.KW, kw = Dense ? 0 : stretch - (kh * g.KW);
        return (kh * g.DilationH * pitch) + (kw * g.DilationW * g.X.C) + piece;
    }

    /// <summary>Place of a run's first tap among (kh, kw, ic).</summary>
    public int FirstTap(int run)
    {
        int stretch = run / RunsPerStretch;
        return (stretch * Stretch) + ((run - (stretch * RunsPerStretch)) * TapRun.Count);
    }

    /// <summary>Taps of a run, 1 to 5; none of a run that there is not.</summary>
    public int Length(int run) => run < Count ? Math.Min(TapRun.Count, Stretch - (run % RunsPerStretch * TapRun.Count)) : 0;
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
    public TapRun Plus(ArrayView<float> sums, int at, int step) => new(
        T0 + sums[at], T1 + sums[at + step], T2 + sums[at + (2 * step)], T3 + sums[at + (3 * step)], T4 + sums[at + (4 * step)]);

    /// <summary>Writes the first <paramref name="count"/> sums <paramref name="step"/> apart from <paramref name="at"/> on.</summary>
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

/// <summary>Where the runs of a pass begin.</summary>
internal readonly struct TapOffsets(TapRuns runs, int first)
{
    public readonly int O0 = runs.Offset(first), O1 = runs.Offset(first + 1), O2 = runs.Offset(first + 2), O3 = runs.Offset(first + 3),
        O4 = runs.Offset(first + 4);
}

/// <summary>The sums of one pass for one channel: five runs of taps and the bias.</summary>
internal readonly struct TapSums(TapRun r0, TapRun r1, TapRun r2, TapRun r3, TapRun r4, float bias)
{
    /// <summary>Runs of a pass.</summary>
    public const int Runs = 5;

    /// <summary>Sums of a pass.</summary>
    public const int Count = (Runs * TapRun.Count) + 1;

    private readonly TapRun _r0 = r0, _r1 = r1, _r2 = r2, _r3 = r3, _r4 = r4;

    public readonly float Bias = bias;

    /// <summary>This and what a gradient of <paramref name="sent"/> adds, whose window begins at <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TapSums Plus(float sent, ArrayView<float> patch, int at, TapOffsets o) => new(
        _r0.Plus(sent, patch.SubView(at + o.O0)), _r1.Plus(sent, patch.SubView(at + o.O1)), _r2.Plus(sent, patch.SubView(at + o.O2)),
        _r3.Plus(sent, patch.SubView(at + o.O3)), _r4.Plus(sent, patch.SubView(at + o.O4)), Bias + sent);

    /// <summary>This + the sums that another thread has stored.</summary>
    public TapSums Plus(ArrayView<float> sums, int lane, int lanes)
    {
        int run = TapRun.Count * lanes;
        return new TapSums(
            _r0.Plus(sums, lane, lanes), _r1.Plus(sums, lane + run, lanes), _r2.Plus(sums, lane + (2 * run), lanes),
            _r3.Plus(sums, lane + (3 * run), lanes), _r4.Plus(sums, lane + (4 * run), lanes), Bias + sums[lane + (Runs * run)]);
    }

    /// <summary>Writes all sums, each of them in a row of <paramref name="lanes"/> floats.</summary>
    public void Store(ArrayView<float> sums, int lane, int lanes)
    {
        int run = TapRun.Count * lanes;
        _r0.Store(sums, lane, lanes, TapRun.Count);
        _r1.Store(sums, lane + run, lanes, TapRun.Count);
        _r2.Store(sums, lane + (2 * run), lanes, TapRun.Count);
        _r3.Store(sums, lane + (3 * run), lanes, TapRun.Count);
        _r4.Store(sums, lane + (4 * run), lanes, TapRun.Count);
        sums[lane + (Runs * run)] = Bias;
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
