namespace GpuCam.Kernels.Ops;

/// <summary>
/// A divisor that is known before the launch: kernels divide by it with one multiplication and a shift, where a division by an
/// argument takes some twenty instructions.
/// </summary>
/// <remarks>
/// With s = ceil(log2 d) and m = floor(2^(31 + s) / d) + 1, floor(x * m / 2^(31 + s)) = floor(x / d) for every x below 2^31
/// (Granlund and Montgomery, PLDI 1994); m fits 32 bits.
/// </remarks>
internal readonly struct Divisor
{
    private readonly uint _multiplier;
    private readonly int _shift;

    /// <summary>Prepares to divide by <paramref name="value"/> ≥ 1.</summary>
    public Divisor(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        _shift = 31;
        while (1L << (_shift - 31) < value)
        {
            _shift++;
        }

        _multiplier = (uint)(((1UL << _shift) / (uint)value) + 1);
    }

    /// <summary><paramref name="dividend"/> ≥ 0 divided by the value, rounded down.</summary>
    public int Quotient(int dividend) => (int)(((ulong)(uint)dividend * _multiplier) >> _shift);
}
