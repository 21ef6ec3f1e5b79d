namespace GpuCam.Runner.Benchmarks;

/// <summary>What a rank's part of a training step takes.</summary>
/// <param name="Bytes">Gradients that are summed.</param>
/// <param name="SecondsPerImage">Forward and backward of an image, all threads of the rank at work.</param>
/// <param name="SecondsPerPass">What a pass costs whatever its images: weights made ready, parameters changed.</param>
/// <param name="IsWhole">Whether all shards of a rank are one pass, whose gradients are there at its end, as on the reference network;
/// else each shard is a pass of its own, and gradients leave in its backward pass.</param>
/// <param name="Threads">Shards that a rank computes at the same time.</param>
internal sealed record StepCost(long Bytes, double SecondsPerImage, double SecondsPerPass, bool IsWhole, int Threads)
{
    private const long Piece = 4 << 20, LastPiece = 256 << 10;

    /// <summary>The cost of steps that were timed with two numbers of images.</summary>
    /// <param name="few">Images and seconds.</param>
    /// <param name="many">The same, with more images.</param>
    /// <param name="cost">The rest.</param>
    public static StepCost Of((int Images, double Seconds) few, (int Images, double Seconds) many, StepCost cost)
    {
        // Where the clock was disturbed, all is the images'.
        double each = (many.Seconds - few.Seconds) / (many.Images - few.Images), most = many.Seconds / many.Images;
        each = each > 0 ? Math.Min(each, most) : most;
        return cost with { SecondsPerImage = each, SecondsPerPass = many.Seconds - (each * many.Images) };
    }

    /// <summary>The pieces that gradients leave in, in bytes: the last is a small one, where there are several.</summary>
    public IEnumerable<long> Pieces()
    {
        long left = Bytes;
        for (; left > Piece; left -= Piece)
        {
            yield return Piece;
        }

        if (left > LastPiece)
        {
            yield return left - LastPiece;
        }

        yield return Math.Min(left, LastPiece);
    }
}
