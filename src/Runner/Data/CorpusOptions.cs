namespace GpuCam.Runner.Data;

/// <summary>Which digits end up in test samples.</summary>
public enum Protocol
{
    /// <summary>Training samples hold training digits, test samples hold test digits: nothing in a test image was seen.</summary>
    Strict,

    /// <summary>As in the reference: all samples come from the training digits; the first ones train, the rest test.</summary>
    Seed,
}

/// <summary>What the samples of a run are made of; equal options give equal samples, bit for bit.</summary>
public sealed record CorpusOptions
{
    /// <summary>Digits: <c>auto</c>, <c>mnist</c>, <c>fashion-mnist</c> or <c>synthetic</c>.</summary>
    public string Digits { get; init; } = "auto";

    /// <summary>The set that patches are cut from, by the same names; null cuts them from the digits themselves.</summary>
    public string? Clutter { get; init; }

    /// <summary>A folder with IDX files to take the digits from, instead of the network.</summary>
    public string? From { get; init; }

    /// <summary>Where fetched data lie; null for the usual place (see <see cref="CacheFolder"/>).</summary>
    public string? Cache { get; init; }

    /// <summary>A folder of square pictures of one size, instead of generated samples.</summary>
    internal PictureSetOptions? Pictures { get; init; }

    /// <summary>Which digits end up in test samples.</summary>
    public Protocol Protocol { get; init; } = Protocol.Strict;

    /// <summary>Rows and columns of a sample, at least 28.</summary>
    public int Size { get; init; } = 100;

    /// <summary>8x8 patches of other digits per sample.</summary>
    public int Distractors { get; init; } = 8;

    /// <summary>
    /// When given, the number of patches of a sample is drawn from a Poisson distribution with this mean instead: the
    /// clutter that a window of this size on a larger canvas would see.
    /// </summary>
    public double? PoissonDistractors { get; init; }

    /// <summary>
    /// How strongly the digits of training samples are warped at random (see <see cref="DigitWarp"/>): 0 not at all, 1 as by another hand.
    /// </summary>
    public float Augment { get; init; }

    /// <summary>Pixels at each edge that the digit keeps clear of.</summary>
    public int Border { get; init; }

    /// <summary>Values per pixel: 1, or 3 equal ones.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Seed of the samples.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Number of training samples.</summary>
    public int TrainCount { get; init; } = 70_000;

    /// <summary>Number of test samples; null for 10,000 (strict) or 30,000 (seed).</summary>
    public int? TestCount { get; init; }

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first option out of range.</summary>
    public void Validate()
    {
        Check(Channels is 1 or 3, $"--channels {Channels}: give 1 or 3");
        if (Pictures is not null)
        {
            return;     // its images are what they are
        }

        Check(Size >= DigitPool.DigitSize && Size <= 4096, $"--size {Size}: a sample has {DigitPool.DigitSize} to 4096 pixels a side");
        Check(Distractors is >= 0 and <= 10_000, $"--distractors {Distractors}: give 0 to 10000");
        Check(PoissonDistractors is null or (>= 0 and <= 500),
            FormattableString.Invariant($"a mean of {PoissonDistractors} distractors: give 0 to 500"));
        Check(Augment is >= 0 and <= 2, FormattableString.Invariant($"--augment {Augment}: give 0 to 2"));
        Check(Border >= 0 && Border <= (Size - DigitPool.DigitSize) / 2,
            $"a border of {Border}: a digit of {DigitPool.DigitSize} pixels does not fit between such borders of {Size}");
        Check(TrainCount > 0, $"{TrainCount} training samples: give at least 1");
        Check(TestCount is null or > 0, $"{TestCount} test samples: give at least 1");
        Check((long)TrainCount + (TestCount ?? 0) <= int.MaxValue,
            $"{TrainCount} training and {TestCount} test samples: give at most 2147483647 together");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new GpuCamException(message);
        }
    }
}
