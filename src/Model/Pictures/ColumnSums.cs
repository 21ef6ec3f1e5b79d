using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCam.Model;

/// <summary>
/// Weighted sums of the rows of a picture. Weights are whole numbers of 16 bits that add up to a power of two, so the sums are exact, in
/// whatever order and width a machine makes them.
/// </summary>
/// <param name="stride">Bytes from one row to the next.</param>
internal sealed class ColumnSums(int stride)
{
    // The largest sum is 255 times all that is added, which with negative weights is less than twice the whole.
    private const int MostBits = 22;
    private short[] _weights = [];

    /// <summary>sum[i] = the sum over k of <c>weights[k] * rows[k * stride + i]</c>.</summary>
    public void Sum(ReadOnlySpan<byte> rows, ReadOnlySpan<float> weights, Span<float> sum)
    {
        // The last row is the shortest that is left; what is inside of it is inside of all.
        _ = rows[((weights.Length - 1) * stride)..][..sum.Length];
        float scale = Round(weights);
        int i = Avx2.IsSupported ? SumPairs(rows, scale, sum) : SumVectors(rows, scale, sum);
        for (; i < sum.Length; i++)
        {
            int total = 0;
            for (int k = 0; k < weights.Length; k++)
            {
                total += _weights[k] * rows[(k * stride) + i];
            }

            sum[i] = total * scale;
        }
    }

    /// <summary>
    /// Fills the weights, with a zero behind an odd number of them. What rounding leaves of one is added to the next, so that many small
    /// ones add up too.
    /// </summary>
    /// <returns>What makes a sum of 1 of the whole.</returns>
    private float Round(ReadOnlySpan<float> weights)
    {
        int length = weights.Length + (weights.Length & 1), bits = MostBits;
        if (_weights.Length != length)
        {
            _weights = new short[length];
        }

        float largest = 0;
        foreach (float weight in weights)
        {
            largest = Math.Max(largest, Math.Abs(weight));
        }

        while (largest * (1 << bits) > short.MaxValue - 1)
        {
            bits--;
        }

        double sum = 0, rounded = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += (double)weights[k] * (1 << bits);
            _weights[k] = (short)(Math.Round(sum) - rounded);
            rounded += _weights[k];
        }

        if (length > weights.Length)
        {
            _weights[^1] = 0;
        }

        return 1f / (1 << bits);
    }

    /// <summary>Two rows at a time, interleaved: their products are added within an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int SumPairs(ReadOnlySpan<byte> rows, float scale, Span<float> sum)
    {
        ref byte source = ref MemoryMarshal.GetReference(rows);
        ref float target = ref MemoryMarshal.GetReference(sum);
        ReadOnlySpan<int> pairs = MemoryMarshal.Cast<short, int>(_weights);
        int last = (rows.Length - sum.Length) / stride;
        int i = 0;
        for (; i <= sum.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            Vector256<int> a = Vector256<int>.Zero, b = a, c = a, d = a;
            for (int pair = 0; pair < pairs.Length; pair++)
            {
                // Behind the last row its own bytes stand for the next one's, whose weight is zero.
                int row = 2 * pair, next = Math.Min(row + 1, last);
                Vector256<short> weight = Vector256.Create(pairs[pair]).AsInt16();
                var first = Vector256.LoadUnsafe(ref source, (nuint)(i + (row * stride)));
                var second = Vector256.LoadUnsafe(ref source, (nuint)(i + (next * stride)));
                Vector256<byte> low = Avx2.UnpackLow(first, second), high = Avx2.UnpackHigh(first, second), zero = Vector256<byte>.Zero;
                a += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(low, zero).AsInt16(), weight);
                b += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(low, zero).AsInt16(), weight);
                c += Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(high, zero).AsInt16(), weight);
                d += Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(high, zero).AsInt16(), weight);
            }

            // Unpacking works within halves: the lower ones are the first 16 columns.
            Store(Avx2.Permute2x128(a, b, 0x20), ref target, i);
            Store(Avx2.Permute2x128(c, d, 0x20), ref target, i + 8);
            Store(Avx2.Permute2x128(a, b, 0x31), ref target, i + 16);
            Store(Avx2.Permute2x128(c, d, 0x31), ref target, i + 24);
        }

        return i;

        void Store(Vector256<int> sums, ref float target, int at) =>
            (Vector256.ConvertToSingle(sums) * scale).StoreUnsafe(ref target, (nuint)at);
    }

    private int SumVectors(ReadOnlySpan<byte> rows, float scale, Span<float> sum)
    {
        ref byte source = ref MemoryMarshal.GetReference(rows);
        ref float target = ref MemoryMarshal.GetReference(sum);
        int i = 0, last = (rows.Length - sum.Length) / stride;
        for (; i <= sum.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<int> a = Vector<int>.Zero, b = a, c = a, d = a;
            for (int k = 0; k < _weights.Length && k <= last; k++)
            {
                var weight = new Vector<int>(_weights[k]);
                Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)(i + (k * stride))), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
                a += weight * first.As<uint, int>();
                b += weight * second.As<uint, int>();
                c += weight * third.As<uint, int>();
                d += weight * fourth.As<uint, int>();
            }

            (Vector.ConvertToSingle(a) * scale).StoreUnsafe(ref target, (nuint)i);
            (Vector.ConvertToSingle(b) * scale).StoreUnsafe(ref target, (nuint)(i + Vector<float>.Count));
            (Vector.ConvertToSingle(c) * scale).StoreUnsafe(ref target, (nuint)(i + (2 * Vector<float>.Count)));
            (Vector.ConvertToSingle(d) * scale).StoreUnsafe(ref target, (nuint)(i + (3 * Vector<float>.Count)));
        }

        return i;
    }
}
