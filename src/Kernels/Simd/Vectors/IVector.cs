namespace GpuCam.Kernels.Simd;

/// <summary>
/// A register of floats. Every vectorised kernel is written once over this interface and compiled three times, for
/// 16, 8 and 4 lanes; the JIT specialises the struct argument, so nothing of the abstraction is left in the machine code.
/// </summary>
/// <remarks>
/// "Codes" are small integers (0..255) kept one per byte in memory and one per lane in a register, there as integer bits:
/// the winner of a 2x2 pool. They are only loaded, stored, selected and compared. Stored as floats, all 32 bits are kept: so
/// codes may also be the int pixels of an argmax buffer.
/// </remarks>
internal unsafe interface IVector<TSelf>
    where TSelf : unmanaged, IVector<TSelf>
{
    /// <summary>Floats in one register.</summary>
    static abstract int Lanes { get; }

    static abstract TSelf Load(float* source);

    static abstract void Store(TSelf value, float* target);

    /// <summary>
    /// Stores min(high, max(low, value + bias)); a NaN stays one. One call and not six, because the JIT inlines only so many in a method.
    /// </summary>
    static abstract void StoreClipped(TSelf value, float* bias, float low, float high, float* target);

    /// <summary>Stores min(high, max(low, value + bias + other)).</summary>
    static abstract void StoreClipped(TSelf value, float* bias, float* other, float low, float high, float* target);

    static abstract TSelf Broadcast(float value);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf MulAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>
    /// sum += a * b, rounded once: <c>sum = MulAdd(a, b, sum)</c> without its copies. Where a or b is not used again, the JIT would take
    /// its register for the result, and then move the result to the sum's.
    /// </summary>
    static abstract void AddProduct(TSelf a, TSelf b, ref TSelf sum);

    /// <summary>The larger. Where one of them is NaN it is b (x86) or NaN (Arm): so max(0, y) lets a NaN through.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller; of a NaN as <see cref="Max"/>.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Lane by lane: a &gt; b ? yes : no.</summary>
    static abstract TSelf SelectGreater(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>Lane by lane: a &gt; b, or a is NaN ? yes : no.</summary>
    static abstract TSelf SelectGreaterOrNaN(TSelf a, TSelf b, TSelf yes, TSelf no);

    /// <summary>Lane by lane: a value that is larger than the best or a NaN takes its place, and the value's code the winner's.</summary>
    static abstract void Challenge(TSelf value, TSelf code, ref TSelf best, ref TSelf winner);

    /// <summary>A register holding one code in every lane.</summary>
    static abstract TSelf Code(int code);

    static abstract TSelf LoadCodes(byte* source);

    static abstract void StoreCodes(TSelf codes, byte* target);

    /// <summary>Lane by lane: a's code == b's code ? value : 0.</summary>
    static abstract TSelf WhereCode(TSelf a, TSelf b, TSelf value);

    /// <summary>Lane by lane: the lane of the value that the integer bits of <paramref name="lanes"/> name.</summary>
    static abstract TSelf Permute(TSelf value, TSelf lanes);

    static abstract float Sum(TSelf value);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>1 / value within 2e-7 of it, for normal values up to 2^126; a NaN for zero and infinity.</summary>
    static abstract TSelf Reciprocal(TSelf value);

    /// <summary>1 / sqrt(value) within 3e-7 of it, for normal values; a NaN for zero and infinity.</summary>
    static abstract TSelf ReciprocalSqrt(TSelf value);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>
    /// value * 2^n, exact while neither it nor the value is zero or subnormal; n is what the low bits of <paramref name="exponent"/>
    /// say, as they do when a small whole n is added to 1.5 * 2^23.
    /// </summary>
    static abstract TSelf TimesPowerOfTwo(TSelf value, TSelf exponent);
}
