using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Two registers that count as one of twice the lanes: with 32 registers of 16 lanes a register tile is twice as wide as with 16
/// of 8, and written once. Every lane is computed as it would be alone.
/// </summary>
internal unsafe struct Two<TV> : IVector<Two<TV>>
    where TV : unmanaged, IVector<TV>
{
    private TV _low, _high;

    public static int Lanes => 2 * TV.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Load(float* source) => new() { _low = TV.Load(source), _high = TV.Load(source + TV.Lanes) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Two<TV> value, float* target)
    {
        TV.Store(value._low, target);
        TV.Store(value._high, target + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(Two<TV> value, float* bias, float low, float high, float* target)
    {
        TV.StoreClipped(value._low, bias, low, high, target);
        TV.StoreClipped(value._high, bias + TV.Lanes, low, high, target + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(Two<TV> value, float* bias, float* other, float low, float high, float* target)
    {
        TV.StoreClipped(value._low, bias, other, low, high, target);
        TV.StoreClipped(value._high, bias + TV.Lanes, other + TV.Lanes, low, high, target + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Broadcast(float value) => Both(TV.Broadcast(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> operator +(Two<TV> a, Two<TV> b) => new() { _low = a._low + b._low, _high = a._high + b._high };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> operator -(Two<TV> a, Two<TV> b) => new() { _low = a._low - b._low, _high = a._high - b._high };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> operator *(Two<TV> a, Two<TV> b) => new() { _low = a._low * b._low, _high = a._high * b._high };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> operator /(Two<TV> a, Two<TV> b) => new() { _low = a._low / b._low, _high = a._high / b._high };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> MulAdd(Two<TV> a, Two<TV> b, Two<TV> c) =>
        new() { _low = TV.MulAdd(a._low, b._low, c._low), _high = TV.MulAdd(a._high, b._high, c._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(Two<TV> a, Two<TV> b, ref Two<TV> sum)
    {
        TV.AddProduct(a._low, b._low, ref sum._low);
        TV.AddProduct(a._high, b._high, ref sum._high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Max(Two<TV> a, Two<TV> b) => new() { _low = TV.Max(a._low, b._low), _high = TV.Max(a._high, b._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Min(Two<TV> a, Two<TV> b) => new() { _low = TV.Min(a._low, b._low), _high = TV.Min(a._high, b._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> SelectGreater(Two<TV> a, Two<TV> b, Two<TV> yes, Two<TV> no) =>
        new()
        {
            _low = TV.SelectGreater(a._low, b._low, yes._low, no._low),
            _high = TV.SelectGreater(a._high, b._high, yes._high, no._high),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> SelectGreaterOrNaN(Two<TV> a, Two<TV> b, Two<TV> yes, Two<TV> no) =>
        new()
        {
            _low = TV.SelectGreaterOrNaN(a._low, b._low, yes._low, no._low),
            _high = TV.SelectGreaterOrNaN(a._high, b._high, yes._high, no._high),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Challenge(Two<TV> value, Two<TV> code, ref Two<TV> best, ref Two<TV> winner)
    {
        TV.Challenge(value._low, code._low, ref best._low, ref winner._low);
        TV.Challenge(value._high, code._high, ref best._high, ref winner._high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Code(int code) => Both(TV.Code(code));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> LoadCodes(byte* source) => new() { _low = TV.LoadCodes(source), _high = TV.LoadCodes(source + TV.Lanes) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCodes(Two<TV> codes, byte* target)
    {
        TV.StoreCodes(codes._low, target);
        TV.StoreCodes(codes._high, target + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> WhereCode(Two<TV> a, Two<TV> b, Two<TV> value) =>
        new() { _low = TV.WhereCode(a._low, b._low, value._low), _high = TV.WhereCode(a._high, b._high, value._high) };

    /// <summary>Each register within itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Permute(Two<TV> value, Two<TV> lanes) =>
        new() { _low = TV.Permute(value._low, lanes._low), _high = TV.Permute(value._high, lanes._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Two<TV> value) => TV.Sum(value._low + value._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Sqrt(Two<TV> value) => new() { _low = TV.Sqrt(value._low), _high = TV.Sqrt(value._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> Reciprocal(Two<TV> value) => new() { _low = TV.Reciprocal(value._low), _high = TV.Reciprocal(value._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> ReciprocalSqrt(Two<TV> value) =>
        new() { _low = TV.ReciprocalSqrt(value._low), _high = TV.ReciprocalSqrt(value._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Two<TV> TimesPowerOfTwo(Two<TV> value, Two<TV> exponent) =>
        new() { _low = TV.TimesPowerOfTwo(value._low, exponent._low), _high = TV.TimesPowerOfTwo(value._high, exponent._high) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Two<TV> Both(TV value) => new() { _low = value, _high = value };
}
