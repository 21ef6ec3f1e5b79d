using GpuCam.Kernels;

namespace GpuCam.Runner.Data;

/// <summary>
/// Which samples each batch holds: a pure function of the step, so that a run can go on from any step. An endless plan
/// strings the epochs together: every batch is full, every sample comes once per epoch, and a batch may begin in one epoch
/// and end in the next. A single pass ends with a smaller batch where the samples do not divide evenly.
/// </summary>
/// <param name="Samples">Number of samples in the source, or of the first ones to use.</param>
/// <param name="BatchSize">Samples per batch.</param>
/// <param name="ShuffleSeed">Seed of a new order for every epoch; null keeps the source's order.</param>
/// <param name="Endless">Whether epoch follows epoch; otherwise the samples come once.</param>
public sealed record BatchPlan(int Samples, int BatchSize, ulong? ShuffleSeed, bool Endless)
{
    /// <summary>
    /// Whether an index tells the epoch as well: <c>epoch * Samples + sample</c>, for sources whose samples differ from epoch to epoch. It
    /// begins anew where an index has no room for more epochs.
    /// </summary>
    public bool TellsEpoch { get; init; }

    /// <summary>
    /// Of an endless plan, the place of the first sample and the number of those that are made of each batch; null for all of it. Others
    /// make the rest.
    /// </summary>
    public (int First, int Count)? Part { get; init; }

    /// <summary>Of a single pass, the first batch that is made and the distance to the next: others make those between.</summary>
    public (int First, int Every) Turn { get; init; } = (0, 1);

    /// <summary>Epoch after epoch, each in an order of its own.</summary>
    public static BatchPlan Training(int samples, int batchSize, ulong seed) => new(samples, batchSize, seed, Endless: true);

    /// <summary>Every sample once, in order.</summary>
    public static BatchPlan SinglePass(int samples, int batchSize) => new(samples, batchSize, null, Endless: false);

    /// <summary>Number of batches; <see cref="long.MaxValue"/> for an endless plan.</summary>
    public long Steps => Endless ? long.MaxValue
        : Math.Max(0, (Samples + (long)BatchSize - 1) / BatchSize - Turn.First + Turn.Every - 1) / Turn.Every;

    /// <summary>Samples in a batch at most.</summary>
    public int Most => Part?.Count ?? BatchSize;

    /// <summary>Batches that <paramref name="epochs"/> passes over the samples take, the last one perhaps going beyond.</summary>
    public long StepsOf(double epochs) => (long)Math.Ceiling(epochs * Samples / BatchSize);

    /// <summary>Passes over the samples that are done after <paramref name="steps"/> batches.</summary>
    public double EpochsAfter(long steps) => (double)steps * BatchSize / Samples;

    /// <summary>Number of samples in a batch; 0 beyond the end.</summary>
    public int CountOf(long step) => Endless ? Most : (int)Math.Clamp(Samples - BatchOf(step) * BatchSize, 0, BatchSize);

    /// <summary>Writes the sample indices of a batch; <paramref name="indices"/> has <see cref="CountOf"/> elements.</summary>
    public void Indices(long step, Span<int> indices)
    {
        long epoch = -1;
        RandomPermutation order = default;
        long first = (BatchOf(step) * BatchSize) + (Part?.First ?? 0);
        for (int n = 0; n < indices.Length; n++)
        {
            (long itsEpoch, long place) = Math.DivRem(first + n, Samples);
            if (ShuffleSeed is { } seed && itsEpoch != epoch)
            {
                order = new RandomPermutation(Samples, seed, RandomPurpose.Shuffle, (ulong)itsEpoch);
            }

            epoch = itsEpoch;
            indices[n] = ShuffleSeed == null ? (int)place : order[(int)place];
            if (TellsEpoch)
            {
                indices[n] += (int)(epoch % (int.MaxValue / Samples)) * Samples;
            }
        }
    }

    private long BatchOf(long step) => Turn.First + (step * Turn.Every);
}
