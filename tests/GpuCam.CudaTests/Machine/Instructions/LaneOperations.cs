using System.Numerics;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>A function of one value.</summary>
internal interface IUnary<in TFrom, out TTo>
{
    static abstract TTo Apply(TFrom x);
}

/// <summary>A function of two values.</summary>
internal interface IBinary<in TFrom, out TTo>
{
    static abstract TTo Apply(TFrom x, TFrom y);
}

/// <summary>A function of two factors and a summand, which may be wider than they.</summary>
internal interface ITernary<in TFrom, TTo>
{
    static abstract TTo Apply(TFrom x, TFrom y, TTo z);
}

/// <summary>d = f(a), lane by lane.</summary>
internal sealed unsafe class Unary<TFrom, TTo, TOperation>(int d, int a) : Instruction
    where TFrom : unmanaged
    where TTo : unmanaged
    where TOperation : struct, IUnary<TFrom, TTo>
{
    public override void Execute(Warp warp, uint mask)
    {
        TTo* to = warp.Register<TTo>(d);
        TFrom* x = warp.Register<TFrom>(a);
        if (mask == Warp.AllLanes)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                to[lane] = TOperation.Apply(x[lane]);
            }

            return;
        }

        while (mask != 0)
        {
            int lane = Next(ref mask);
            to[lane] = TOperation.Apply(x[lane]);
        }
    }
}

/// <summary>d = f(a, b), lane by lane.</summary>
internal sealed unsafe class Binary<TFrom, TTo, TOperation>(int d, int a, int b) : Instruction
    where TFrom : unmanaged
    where TTo : unmanaged
    where TOperation : struct, IBinary<TFrom, TTo>
{
    public override void Execute(Warp warp, uint mask)
    {
        TTo* to = warp.Register<TTo>(d);
        TFrom* x = warp.Register<TFrom>(a), y = warp.Register<TFrom>(b);
        if (mask == Warp.AllLanes)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                to[lane] = TOperation.Apply(x[lane], y[lane]);
            }

            return;
        }

        while (mask != 0)
        {
            int lane = Next(ref mask);
            to[lane] = TOperation.Apply(x[lane], y[lane]);
        }
    }
}

/// <summary>d = f(a, b, c), lane by lane.</summary>
internal sealed unsafe class Ternary<TFrom, TTo, TOperation>(int d, int a, int b, int c) : Instruction
    where TFrom : unmanaged
    where TTo : unmanaged
    where TOperation : struct, ITernary<TFrom, TTo>
{
    public override void Execute(Warp warp, uint mask)
    {
        TTo* to = warp.Register<TTo>(d), z = warp.Register<TTo>(c);
        TFrom* x = warp.Register<TFrom>(a), y = warp.Register<TFrom>(b);
        if (mask == Warp.AllLanes)
        {
            for (int lane = 0; lane < Warp.Lanes; lane++)
            {
                to[lane] = TOperation.Apply(x[lane], y[lane], z[lane]);
            }

            return;
        }

        while (mask != 0)
        {
            int lane = Next(ref mask);
            to[lane] = TOperation.Apply(x[lane], y[lane], z[lane]);
        }
    }
}

/// <summary>d = a shifted by b, lane by lane. Larger shifts than the type has bits count as that many (PTX ISA, shl and shr).</summary>
internal sealed unsafe class Shift<T>(int d, int a, int b, bool left) : Instruction
    where T : unmanaged, IBinaryInteger<T>
{
    public override void Execute(Warp warp, uint mask)
    {
        T* to = warp.Register<T>(d), x = warp.Register<T>(a);
        uint* by = warp.Register<uint>(b);
        int bits = sizeof(T) * 8;
        while (mask != 0)
        {
            int lane = Next(ref mask);
            to[lane] = by[lane] < bits ? (left ? x[lane] << (int)by[lane] : x[lane] >> (int)by[lane])
                : !left && T.IsNegative(x[lane]) ? T.Zero - T.One
                : T.Zero;
        }
    }
}
