using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Four neighbouring channels in registers: the lanes of a register tile. Named fields, because neither the JIT nor ILGPU
/// keeps an array in registers.
/// </summary>
internal readonly struct Float4(float f0, float f1, float f2, float f3)
{
    /// <summary>Number of lanes.</summary>
    public const int Count = 4;

    public readonly float F0 = f0, F1 = f1, F2 = f2, F3 = f3;

    /// <summary>The elements at <paramref name="at"/> and at the three distances from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> view, int at, Lanes lanes) =>
        new(view[at], view[at + lanes.D1], view[at + lanes.D2], view[at + lanes.D3]);

    /// <summary>The four elements from <paramref name="at"/>, a multiple of 4, on: one access of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> view, int at) => view.Cast<Float4>()[at >> 2];

    /// <summary>This + <paramref name="scale"/> * <paramref name="other"/>, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Plus(float scale, Float4 other) =>
        new(F0 + (scale * other.F0), F1 + (scale * other.F1), F2 + (scale * other.F2), F3 + (scale * other.F3));

    /// <summary>This + <paramref name="other"/>, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Plus(Float4 other) => new(F0 + other.F0, F1 + other.F1, F2 + other.F2, F3 + other.F3);

    /// <summary>This + <paramref name="a"/> * <paramref name="b"/>, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 PlusProduct(Float4 a, Float4 b) =>
        new(F0 + (a.F0 * b.F0), F1 + (a.F1 * b.F1), F2 + (a.F2 * b.F2), F3 + (a.F3 * b.F3));

    /// <summary>max(this, 0) lane by lane; a NaN stays one, so that it is noticed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Relu() => new(F0 <= 0 ? 0 : F0, F1 <= 0 ? 0 : F1, F2 <= 0 ? 0 : F2, F3 <= 0 ? 0 : F3);

    /// <summary>Writes all four from <paramref name="at"/>, a multiple of 4, on: one access of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> view, int at) => view.Cast<Float4>()[at >> 2] = this;

    /// <summary>Writes the lanes that exist to consecutive elements from <paramref name="at"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> view, int at, Lanes lanes)
    {
        view[at] = F0;
        if (lanes.Used > 1)
        {
            view[at + 1] = F1;
        }

        if (lanes.Used > 2)
        {
            view[at + 2] = F2;
        }

        if (lanes.Used > 3)
        {
            view[at + 3] = F3;
        }
    }
}

/// <summary>
/// Where the lanes of a <see cref="Float4"/> lie: lane j is <c>j * stride</c> elements from lane 0. Lanes past the last
/// channel load that channel again (a load always stays inside) and are not stored.
/// </summary>
internal readonly struct Lanes
{
    public readonly int Used, D1, D2, D3;

    /// <summary>Lanes for the channels from <paramref name="first"/> on, of <paramref name="channels"/> in all.</summary>
    public Lanes(int first, int channels, int stride)
    {
        Used = channels - first;
        D1 = Used > 1 ? stride : 0;
        D2 = Used > 2 ? 2 * stride : D1;
        D3 = Used > 3 ? 3 * stride : D2;
    }

    /// <summary>How many tiles of lanes cover <paramref name="channels"/>.</summary>
    public static int Tiles(int channels) => (channels + Float4.Count - 1) / Float4.Count;
}
