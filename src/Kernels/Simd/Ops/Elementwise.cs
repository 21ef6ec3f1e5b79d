using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Elementwise helpers over arrays of any length; the tail runs one by one.</summary>
internal static unsafe class Elementwise
{
    /// <summary>target[i] += factor * source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled<TV>(float factor, float* source, float* target, long count)
        where TV : unmanaged, IVector<TV>
    {
        long i = 0;
        TV f = TV.Broadcast(factor);
        for (; i + TV.Lanes <= count; i += TV.Lanes)
        {
            TV.Store(TV.MulAdd(f, TV.Load(source + i), TV.Load(target + i)), target + i);
        }

        for (; i < count; i++)
        {
            target[i] = MathF.FusedMultiplyAdd(factor, source[i], target[i]);
        }
    }

    /// <summary>target[i] = factor * source[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<TV>(float factor, float* source, float* target, long count)
        where TV : unmanaged, IVector<TV>
    {
        long i = 0;
        TV f = TV.Broadcast(factor);
        for (; i + TV.Lanes <= count; i += TV.Lanes)
        {
            TV.Store(f * TV.Load(source + i), target + i);
        }

        for (; i < count; i++)
        {
            target[i] = factor * source[i];
        }
    }

    /// <summary>target[i] += a[i] * b[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddProduct<TV>(float* a, float* b, float* target, long count)
        where TV : unmanaged, IVector<TV>
    {
        long i = 0;
        for (; i + TV.Lanes <= count; i += TV.Lanes)
        {
            TV.Store(TV.MulAdd(TV.Load(a + i), TV.Load(b + i), TV.Load(target + i)), target + i);
        }

        for (; i < count; i++)
        {
            target[i] += a[i] * b[i];
        }
    }
}
