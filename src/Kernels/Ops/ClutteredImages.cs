using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>What cluttered images are made by; a plain value, so that kernels can hold it.</summary>
/// <param name="Size">Rows and columns of an image.</param>
/// <param name="Channels">Values per pixel, all equal.</param>
/// <param name="Border">Pixels at each edge that the target keeps clear of.</param>
/// <param name="Digits">Digits in the pool.</param>
/// <param name="Patches">Patches per image; with a random number of them, the largest there can be.</param>
/// <param name="RandomPatches">1 where the number of patches is random, else 0.</param>
/// <param name="Seed">Seed of all draws.</param>
/// <param name="Layout">What the draws of patches and places are for.</param>
/// <param name="Targets">What the draws of targets are for.</param>
public readonly record struct ClutterRule(
    int Size, int Channels, int Border, int Digits, int Patches, int RandomPatches, ulong Seed, RandomPurpose Layout,
    RandomPurpose Targets);

/// <summary>
/// Cluttered digits, drawn on the device: sample <c>position</c> of a sequence has random numbers of its own,
/// <c>word(k)</c> of (seed, layout, position). If the number of patches is random, word 0 gives it: as many as <c>limits</c> are at
/// most <c>word &gt;&gt; 8</c>. Each patch takes five words: digit, row and column of the cut in it, row and column on the canvas. The
/// two behind the patches place the target, which is element <c>position % digits</c> of a random order that is new for each pass over
/// the pool. Patches are added in turn, clamped to 1 each time, then the target.
/// </summary>
/// <remarks>
/// Layouts: digits <c>[digits, 28, 28]</c> bytes; digitLabels one class per digit; grey 256 values, what each byte stands for; plan
/// <c>[N, 1 + 3 * (1 + patches)]</c>: number of patches, then (first byte, row, column) of the target and of each patch;
/// targets <c>[N, 28, 28]</c> bytes; images <c>[N, size, size, channels]</c>; labels N classes.
/// </remarks>
public static class ClutteredImages
{
    /// <summary>Rows and columns of a digit.</summary>
    public const int DigitSize = 28;

    /// <summary>Rows and columns of a patch.</summary>
    public const int PatchSize = 8;

    /// <summary>Numbers that the plan of one image has.</summary>
    public static int PlanLength(ClutterRule rule) => 1 + (3 * (1 + rule.Patches));

    /// <summary>Writes <paramref name="plan"/> and <paramref name="labels"/>. Integer buffers may be longer than needed.</summary>
    /// <param name="rule">What is drawn.</param>
    /// <param name="origin">Position in the sequence of the first sample there is.</param>
    /// <param name="first">Which of these samples the first image is; the others follow.</param>
    /// <param name="period">Samples after which they begin anew.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="digitLabels">Class of each digit.</param>
    /// <param name="limits">The steps of the distribution of the number of patches; one of any value where that number is fixed.</param>
    /// <param name="plan">What <see cref="Draw"/> needs.</param>
    /// <param name="labels">Classes of the images.</param>
    public static void Plan(
        ClutterRule rule, long origin, long first, long period, int count, DeviceBuffer<byte> digitLabels, DeviceBuffer<uint> limits,
        DeviceBuffer<int> plan, DeviceBuffer<int> labels)
    {
        if (origin < 0 || first < 0 || first >= period)
        {
            throw new ArgumentOutOfRangeException(nameof(first), $"sample {first} of {period}, from position {origin} on");
        }

        digitLabels.Expect(rule.Digits, nameof(digitLabels));
        plan.Expect(checked(count * PlanLength(rule)), nameof(plan));
        labels.Expect(count, nameof(labels));
        plan.Device.Launch(checked(count * (1 + rule.Patches)), new ClutterPlanKernel(
            rule, origin, first, period, RandomPermutation.HalfOf(rule.Digits), digitLabels.View, limits.View, limits.Length, plan.View,
            labels.View));
    }

    /// <summary>
    /// Writes <paramref name="images"/> as <paramref name="plan"/> says, with <paramref name="targets"/>, if given, in place of the pool's
    /// digits.
    /// </summary>
    public static void Draw(
        ClutterRule rule, DeviceBuffer<byte> digits, DeviceBuffer<float> grey, DeviceBuffer<int> plan, DeviceBuffer<byte>? targets,
        Tensor images)
    {
        images.Expect(new Shape(images.Shape.N, rule.Size, rule.Size, rule.Channels));
        digits.Expect(checked(rule.Digits * DigitSize * DigitSize), nameof(digits));
        grey.Expect(256, nameof(grey));
        plan.Expect(checked(images.Shape.N * PlanLength(rule)), nameof(plan));
        if (targets is not null)
        {
            targets.Expect(checked(images.Shape.N * DigitSize * DigitSize), nameof(targets));
        }

        int whole = rule.Channels == 1 && Quads.Fit(rule.Size, images) ? 1 : 0;
        images.Device.Launch(images.Shape.N * rule.Size * Lanes.Tiles(rule.Size), new ClutterDrawKernel(
            digits.View, grey.View, plan.View, (targets ?? digits).View, targets is null ? 0 : 1, images.View, rule.Size, rule.Channels,
            PlanLength(rule), whole));
    }
}

/// <summary>One thread, one patch of one image, or its target: where it is cut and where it goes.</summary>
internal readonly struct ClutterPlanKernel(
    ClutterRule rule, long origin, long first, long period, int half, ArrayView<byte> digitLabels, ArrayView<uint> limits, int limitCount,
    ArrayView<int> plan, ArrayView<int> labels) : IKernel
{
    private const int DigitArea = ClutteredImages.DigitSize * ClutteredImages.DigitSize;

    /// <inheritdoc/>
    public void Execute(int index)
    {
        int slots = 1 + rule.Patches;
        int n = index / slots;
        int slot = index % slots;
        long position = origin + ((first + n) % period);
        var random = new CounterRandom(rule.Seed, rule.Layout, (ulong)position);
        int count = rule.Patches;
        if (rule.RandomPatches != 0)
        {
            count = CountPatches(random.Word(0) >> 8);
        }

        int start = n * (1 + (3 * slots));
        int at = start + 1 + (3 * slot);
        if (slot > 0)
        {
            uint word = (uint)(rule.RandomPatches + (5 * (slot - 1)));
            int cut = random.Below(word, rule.Digits) * DigitArea;
            cut += random.Below(word + 1, ClutteredImages.DigitSize - ClutteredImages.PatchSize + 1) * ClutteredImages.DigitSize;
            cut += random.Below(word + 2, ClutteredImages.DigitSize - ClutteredImages.PatchSize + 1);
            int places = rule.Size - ClutteredImages.PatchSize + 1;
            plan[at] = cut;
            plan[at + 1] = random.Below(word + 3, places);
            plan[at + 2] = random.Below(word + 4, places);
            return;
        }

        var words = new CounterRandom(rule.Seed, rule.Targets, (ulong)(position / rule.Digits));
        int digit = new RandomPermutation(rule.Digits, half, words).At((int)(position % rule.Digits));
        int room = rule.Size - (2 * rule.Border) - ClutteredImages.DigitSize + 1;
        uint behind = (uint)(rule.RandomPatches + (5 * count));
        plan[start] = count;
        plan[at] = digit * DigitArea;
        plan[at + 1] = rule.Border + random.Below(behind, room);
        plan[at + 2] = rule.Border + random.Below(behind + 1, room);
        labels[n] = digitLabels[digit];
    }

    private int CountPatches(uint value)
    {
        int count = 0;
        while (count < limitCount && limits[count] <= value)
        {
            count++;
        }

        return count;
    }
}

/// <summary>
/// One thread, 4 pixels of a row of one image; with <paramref name="whole"/> they are one word of memory. Most patches touch none of
/// them and cost a thread two comparisons.
/// </summary>
internal readonly struct ClutterDrawKernel(
    ArrayView<byte> digits, ArrayView<float> grey, ArrayView<int> plan, ArrayView<byte> targets, int hasTargets, ArrayView<float> images,
    int size, int channels, int planLength, int whole) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int strips = Lanes.Tiles(size);
        int x = index % strips * Float4.Count;
        int line = index / strips;
        int y = line % size;
        int n = line / size;
        int start = n * planLength;
        int count = plan[start];
        Float4 value = default;
        for (int patch = 1; patch <= count; patch++)
        {
            value = Add(value, digits, plan[start + 1 + (3 * patch)], start + 1 + (3 * patch), y, x, ClutteredImages.PatchSize);
        }

        value = hasTargets != 0
            ? Add(value, targets, n * ClutteredImages.DigitSize * ClutteredImages.DigitSize, start + 1, y, x, ClutteredImages.DigitSize)
            : Add(value, digits, plan[start + 1], start + 1, y, x, ClutteredImages.DigitSize);
        int pixel = (line * size) + x;
        if (whole != 0)
        {
            images.Cast<Float4>()[pixel / Float4.Count] = value;
            return;
        }

        int used = size - x;
        for (int c = 0; c < channels; c++)
        {
            int at = (pixel * channels) + c;
            images[at] = value.F0;
            if (used > 1)
            {
                images[at + channels] = value.F1;
            }

            if (used > 2)
            {
                images[at + (2 * channels)] = value.F2;
            }

            if (used > 3)
            {
                images[at + (3 * channels)] = value.F3;
            }
        }
    }

    /// <summary>
    /// The pixels' values once the square from <paramref name="first"/> on is added where the plan says at <paramref name="at"/>.
    /// </summary>
    private Float4 Add(Float4 value, ArrayView<byte> pixels, int first, int at, int y, int x, int side)
    {
        int row = y - plan[at + 1];
        int column = x - plan[at + 2];
        if (row < 0 || row >= side || column <= -Float4.Count || column >= side)
        {
            return value;
        }

        int from = first + (row * ClutteredImages.DigitSize) + column;
        return new Float4(
            Add(value.F0, pixels, from, column, side), Add(value.F1, pixels, from + 1, column + 1, side),
            Add(value.F2, pixels, from + 2, column + 2, side), Add(value.F3, pixels, from + 3, column + 3, side));
    }

    private float Add(float value, ArrayView<byte> pixels, int at, int column, int side)
    {
        if (column < 0 || column >= side)
        {
            return value;
        }

        int level = pixels[at];
        float sum = value + grey[level];
        return sum < 1 ? sum : 1;
    }
}
