using System.Numerics;

namespace GpuCam.CudaTests.Machine.Instructions;

internal readonly struct Add<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => unchecked(x + y);
}

internal readonly struct Subtract<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => unchecked(x - y);
}

internal readonly struct MultiplyLow<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => unchecked(x * y);
}

/// <summary>The upper half of a product of twice the width.</summary>
internal readonly struct MultiplyHigh<T, TWide> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    public static unsafe T Apply(T x, T y) =>
        T.CreateTruncating((TWide.CreateTruncating(x) * TWide.CreateTruncating(y)) >> (sizeof(T) * 8));
}

/// <summary>All of a product of twice the width.</summary>
internal readonly struct MultiplyWide<T, TWide> : IBinary<T, TWide>
    where T : unmanaged, IBinaryInteger<T>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    public static TWide Apply(T x, T y) => unchecked(TWide.CreateTruncating(x) * TWide.CreateTruncating(y));
}

internal readonly struct MultiplyAddLow<T> : ITernary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y, T z) => unchecked((x * y) + z);
}

internal readonly struct MultiplyAddWide<T, TWide> : ITernary<T, TWide>
    where T : unmanaged, IBinaryInteger<T>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    public static TWide Apply(T x, T y, TWide z) => unchecked((TWide.CreateTruncating(x) * TWide.CreateTruncating(y)) + z);
}

/// <summary>Towards zero. The smallest number divided by -1 stays what it is, as on every card so far.</summary>
internal readonly struct Divide<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => y + T.One == T.Zero && T.IsNegative(y) ? unchecked(T.Zero - x) : x / y;
}

/// <summary>With the sign of the dividend.</summary>
internal readonly struct Remainder<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => y + T.One == T.Zero && T.IsNegative(y) ? T.Zero : x % y;
}

internal readonly struct Minimum<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => x < y ? x : y;
}

internal readonly struct Maximum<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => x > y ? x : y;
}

internal readonly struct And<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => x & y;
}

internal readonly struct Or<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => x | y;
}

internal readonly struct ExclusiveOr<T> : IBinary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x, T y) => x ^ y;
}

internal readonly struct Not<T> : IUnary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x) => ~x;
}

internal readonly struct Negate<T> : IUnary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x) => unchecked(T.Zero - x);
}

internal readonly struct Absolute<T> : IUnary<T, T>
    where T : unmanaged, IBinaryInteger<T>
{
    public static T Apply(T x) => T.IsNegative(x) ? unchecked(T.Zero - x) : x;
}

internal readonly struct Copy<T> : IUnary<T, T>
{
    public static T Apply(T x) => x;
}
