using GpuCam.Model;

namespace GpuCam.Tests.Model.Heads;

/// <summary>Functions whose minima are known.</summary>
public sealed class LbfgsTests
{
    [Theory]
    [InlineData(3, 1)]
    [InlineData(17, 100)]
    [InlineData(40, 200)]
    public void A_quadratic_function_is_minimised_however_long_its_valley(int length, double condition)
    {
        // 1/2 Σ a_i (x_i - i)², turned by a reflection so that no axis is special; the minimum is the reflected (0, 1, 2, …).
        double[] curvature = [.. Enumerable.Range(0, length).Select(i => Math.Pow(condition, (double)i / (length - 1)))];
        double[] expected = Reflected([.. Enumerable.Range(0, length).Select(i => (double)i)]);
        double[] x = new double[length];
        LbfgsResult found = Lbfgs.Minimise(Function, x, new LbfgsOptions { Tolerance = 1e-8 });
        Assert.True(found.Converged, found.ToString());
        Assert.True(found.Slope <= 1e-8);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(expected[i], x[i], 1e-6);
        }

        double Function(double[] at, double[] gradient)
        {
            double[] turned = Reflected(at), slopes = new double[length];
            double value = 0;
            for (int i = 0; i < length; i++)
            {
                slopes[i] = curvature[i] * (turned[i] - i);
                value += slopes[i] * (turned[i] - i) / 2;
            }

            Reflected(slopes).CopyTo(gradient, 0);
            return value;
        }
    }

    [Fact]
    public void A_bent_valley_is_followed_to_its_end()
    {
        double[] x = [-1.2, 1];
        LbfgsResult found = Lbfgs.Minimise(Rosenbrock, x, new LbfgsOptions { Tolerance = 1e-8 });
        Assert.True(found is { Converged: true, Steps: < 60 }, found.ToString());
        Assert.Equal(1, x[0], 1e-7);
        Assert.Equal(1, x[1], 1e-7);
    }

    [Fact]
    public void A_step_beyond_where_the_function_ends_is_taken_back()
    {
        // x - log x is infinite from 0 down; the minimum is 1, and the first step from 50 jumps over it.
        double[] x = [50];
        LbfgsResult found = Lbfgs.Minimise((at, gradient) =>
        {
            gradient[0] = 1 - (1 / at[0]);
            return at[0] > 0 ? at[0] - Math.Log(at[0]) : double.NaN;
        }, x);
        Assert.True(found.Converged, found.ToString());
        Assert.Equal(1, x[0], 1e-5);
    }

    [Fact]
    public void It_ends_where_it_begins_if_that_is_a_minimum_and_after_the_steps_that_it_may_make()
    {
        double[] best = [1, 1];
        Assert.Equal((0, true), End(Lbfgs.Minimise(Rosenbrock, best)));
        Assert.Equal((double[])[1, 1], best);
        Assert.Equal((4, false), End(Lbfgs.Minimise(Rosenbrock, [-1.2, 1], new LbfgsOptions { MostSteps = 4 })));
        static (int Steps, bool Converged) End(LbfgsResult found) => (found.Steps, found.Converged);
    }

    [Fact]
    public void It_makes_the_same_bits_again()
    {
        double[] first = [-1.2, 1], second = [-1.2, 1];
        LbfgsResult found = Lbfgs.Minimise(Rosenbrock, first);
        Assert.Equal(found, Lbfgs.Minimise(Rosenbrock, second));
        Assert.Equal(first.Select(BitConverter.DoubleToInt64Bits), second.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void A_function_that_is_not_finite_where_it_begins_is_refused()
    {
        GpuCamException error = Assert.Throws<GpuCamException>(() => Lbfgs.Minimise((_, _) => double.NaN, [1]));
        Assert.StartsWith("the function to minimise is NaN where it begins", error.Message, StringComparison.Ordinal);
    }

    private static double Rosenbrock(double[] x, double[] gradient)
    {
        double across = x[1] - (x[0] * x[0]), along = 1 - x[0];
        gradient[0] = (-400 * x[0] * across) - (2 * along);
        gradient[1] = 200 * across;
        return (100 * across * across) + (along * along);
    }

    /// <summary>x - 2 u (u·x) for a unit vector u of equal components: its own inverse.</summary>
    private static double[] Reflected(double[] x)
    {
        double shift = 2 * x.Sum() / x.Length;
        return [.. x.Select(value => value - shift)];
    }
}
