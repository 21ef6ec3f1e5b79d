using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>The vector widths this machine can run, each with the other arguments of a theory.</summary>
public static class SimdWidths
{
    public static IEnumerable<int> All => new[] { 128, 256, 512 }.Where(bits => bits <= SimdWidth.Widest);

    public static TheoryData<int, T> With<T>(params T[] cases)
    {
        var data = new TheoryData<int, T>();
        foreach (int bits in All)
        {
            foreach (T one in cases)
            {
                data.Add(bits, one);
            }
        }

        return data;
    }
}
