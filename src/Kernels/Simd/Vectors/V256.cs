using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuCam.Kernels.Simd;

/// <summary>8 floats in one register.</summary>
internal unsafe struct V256(Vector256<float> value) : IVector<V256>
{
    private Vector256<float> _v = value;

    public static int Lanes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V256 value, float* target) => value._v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V256 value, float* bias, float low, float high, float* target)
    {
        Vector256<float> sum = value._v + Vector256.Load(bias);
        Vector256.MinNative(Vector256.Create(high), Vector256.MaxNative(Vector256.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V256 value, float* bias, float* other, float low, float high, float* target)
    {
        Vector256<float> sum = value._v + Vector256.Load(bias) + Vector256.Load(other);
        Vector256.MinNative(Vector256.Create(high), Vector256.MaxNative(Vector256.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator +(V256 a, V256 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator -(V256 a, V256 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator *(V256 a, V256 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 operator /(V256 a, V256 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 MulAdd(V256 a, V256 b, V256 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(V256 a, V256 b, ref V256 sum) => sum._v = Vector256.FusedMultiplyAdd(a._v, b._v, sum._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Max(V256 a, V256 b) => new(Vector256.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Min(V256 a, V256 b) => new(Vector256.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 SelectGreater(V256 a, V256 b, V256 yes, V256 no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 SelectGreaterOrNaN(V256 a, V256 b, V256 yes, V256 no) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._v, b._v) | ~Vector256.Equals(a._v, a._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Challenge(V256 value, V256 code, ref V256 best, ref V256 winner)
    {
        Vector256<float> wins = Vector256.GreaterThan(value._v, best._v) | ~Vector256.Equals(value._v, value._v);
        best = new(Vector256.ConditionalSelect(wins, value._v, best._v));
        winner = new(Vector256.ConditionalSelect(wins, code._v, winner._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Code(int code) => new(Vector256.Create(code).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 LoadCodes(byte* source)
    {
        Vector256<byte> bytes = Vector128.CreateScalarUnsafe(*(ulong*)source).AsByte().ToVector256Unsafe();
        return new(Vector256.WidenLower(Vector256.WidenLower(bytes)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCodes(V256 codes, byte* target) =>
        *(ulong*)target =
            Vector256.Narrow(Vector256.Narrow(codes._v.AsUInt32(), codes._v.AsUInt32()), Vector256<ushort>.Zero).AsUInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 WhereCode(V256 a, V256 b, V256 value) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle(), value._v, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Permute(V256 value, V256 lanes) => new(Vector256.ShuffleNative(value._v, lanes._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V256 value) => Vector256.Sum(value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Sqrt(V256 value) => new(Vector256.Sqrt(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 Reciprocal(V256 value) => new(Vector256<float>.One / value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 ReciprocalSqrt(V256 value) => new(Vector256<float>.One / Vector256.Sqrt(value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V256 TimesPowerOfTwo(V256 value, V256 exponent) =>
        new((value._v.AsInt32() + Vector256.ShiftLeft(exponent._v.AsInt32(), 23)).AsSingle());
}
