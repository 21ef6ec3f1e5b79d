using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.Tests.Kernels.SelfTests;

/// <summary>
/// What the self-test allows a device that rounds the factors of products, on the host with inputs that were rounded on their way there.
/// </summary>
public class RoundedProductsTests
{
    private static readonly OpCase[] s_products = [.. OpCases.Small.Concat(OpCases.Network).Where(one => one.IsProduct)];

    /// <summary>Precisions, and the bits of mantissa that each keeps.</summary>
    public static TheoryData<Precision, int> Rounding => new() { { Precision.TF32, 10 }, { Precision.BFloat16, 7 } };

    [Fact]
    public void Without_rounding_the_cases_are_what_they_were() =>
        Assert.Same(OpCases.Small, RoundedProducts.Cases(Precision.Float32, OpCases.Small));

    [Theory]
    [MemberData(nameof(Rounding))]
    public void Only_products_are_checked_otherwise(Precision precision, int bits)
    {
        OpCase[] cases = [.. RoundedProducts.Cases(precision, OpCases.Small)];
        Assert.Equal(OpCases.Small.Where(one => !one.IsProduct), cases.Where(one => !one.IsProduct));
        Assert.Equal(
            OpCases.Small.Sum(one => one.IsProduct && !one.PicksWinners && !one.EnlargesErrors ? 2 : 1), cases.Length);
        Assert.All(cases.Where(IsShort), one => Assert.Equal(OpCases.Rounding, one.Tolerance));
        Assert.All(cases.Where(one => one.IsProduct && !IsShort(one)), one =>
            Assert.Equal(OpCases.Rounding + Math.Pow(2, -bits), one.Tolerance));
    }

    [Theory]
    [MemberData(nameof(Rounding))]
    public void Rounded_factors_pass_and_short_ones_are_not_changed(Precision precision, int bits)
    {
        SelfTestResult[] results = Run(precision, bits);
        Assert.All(results, result => Assert.True(result.Passed, $"{result}"));
        Assert.All(results.Where(result => !IsShort(result)), result => Assert.True(result.Error > OpCases.Rounding, $"{result}"));
        Assert.All(results.Where(IsShort), result => Assert.Equal(0, result.Error));
    }

    [Theory]
    [MemberData(nameof(Rounding))]
    public void Factors_that_lose_three_more_bits_fail(Precision precision, int bits) =>
        Assert.All(Run(precision, bits - 3).Where(result => !IsShort(result)), result => Assert.False(result.Passed, $"{result}"));

    [Theory]
    [MemberData(nameof(Rounding))]
    public void A_fault_as_small_as_rounding_is_found_with_short_factors(Precision precision, int bits)
    {
        SelfTestResult[] results = Run(precision, bits, values => values[values.Length / 2] += 0.01f);
        Assert.All(results.Where(IsShort), result => Assert.False(result.Passed, $"{result}"));
    }

    private static bool IsShort(OpCase one) => one.Shape.EndsWith(", short", StringComparison.Ordinal);

    private static bool IsShort(SelfTestResult result) => result.Shape.EndsWith(", short", StringComparison.Ordinal);

    /// <summary>All products, with inputs of so many bits of mantissa, perhaps with something wrong in what is read back.</summary>
    private static SelfTestResult[] Run(Precision precision, int bits, Action<Span<float>>? read = null) =>
    [
        .. OpSelfTest.Run(
            () => new TamperedDevice(read, write: values => Round(values, bits), precision: precision), "default",
            RoundedProducts.Cases(precision, s_products)),
    ];

    /// <summary>Rounds to the nearest; guard cells, which are far larger than any input, and NaN stay.</summary>
    private static void Round(Span<float> values, int bits)
    {
        int lost = 23 - bits;
        foreach (ref float value in values)
        {
            if (Math.Abs(value) < 100)
            {
                uint pattern = BitConverter.SingleToUInt32Bits(value) + (1u << (lost - 1));
                value = BitConverter.UInt32BitsToSingle(pattern >> lost << lost);
            }
        }
    }
}
