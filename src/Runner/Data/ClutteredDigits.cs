using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// Cluttered digits, after the rule of Mnih, Heess, Graves, Kavukcuoglu (Recurrent models of visual attention, 2014): on
/// an empty canvas, 8x8 patches, each cut at a uniform place from a uniformly chosen digit, are added at uniform places
/// and clamped to 1; then one whole digit is added at a uniform place and clamped again. Digits become targets in a random
/// order that is renewed when all have had their turn. Sample i is a pure function of (seed, purpose, i).
/// </summary>
public sealed class ClutteredDigits : ISampleSource
{
    private const int PatchSize = ClutteredImages.PatchSize;
    private static readonly float[] s_grey = [.. Enumerable.Range(0, 256).Select(value => value / 255f)];
    private readonly DigitPool _pool;
    private readonly DigitPool _patches;
    private readonly CorpusOptions _options;
    private readonly bool _test;
    private readonly int _first;

    /// <summary>Samples <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> - 1 of a sequence.</summary>
    /// <param name="pool">Where digits come from.</param>
    /// <param name="classNames">The names of the pool's labels.</param>
    /// <param name="options">Seed, size, distractors, augmentation, border and channels are used.</param>
    /// <param name="test">Whether this is the sequence for test samples, which has random numbers of its own.</param>
    /// <param name="first">Where in the sequence sample 0 lies.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="patches">What patches are cut from; null takes <paramref name="pool"/>.</param>
    public ClutteredDigits(
        DigitPool pool, IReadOnlyList<string> classNames, CorpusOptions options, bool test, int first, int count, DigitPool? patches = null)
    {
        options.Validate();
        _pool = pool;
        _patches = patches ?? pool;
        _options = options;
        _test = test;
        _first = first;
        ClassNames = classNames;
        Count = count;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Height => Size;

    /// <inheritdoc/>
    public int Width => Size;

    /// <inheritdoc/>
    public int Channels => _options.Channels;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public string Description =>
        $"{Count} samples of {Size}x{Size}, {_options.Distractors} distractors, from {_pool.Count} digits, seed {_options.Seed}";

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        if ((uint)index >= (uint)Count)
        {
            throw new ArgumentOutOfRangeException(nameof(index), $"sample {index} of {Count}");
        }

        int area = Size * Size;
        if (image.Length != area * Channels || (mask.Length != 0 && mask.Length != area))
        {
            throw new ArgumentException($"{image.Length} values and {mask.Length} mask bytes for an image of {Size}x{Size}x{Channels}");
        }

        long position = (long)_first + index;
        RandomPurpose layout = _test ? RandomPurpose.TestLayout : RandomPurpose.TrainLayout;
        RandomSequence random = new CounterRandom(_options.Seed, layout, (ulong)position).Sequence();
        Span<float> canvas = image[..area];     // three channels are made of the first third at the end
        canvas.Clear();
        int patches = _options.PoissonDistractors is { } mean ? Poisson(mean, random.NextUniform()) : _options.Distractors;
        for (int i = 0; i < patches; i++)
        {
            AddPatch(canvas, ref random);
        }

        int digit = Target(position);
        int room = Size - 2 * _options.Border - DigitPool.DigitSize + 1;
        int top = _options.Border + random.NextBelow(room);
        int left = _options.Border + random.NextBelow(room);
        Span<byte> warped = stackalloc byte[DigitPool.DigitArea];
        scoped ReadOnlySpan<byte> pixels = _pool.Pixels(digit);
        Box own = _pool.Box(digit);
        if (_options.Augment > 0)
        {
            own = DigitWarp.Apply(pixels, warped, _options.Augment, _options.Seed, position);
            pixels = warped;
        }

        Add(canvas, top, left, pixels, DigitPool.DigitSize);
        if (mask.Length != 0)
        {
            DrawMask(mask, top, left, pixels);
        }

        if (Channels == 3)
        {
            Spread(image, area);
        }

        label = _pool.Label(digit);
        box = new Box(left + own.X0, top + own.Y0, left + own.X1, top + own.Y1);
    }

    /// <summary>The digits, for a device that is to make samples itself.</summary>
    internal DeviceDigits CopyDigitsTo(IDevice device) => new(device, _pool.AllPixels, _pool.Labels, s_grey);

    /// <summary>These samples, for the same.</summary>
    internal ClutterSequence DescribeForDevice()
    {
        uint[]? limits = _options.PoissonDistractors is { } mean ? PoissonLimits(mean) : null;
        var rule = new ClutterRule(
            Size, Channels, _options.Border, _pool.Count, limits?.Length ?? _options.Distractors, limits is null ? 0 : 1, _options.Seed,
            _test ? RandomPurpose.TestLayout : RandomPurpose.TrainLayout, _test ? RandomPurpose.TestTargets : RandomPurpose.TrainTargets);
        return new ClutterSequence(rule, limits ?? [], _first, Count, _options.Augment > 0 ? WriteWarped : null);
    }

    private void WriteWarped(int index, Span<byte> pixels)
    {
        long position = (long)_first + index;
        DigitWarp.Apply(_pool.Pixels(Target(position)), pixels, _options.Augment, _options.Seed, position);
    }

    /// <summary>
    /// Element k is the least of the 2^24 uniform numbers for which <see cref="Poisson"/> gives more than k. It gives no less for a
    /// larger number: subtraction rounds, but keeps the order.
    /// </summary>
    internal static uint[] PoissonLimits(double mean)
    {
        const uint End = 1 << 24;
        int most = Poisson(mean, CounterRandom.ToUniform(uint.MaxValue));
        uint[] limits = new uint[most];
        uint low = 0;
        for (int k = 0; k < most; k++)
        {
            for (uint high = End; low < high;)
            {
                uint middle = low + ((high - low) / 2);
                if (Poisson(mean, CounterRandom.ToUniform(middle << 8)) > k)
                {
                    high = middle;
                }
                else
                {
                    low = middle + 1;
                }
            }

            limits[k] = low;
        }

        return limits;
    }

    /// <summary>The Poisson distribution's number at <paramref name="uniform"/>, by inversion: <c>P(k) = mean^k e^-mean / k!</c>.</summary>
    internal static int Poisson(double mean, double uniform)
    {
        double left = uniform;
        double probability = Math.Exp(-mean);
        int k = 0;
        for (; left >= probability && k < 10_000; k++)
        {
            left -= probability;
            probability *= mean / (k + 1);
        }

        return k;
    }

    /// <summary>Which digit of the pool is the target of the sample at <paramref name="position"/> of the sequence.</summary>
    private int Target(long position)
    {
        (long pass, long turn) = Math.DivRem(position, _pool.Count);
        RandomPurpose order = _test ? RandomPurpose.TestTargets : RandomPurpose.TrainTargets;
        return new RandomPermutation(_pool.Count, _options.Seed, order, (ulong)pass)[(int)turn];
    }

    private void AddPatch(Span<float> canvas, ref RandomSequence random)
    {
        ReadOnlySpan<byte> digit = _patches.Pixels(random.NextBelow(_patches.Count));
        int cutY = random.NextBelow(DigitPool.DigitSize - PatchSize + 1);
        int cutX = random.NextBelow(DigitPool.DigitSize - PatchSize + 1);
        int top = random.NextBelow(Size - PatchSize + 1);
        int left = random.NextBelow(Size - PatchSize + 1);
        Add(canvas, top, left, digit[(cutY * DigitPool.DigitSize + cutX)..], PatchSize);
    }

    private int Size => _options.Size;

    /// <summary>Adds a square of a digit and clamps to 1: all addends are positive, so the order of clamps does not matter.</summary>
    private void Add(Span<float> canvas, int top, int left, ReadOnlySpan<byte> pixels, int side)
    {
        float[] grey = s_grey;
        for (int y = 0; y < side; y++)
        {
            Span<float> target = canvas.Slice((top + y) * Size + left, side);
            ReadOnlySpan<byte> source = pixels.Slice(y * DigitPool.DigitSize, side);
            for (int x = 0; x < target.Length; x++)
            {
                target[x] = Math.Min(1f, target[x] + grey[source[x]]);
            }
        }
    }

    private void DrawMask(Span<byte> mask, int top, int left, ReadOnlySpan<byte> pixels)
    {
        mask.Clear();
        for (int y = 0; y < DigitPool.DigitSize; y++)
        {
            Span<byte> target = mask.Slice((top + y) * Size + left, DigitPool.DigitSize);
            for (int x = 0; x < target.Length; x++)
            {
                target[x] = pixels[y * DigitPool.DigitSize + x] != 0 ? (byte)1 : (byte)0;
            }
        }
    }

    /// <summary>Copies each of the first <paramref name="area"/> values to the three channels of its pixel, last pixel first.</summary>
    private static void Spread(Span<float> image, int area)
    {
        for (int i = area - 1; i >= 0; i--)
        {
            image.Slice(3 * i, 3).Fill(image[i]);
        }
    }
}
