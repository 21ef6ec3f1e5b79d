using GpuCam.Kernels.Ops;

namespace GpuCam.Runner.Reports;

/// <summary>
/// Undoes a bilinear enlargement along one axis: the x whose enlargement is nearest to y in least squares. The enlargement is
/// a matrix A with two neighbouring entries a row, so that the normal equations <c>AᵀA x = Aᵀy</c> are tridiagonal, and an LDLᵀ solves them
/// in one pass there and one back.
/// </summary>
internal sealed class BilinearInverse
{
    private readonly (int Lower, int Upper, double Share)[] _taps;
    private readonly double[] _pivots;
    private readonly double[] _ratios;

    /// <summary>Undoes <paramref name="axis"/>, which must not shrink.</summary>
    public BilinearInverse(ResizeAxis axis)
    {
        if (axis.Input < 1 || axis.Output < axis.Input)
        {
            throw new ArgumentException($"{axis.Input} to {axis.Output} is no enlargement", nameof(axis));
        }

        _taps = new (int, int, double)[axis.Output];
        double[] diagonal = new double[axis.Input];
        double[] beside = new double[axis.Input];
        for (int o = 0; o < axis.Output; o++)
        {
            int lower = axis.Lower(o), upper = axis.Upper(lower);
            double share = axis.UpperShare(o);
            _taps[o] = (lower, upper, share);
            if (lower == upper)
            {
                diagonal[lower]++;
                continue;
            }

            diagonal[lower] += (1 - share) * (1 - share);
            diagonal[upper] += share * share;
            beside[lower] += share * (1 - share);
        }

        _pivots = diagonal;
        _ratios = beside;
        for (int i = 0; i + 1 < axis.Input; i++)
        {
            _ratios[i] = beside[i] / _pivots[i];
            _pivots[i + 1] -= _ratios[i] * _ratios[i] * _pivots[i];
        }
    }

    /// <summary>y enlarged from x.</summary>
    public void Enlarge(ReadOnlySpan<double> x, Span<double> y)
    {
        for (int o = 0; o < y.Length; o++)
        {
            (int lower, int upper, double share) = _taps[o];
            y[o] = ((1 - share) * x[lower]) + (share * x[upper]);
        }
    }

    /// <summary>x from y.</summary>
    public void Shrink(ReadOnlySpan<double> y, Span<double> x)
    {
        x.Clear();
        for (int o = 0; o < y.Length; o++)
        {
            (int lower, int upper, double share) = _taps[o];
            x[lower] += (1 - share) * y[o];
            x[upper] += share * y[o];
        }

        for (int i = 1; i < x.Length; i++)
        {
            x[i] -= _ratios[i - 1] * x[i - 1];
        }

        for (int i = x.Length - 1; i >= 0; i--)
        {
            x[i] = (x[i] / _pivots[i]) - (i + 1 < x.Length ? _ratios[i] * x[i + 1] : 0);
        }
    }
}
