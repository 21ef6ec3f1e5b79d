namespace GpuCam.Kernels;

/// <summary>
/// A random order of 0 … count - 1 without storing it: element i is a pure function of the keys. A Feistel network
/// permutes the next even power of two, and is repeated until the result falls below count (cycle walking; four
/// times on average at most, beyond 256 elements). Kernels use it as well as the host.
/// </summary>
public readonly struct RandomPermutation
{
    private const int SmallestHalf = 4;
    private readonly uint _count;
    private readonly int _half;

    // One key per round. Named, because kernels have no arrays of their own.
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _key2;
    private readonly uint _key3;
    private readonly uint _key4;
    private readonly uint _key5;
    private readonly uint _key6;
    private readonly uint _key7;

    /// <summary>The order that (seed, purpose, pass) gives to <paramref name="count"/> elements.</summary>
    public RandomPermutation(int count, ulong seed, RandomPurpose purpose, ulong pass)
        : this(count, HalfOf(count), new CounterRandom(seed, purpose, pass))
    {
    }

    /// <summary>The same, unchecked, for kernels: <paramref name="half"/> is what <see cref="HalfOf"/> says.</summary>
    internal RandomPermutation(int count, int half, CounterRandom words)
    {
        _count = (uint)count;
        _half = half;
        (_key0, _key1, _key2, _key3) = words.Block(0);
        (_key4, _key5, _key6, _key7) = words.Block(1);
    }

    /// <summary>Element <paramref name="index"/> of the order.</summary>
    public int this[int index] =>
        (uint)index < _count ? At(index) : throw new ArgumentOutOfRangeException(nameof(index), $"{index} is not below {_count}");

    /// <summary>Half the bits of the smallest even power of two that <paramref name="count"/> elements fit, 8 bits at least.</summary>
    internal static int HalfOf(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int half = SmallestHalf;
        while (1L << (2 * half) < count)
        {
            half++;
        }

        return half;
    }

    /// <summary>The indexer without its check.</summary>
    internal int At(int index)
    {
        uint value = (uint)index;
        do
        {
            value = Permute(value);
        }
        while (value >= _count);
        return (int)value;
    }

    private uint Permute(uint value)
    {
        uint mask = (1u << _half) - 1;
        uint left = value >> _half;
        uint right = value & mask;
        left ^= Mix(right ^ _key0) & mask;      // the halves take turns
        right ^= Mix(left ^ _key1) & mask;
        left ^= Mix(right ^ _key2) & mask;
        right ^= Mix(left ^ _key3) & mask;
        left ^= Mix(right ^ _key4) & mask;
        right ^= Mix(left ^ _key5) & mask;
        left ^= Mix(right ^ _key6) & mask;
        right ^= Mix(left ^ _key7) & mask;
        return left << _half | right;
    }

    /// <summary>Spreads every bit of a word over all of it (the finaliser of MurmurHash3).</summary>
    private static uint Mix(uint word)
    {
        word = (word ^ word >> 16) * 0x85EBCA6B;
        word = (word ^ word >> 13) * 0xC2B2AE35;
        return word ^ word >> 16;
    }
}
