using System.Numerics;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>Whether two values, or one of them, have a property.</summary>
internal interface IComparison<in T>
{
    static abstract bool Apply(T x, T y);
}

internal readonly struct Equal<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x == y;
}

/// <summary>Also false if one is NaN.</summary>
internal readonly struct NotEqual<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x != y && !T.IsNaN(x) && !T.IsNaN(y);
}

internal readonly struct Less<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x < y;
}

internal readonly struct LessOrEqual<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x <= y;
}

internal readonly struct Greater<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x > y;
}

internal readonly struct GreaterOrEqual<T> : IComparison<T>
    where T : unmanaged, INumber<T>
{
    public static bool Apply(T x, T y) => x >= y;
}

/// <summary>What another comparison gives, or true if a value is NaN: <c>equ</c>, <c>ltu</c> and so on.</summary>
internal readonly struct OrUnordered<TComparison> : IComparison<float>
    where TComparison : struct, IComparison<float>
{
    public static bool Apply(float x, float y) => float.IsNaN(x) || float.IsNaN(y) || TComparison.Apply(x, y);
}

internal readonly struct Flushing<TComparison> : IComparison<float>
    where TComparison : struct, IComparison<float>
{
    public static bool Apply(float x, float y) => TComparison.Apply(Flushed.Apply(x), Flushed.Apply(y));
}

internal readonly struct BothNumbers : IComparison<float>
{
    public static bool Apply(float x, float y) => !float.IsNaN(x) && !float.IsNaN(y);
}

internal readonly struct OneNotANumber : IComparison<float>
{
    public static bool Apply(float x, float y) => float.IsNaN(x) || float.IsNaN(y);
}

/// <summary>testp.infinite.</summary>
internal readonly struct Infinite : IComparison<float>
{
    public static bool Apply(float x, float y) => float.IsInfinity(x);
}

/// <summary>testp.finite.</summary>
internal readonly struct Finite : IComparison<float>
{
    public static bool Apply(float x, float y) => float.IsFinite(x);
}

/// <summary>How a comparison joins another predicate.</summary>
internal enum Junction
{
    None,
    And,
    Or,
    ExclusiveOr,
}

/// <summary>p = a ? b, joined with another predicate.</summary>
internal sealed unsafe class Compare<T, TComparison>(int p, int a, int b, Junction junction, int other, uint flip) : Instruction
    where T : unmanaged
    where TComparison : struct, IComparison<T>
{
    public override void Execute(Warp warp, uint mask)
    {
        T* x = warp.Register<T>(a), y = warp.Register<T>(b);
        uint result = 0;
        for (uint rest = mask; rest != 0;)
        {
            int lane = Next(ref rest);
            result |= TComparison.Apply(x[lane], y[lane]) ? 1u << lane : 0;
        }

        uint joined = warp.Predicates[other] ^ flip;
        result = junction switch
        {
            Junction.And => result & joined,
            Junction.Or => result | joined,
            Junction.ExclusiveOr => result ^ joined,
            _ => result,
        };
        warp.Predicates[p] = (warp.Predicates[p] & ~mask) | (result & mask);
    }
}
