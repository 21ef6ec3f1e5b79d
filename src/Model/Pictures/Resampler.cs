using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuCam.Model;

/// <summary>
/// Scales pictures and maps along both axes, one after the other. Sums of floats have one order and no fused steps, so that every machine
/// gets the same bits. Bytes are summed down the columns first, where a row of any length is a row of vectors, and rounded once.
/// </summary>
public static class Resampler
{
    private const int Channels = 3;

    /// <summary>Scales a picture to exactly that size.</summary>
    /// <param name="filter">How.</param>
    /// <param name="rgb">The picture, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="newWidth">Columns of the result.</param>
    /// <param name="newHeight">Rows of the result.</param>
    /// <param name="scaled">Gets the result, in the same layout.</param>
    /// <exception cref="GpuCamException">A length does not fit.</exception>
    public static void Scale(
        PictureFilter filter, ReadOnlySpan<byte> rgb, int width, int height, int newWidth, int newHeight, Span<byte> scaled)
    {
        if (width < 1 || height < 1 || newWidth < 1 || newHeight < 1 || rgb.Length != (long)Channels * width * height
            || scaled.Length != (long)Channels * newWidth * newHeight)
        {
            throw new GpuCamException($"{rgb.Length} bytes for {width} x {height} pixels of RGB cannot be scaled to {scaled.Length} bytes "
                + $"for {newWidth} x {newHeight}; give 3 bytes a pixel");
        }

        Bytes(
            rgb, width, new AxisFilter(filter, width, 0, (double)width / newWidth, newWidth),
            new AxisFilter(filter, height, 0, (double)height / newHeight, newHeight), scaled);
    }

    /// <summary>A window of the scaled picture: [y.Count, x.Count, 3] bytes.</summary>
    /// <param name="rgb">The source, 3 bytes a pixel.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="x">What the columns are made of.</param>
    /// <param name="y">What the rows are made of.</param>
    /// <param name="scaled">Gets the window.</param>
    internal static void Bytes(ReadOnlySpan<byte> rgb, int width, AxisFilter x, AxisFilter y, Span<byte> scaled)
    {
        int length = (x.End - x.Begin) * Channels;
        // Pixels are read four floats at a time below, so the last one needs a neighbour.
        float[] row = ArrayPool<float>.Shared.Rent(length + Vector128<float>.Count);
        row.AsSpan(length, Vector128<float>.Count).Clear();
        var columns = new ColumnSums(width * Channels);
        for (int i = 0; i < y.Count; i++)
        {
            columns.Sum(rgb[(((y.First(i) * width) + x.Begin) * Channels)..], y.Weights(i), row.AsSpan(0, length));
            SumRow(row, x, scaled.Slice(i * x.Count * Channels, x.Count * Channels));
        }

        ArrayPool<float>.Shared.Return(row);
    }

    /// <summary>A window of a scaled map of one channel: [y.Count, x.Count].</summary>
    internal static float[] Floats(ReadOnlySpan<float> map, int width, AxisFilter x, AxisFilter y)
    {
        float[] rows = new float[(y.End - y.Begin) * x.Count];
        for (int row = y.Begin, at = 0; row < y.End; row++)
        {
            ReadOnlySpan<float> source = map.Slice(row * width, width);
            for (int i = 0; i < x.Count; i++)
            {
                ReadOnlySpan<float> weights = x.Weights(i), pixels = source[x.First(i)..];
                float sum = 0;
                for (int k = 0; k < weights.Length; k++)
                {
                    sum += weights[k] * pixels[k];
                }

                rows[at++] = sum;
            }
        }

        float[] scaled = new float[y.Count * x.Count];
        for (int i = 0; i < y.Count; i++)
        {
            ReadOnlySpan<float> weights = y.Weights(i);
            Span<float> target = scaled.AsSpan(i * x.Count, x.Count);
            for (int k = 0; k < weights.Length; k++)
            {
                Add(rows.AsSpan((y.First(i) - y.Begin + k) * x.Count, x.Count), weights[k], target);
            }
        }

        return scaled;
    }

    // Compiled in full at once: vectors are not compiled ahead of time, and one large picture would be scaled by unoptimised code.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(sum[i..]) + (weight * new Vector<float>(row[i..]))).CopyTo(sum[i..]);
        }

        for (; i < row.Length; i++)
        {
            sum[i] += weight * row[i];
        }
    }

    private static void SumRow(ReadOnlySpan<float> row, AxisFilter x, Span<byte> scaled)
    {
        ref float source = ref MemoryMarshal.GetReference(row);
        for (int i = 0; i < x.Count; i++)
        {
            ReadOnlySpan<float> weights = x.Weights(i);
            Vector128<float> even = Vector128<float>.Zero, odd = even;
            nuint at = (nuint)((x.First(i) - x.Begin) * Channels);
            int k = 0;
            for (; k < weights.Length - 1; k += 2, at += 2 * Channels)
            {
                even += weights[k] * Vector128.LoadUnsafe(ref source, at);
                odd += weights[k + 1] * Vector128.LoadUnsafe(ref source, at + Channels);
            }

            if (k < weights.Length)
            {
                even += weights[k] * Vector128.LoadUnsafe(ref source, at);
            }

            Vector128<float> pixelSum = even + odd + Vector128.Create(0.5f);
            var bounded = Vector128.Min(Vector128.Max(pixelSum, Vector128<float>.Zero), Vector128.Create(255f));
            var rounded = Vector128.ConvertToInt32(bounded);
            Span<byte> pixel = scaled.Slice(i * Channels, Channels);
            pixel[0] = (byte)rounded.GetElement(0);
            pixel[1] = (byte)rounded.GetElement(1);
            pixel[2] = (byte)rounded.GetElement(2);
        }
    }
}
