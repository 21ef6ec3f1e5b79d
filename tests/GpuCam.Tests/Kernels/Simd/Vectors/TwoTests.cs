using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>Two registers as one, with the smallest there are: so the wide register tiles are also tried where none are used.</summary>
public sealed unsafe class TwoTests
{
    private const int Lanes = 8;

    [Fact]
    public void Every_lane_is_computed_as_it_would_be_alone()
    {
        Assert.Equal(Lanes, Two<V128>.Lanes);
        Same((a, b, c) => Two<V128>.MulAdd(a, b, c) - (a / b), (a, b, c) => V128.MulAdd(a, b, c) - (a / b));
        Same((a, b, c) => Two<V128>.Max(a, b * c) + Two<V128>.Sqrt(c * c), (a, b, c) => V128.Max(a, b * c) + V128.Sqrt(c * c));
        Same((a, b, c) => Two<V128>.SelectGreater(a, b, c, Two<V128>.Broadcast(3)), (a, b, c) =>
            V128.SelectGreater(a, b, c, V128.Broadcast(3)));
        Same((a, b, c) => Two<V128>.SelectGreaterOrNaN(a / (b - b), b, c, a), (a, b, c) => V128.SelectGreaterOrNaN(a / (b - b), b, c, a));
        Same(
            (a, b, _) => Two<V128>.TimesPowerOfTwo(a + Two<V128>.Broadcast(2), b + Two<V128>.Broadcast(12582915)),
            (a, b, _) => V128.TimesPowerOfTwo(a + V128.Broadcast(2), b + V128.Broadcast(12582915)));
    }

    [Fact]
    public void Codes_keep_their_lanes()
    {
        byte[] codes = [0, 1, 2, 3, 4, 1, 0, 2];
        byte[] stored = new byte[Lanes];
        float[] values = OpHarness.Random(Lanes, 1), chosen = new float[Lanes];
        fixed (byte* from = codes, to = stored)
        {
            fixed (float* value = values, where = chosen)
            {
                var loaded = Two<V128>.LoadCodes(from);
                Two<V128>.StoreCodes(loaded, to);
                Two<V128>.Store(Two<V128>.WhereCode(loaded, Two<V128>.Code(1), Two<V128>.Load(value)), where);
                Assert.Equal(values.Sum(), Two<V128>.Sum(Two<V128>.Load(value)), 1e-5f);
            }
        }

        Assert.Equal(codes, stored);
        Assert.Equal(values.Select((value, i) => codes[i] == 1 ? value : 0), chosen);
    }

    private static void Same(Func<Two<V128>, Two<V128>, Two<V128>, Two<V128>> two, Func<V128, V128, V128, V128> one)
    {
        float[] a = OpHarness.Random(Lanes, 1), b = OpHarness.Random(Lanes, 2), c = OpHarness.Random(Lanes, 3);
        float[] together = new float[Lanes], apart = new float[Lanes];
        fixed (float* pa = a, pb = b, pc = c, pt = together, ps = apart)
        {
            Two<V128>.Store(two(Two<V128>.Load(pa), Two<V128>.Load(pb), Two<V128>.Load(pc)), pt);
            for (int i = 0; i < Lanes; i += V128.Lanes)
            {
                V128.Store(one(V128.Load(pa + i), V128.Load(pb + i), V128.Load(pc + i)), ps + i);
            }
        }

        Assert.Equal(apart.Select(BitConverter.SingleToInt32Bits), together.Select(BitConverter.SingleToInt32Bits));
    }
}
