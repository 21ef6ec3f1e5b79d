using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>
/// A digit turned, stretched and slanted a little, as another hand might have written it: augmentation of training targets. About
/// the middle of its 28x28 pixels, by a random angle (±12°), factor per axis (±12 %) and slant (±0.15), all uniform and multiplied by
/// the strength; bilinear, rounded to whole grey values. A pure function of (seed, sample).
/// </summary>
internal static class DigitWarp
{
    private const float Angle = 12 * MathF.PI / 180;
    private const float Stretch = 0.12f;
    private const float Slant = 0.15f;
    private const int Side = DigitPool.DigitSize;
    private const float Middle = (Side - 1) / 2f;

    /// <summary>Writes the warped digit to <paramref name="target"/>, 28x28.</summary>
    /// <param name="source">The digit, 28x28.</param>
    /// <param name="target">Overwritten.</param>
    /// <param name="strength">1 for the ranges above, 0 for no change.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <param name="sample">Which training sample.</param>
    /// <returns>The smallest box around the pixels that are not 0.</returns>
    public static Box Apply(ReadOnlySpan<byte> source, Span<byte> target, float strength, ulong seed, long sample)
    {
        RandomSequence random = new CounterRandom(seed, RandomPurpose.DigitWarp, (ulong)sample).Sequence();
        float angle = random.NextBetween(-Angle, Angle) * strength;
        float width = 1 + (random.NextBetween(-Stretch, Stretch) * strength);
        float height = 1 + (random.NextBetween(-Stretch, Stretch) * strength);
        float slant = random.NextBetween(-Slant, Slant) * strength;
        (float sin, float cos) = MathF.SinCos(angle);

        // From a target pixel back to where it comes from: unturn, unslant, unstretch.
        float xx = (cos - (slant * sin)) / width, xy = (sin + (slant * cos)) / width;
        float yx = -sin / height, yy = cos / height;
        for (int y = 0; y < Side; y++)
        {
            float sourceX = Middle - (xx * Middle) + (xy * (y - Middle));
            float sourceY = Middle - (yx * Middle) + (yy * (y - Middle));
            for (int x = 0; x < Side; x++, sourceX += xx, sourceY += yx)
            {
                target[(y * Side) + x] = Sample(source, sourceX, sourceY);
            }
        }

        if (DigitPool.Extent(target) is { } box)
        {
            return box;
        }

        // What is left of a single faint dot may round to nothing; a sample needs a digit.
        source.CopyTo(target);
        return DigitPool.Extent(target)!.Value;
    }

    private static byte Sample(ReadOnlySpan<byte> source, float x, float y)
    {
        if (!(x > -1 && x < Side && y > -1 && y < Side))
        {
            return 0;
        }

        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        float right = x - left, below = y - top;
        float upper = (Pixel(source, left, top) * (1 - right)) + (Pixel(source, left + 1, top) * right);
        float lower = (Pixel(source, left, top + 1) * (1 - right)) + (Pixel(source, left + 1, top + 1) * right);
        return (byte)((upper * (1 - below)) + (lower * below) + 0.5f);
    }

    private static float Pixel(ReadOnlySpan<byte> source, int x, int y) =>
        (uint)x < Side && (uint)y < Side ? source[(y * Side) + x] : 0;
}
