namespace GpuCam.Kernels.SelfTests;

/// <summary>What is checked, and how exactly, on a device that rounds the factors of products: see <see cref="Precision"/>.</summary>
public static class RoundedProducts
{
    /// <summary>
    /// These cases for a device of that precision. Each product is checked twice: with factors that are rounded, and with short ones, which
    /// are not, within the tolerance of float32. Only the latter where it picks a winner, since rounding picks another of two near ones,
    /// or where a function of the sums enlarges their errors.
    /// </summary>
    public static IEnumerable<OpCase> Cases(Precision precision, IEnumerable<OpCase> cases) => precision == Precision.Float32
        ? cases
        : cases.SelectMany(one => one switch
        {
            { IsProduct: false } => (OpCase[])[one],
            { PicksWinners: true } or { EnlargesErrors: true } => [Short(one)],
            _ => [one with { Tolerance = one.Tolerance + Tolerance(precision) }, Short(one)],
        });

    /// <summary>
    /// How far rounded factors may take the results of a product from those of float32, as a share of the largest: 2 u, where u is the
    /// share of itself by which rounding changes a factor at most: 2^-11 for tf32, 2^-8 for bf16.
    /// </summary>
    /// <remarks>
    /// One product changes by 2 u of itself at most. A sum of K products, with factors of either sign, changes much less than K times
    /// that: a factor's error is uniform within half a unit of the last place, and its mantissa nearly so in 1 … 2, which makes 0.41 u in
    /// the root mean square, and 0.41 √2 u = 0.58 u for a product. K such errors of either sign add up to √K of them, and so do the K
    /// products. So, whatever K is, the root mean square of the errors is 0.58 u of that of the results, and the largest error, which like
    /// the largest result is a few times that, about 0.6 u of the largest result. With the self-test's factors rounded on the host it is
    /// 0.4 to 0.8 u; where bits are cut off instead of rounded, 0.9 to 1.7 u.
    /// </remarks>
    public static double Tolerance(Precision precision) => precision switch
    {
        Precision.TF32 => 2.0 / (1 << 11),
        Precision.BFloat16 => 2.0 / (1 << 8),
        _ => 0,
    };

    private static OpCase Short(OpCase one) => one with
    {
        Shape = $"{one.Shape}, short",
        Prepare = t =>
        {
            t.ShortFactors = true;
            return one.Prepare(t);
        },
    };
}
