using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCam.Kernels.Simd;

/// <summary>16 floats in one register.</summary>
internal unsafe struct V512(Vector512<float> value) : IVector<V512>
{
    private Vector512<float> _v = value;

    public static int Lanes => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V512 value, float* target) => value._v.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V512 value, float* bias, float low, float high, float* target)
    {
        Vector512<float> sum = value._v + Vector512.Load(bias);
        Vector512.MinNative(Vector512.Create(high), Vector512.MaxNative(Vector512.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreClipped(V512 value, float* bias, float* other, float low, float high, float* target)
    {
        Vector512<float> sum = value._v + Vector512.Load(bias) + Vector512.Load(other);
        Vector512.MinNative(Vector512.Create(high), Vector512.MaxNative(Vector512.Create(low), sum)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator +(V512 a, V512 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator -(V512 a, V512 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator *(V512 a, V512 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 operator /(V512 a, V512 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 MulAdd(V512 a, V512 b, V512 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProduct(V512 a, V512 b, ref V512 sum) => sum._v = Vector512.FusedMultiplyAdd(a._v, b._v, sum._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Max(V512 a, V512 b) => new(Vector512.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Min(V512 a, V512 b) => new(Vector512.MinNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 SelectGreater(V512 a, V512 b, V512 yes, V512 no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a._v, b._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 SelectGreaterOrNaN(V512 a, V512 b, V512 yes, V512 no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a._v, b._v) | ~Vector512.Equals(a._v, a._v), yes._v, no._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Challenge(V512 value, V512 code, ref V512 best, ref V512 winner)
    {
        Vector512<float> wins = Vector512.GreaterThan(value._v, best._v) | ~Vector512.Equals(value._v, value._v);
        best = new(Vector512.ConditionalSelect(wins, value._v, best._v));
        winner = new(Vector512.ConditionalSelect(wins, code._v, winner._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Code(int code) => new(Vector512.Create(code).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 LoadCodes(byte* source) => new(Avx512F.ConvertToVector512Int32(Vector128.Load(source)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreCodes(V512 codes, byte* target) => Avx512F.ConvertToVector128Byte(codes._v.AsInt32()).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 WhereCode(V512 a, V512 b, V512 value) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a._v.AsInt32(), b._v.AsInt32()).AsSingle(), value._v, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Permute(V512 value, V512 lanes) => new(Vector512.ShuffleNative(value._v, lanes._v.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(V512 value) => Vector512.Sum(value._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Sqrt(V512 value) => new(Vector512.Sqrt(value._v));

    // The machine divides 16 numbers in the time of 16 multiplications, and guesses them within 2^-14 in that of one: a step of
    // Newton's squares the error.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 Reciprocal(V512 value)
    {
        Vector512<float> guess = Avx512F.Reciprocal14(value._v);
        return new(Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-value._v, guess, Vector512<float>.One), guess, guess));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 ReciprocalSqrt(V512 value)
    {
        Vector512<float> guess = Avx512F.ReciprocalSqrt14(value._v);
        var error = Vector512.FusedMultiplyAdd(-(value._v * guess), guess, Vector512<float>.One);
        return new(Vector512.FusedMultiplyAdd(error * Vector512.Create(0.5f), guess, guess));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V512 TimesPowerOfTwo(V512 value, V512 exponent) =>
        new((value._v.AsInt32() + Vector512.ShiftLeft(exponent._v.AsInt32(), 23)).AsSingle());
}
