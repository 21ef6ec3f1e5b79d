using GpuCam.Kernels;

namespace GpuCam.Runner.Data;

/// <summary>
/// A random order of 0 … count - 1 without storing it: element i is a pure function of the keys. A Feistel network
/// permutes the next even power of two, and is repeated until the result falls below count (cycle walking; four
/// times on average at most, beyond 256 elements).
/// </summary>
public readonly struct RandomPermutation
{
    private const int Rounds = 8;
    private const int SmallestHalf = 4;
    private readonly uint _count;
    private readonly int _half;
    private readonly Keys _keys;

    /// <summary>The order that (seed, purpose, pass) gives to <paramref name="count"/> elements.</summary>
    public RandomPermutation(int count, ulong seed, RandomPurpose purpose, ulong pass)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _count = (uint)count;
        _half = SmallestHalf;
        while (1L << (2 * _half) < count)
            _half++;
        RandomSequence words = new CounterRandom(seed, purpose, pass).Sequence();
        for (int i = 0; i < Rounds; i++)
            _keys[i] = words.NextWord();
    }

    /// <summary>Element <paramref name="index"/> of the order.</summary>
    public int this[int index]
    {
        get
        {
            if ((uint)index >= _count)
                throw new ArgumentOutOfRangeException(nameof(index), $"{index} is not below {_count}");
            uint value = (uint)index;
            do
                value = Permute(value);
            while (value >= _count);
            return (int)value;
        }
    }

    private uint Permute(uint value)
    {
        uint mask = (1u << _half) - 1;
        uint left = value >> _half;
        uint right = value & mask;
        for (int round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (Mix(right ^ _keys[round]) & mask));
        return left << _half | right;
    }

    /// <summary>Spreads every bit of a word over all of it (the finaliser of MurmurHash3).</summary>
    private static uint Mix(uint word)
    {
        word = (word ^ word >> 16) * 0x85EBCA6B;
        word = (word ^ word >> 13) * 0xC2B2AE35;
        return word ^ word >> 16;
    }

    [System.Runtime.CompilerServices.InlineArray(Rounds)]
    private struct Keys
    {
        private uint _first;
    }
}
