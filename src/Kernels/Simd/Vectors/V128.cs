using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuCam.Kernels.Simd;

/// <summary>4 floats in one register.</summary>
internal unsafe struct V128(Vector128<float> value) : IVector<V128>
{
    private Vector128<float> _v = value;

    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V128 value, float* target) => value._v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V128 value, float* bias, float low, float high, float* target)
    {
        Vector128<float> sum = value._v + Vector128.Load(bias);
        Vector128.MinNative(Vector128.Create(high), Vector128.MaxNative(Vector128.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V128 value, float* bias, float* other, float low, float high, float* target)
    {
        Vector128<float> sum = value._v + Vector128.Load(bias) + Vector128.Load(other);
        Vector128.MinNative(Vector128.Create(high), Vector128.MaxNative(Vector128.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator +(V128 a, V128 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator -(V128 a, V128 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator *(V128 a, V128 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 operator /(V128 a, V128 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 MulAdd(V128 a, V128 b, V128 c) => new(Vector128.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(V128 a, V128 b, ref V128 sum) => sum._v = Vector128.FusedMultiplyAdd(a._v, b._v, sum._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Max(V128 a, V128 b) => new(Vector128.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Min(V128 a, V128 b) => new(Vector128.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 SelectGreater(V128 a, V128 b, V128 yes, V128 no) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 SelectGreaterOrNaN(V128 a, V128 b, V128 yes, V128 no) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(a._v, b._v) | ~Vector128.Equals(a._v, a._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Challenge(V128 value, V128 code, ref V128 best, ref V128 winner)
    {
        Vector128<float> wins = Vector128.GreaterThan(value._v, best._v) | ~Vector128.Equals(value._v, value._v);
        best = new(Vector128.ConditionalSelect(wins, value._v, best._v));
        winner = new(Vector128.ConditionalSelect(wins, code._v, winner._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Code(int code) => new(Vector128.Create(code).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 LoadCodes(byte* source) =>
        new(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)source).AsByte())).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCodes(V128 codes, byte* target) =>
        *(uint*)target =
            Vector128.Narrow(Vector128.Narrow(codes._v.AsUInt32(), codes._v.AsUInt32()), Vector128<ushort>.Zero).AsUInt32().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 WhereCode(V128 a, V128 b, V128 value) =>
        new(Vector128.ConditionalSelect(Vector128.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle(), value._v, Vector128<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Permute(V128 value, V128 lanes) => new(Vector128.ShuffleNative(value._v, lanes._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V128 value) => Vector128.Sum(value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Sqrt(V128 value) => new(Vector128.Sqrt(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 Reciprocal(V128 value) => new(Vector128<float>.One / value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 ReciprocalSqrt(V128 value) => new(Vector128<float>.One / Vector128.Sqrt(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V128 TimesPowerOfTwo(V128 value, V128 exponent) =>
        new((value._v.AsInt32() + Vector128.ShiftLeft(exponent._v.AsInt32(), 23)).AsSingle());
}
