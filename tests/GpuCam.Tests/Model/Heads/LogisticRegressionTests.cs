using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Heads;

/// <summary>Multinomial logistic regression, against differences, closed forms and PyTorch.</summary>
public sealed class LogisticRegressionTests
{
    private const int Pictures = 11, Channels = 5, Classes = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void The_gradient_is_that_of_the_value(double penalty)
    {
        LogisticRegression problem = Problem();
        double[] x = Array.ConvertAll(OpHarness.Random(problem.Length, 2, -1, 1), v => (double)v);
        double[] gradient = new double[x.Length], other = new double[x.Length];
        problem.Evaluate(x, penalty, gradient);
        for (int i = 0; i < x.Length; i++)
        {
            const double H = 1e-5;
            double kept = x[i];
            x[i] = kept + H;
            double above = problem.Evaluate(x, penalty, other);
            x[i] = kept - H;
            double below = problem.Evaluate(x, penalty, other);
            x[i] = kept;
            Assert.Equal((above - below) / (2 * H), gradient[i], 1e-8);
        }
    }

    [Fact]
    public void Sums_go_in_their_order_with_one_rounding_a_term_whatever_the_width_of_vectors()
    {
        // Rows and depths that no tile divides; strided as the gradient reads them, and as the logits do.
        int rows = 7, depth = 13, columns = RowProducts.Padded(9);
        float[] x = OpHarness.Random(rows * depth, 1);
        double[] b = Array.ConvertAll(OpHarness.Random(depth * columns, 2), v => (double)v);
        foreach ((int rowStride, int depthStride) in ((int, int)[])[(depth, 1), (1, rows)])
        {
            double[] y = [.. Enumerable.Range(0, rows * columns).Select(i => i / 7.0)];
            double[] expected = [.. y];
            RowProducts.Add(x, rowStride, depthStride, rows, depth, b, y, columns);
            for (int i = 0; i < expected.Length; i++)
            {
                for (int d = 0; d < depth; d++)
                {
                    float factor = x[(i / columns * rowStride) + (d * depthStride)];
                    expected[i] = Math.FusedMultiplyAdd(factor, b[(d * columns) + (i % columns)], expected[i]);
                }
            }

            Assert.Equal(expected, y);
        }
    }

    [Fact]
    public void Features_that_tell_nothing_leave_the_shares_of_the_classes()
    {
        int[] labels = [0, 1, 1, 2, 2, 2, 2, 2];
        float[] features = [.. Enumerable.Repeat(0.25f, 2 * labels.Length)];
        var problem = new LogisticRegression(features, labels, 3);
        double[] found = new double[problem.Length];
        Assert.True(problem.Fit(found, 0.1, new LbfgsOptions { Tolerance = 1e-10 }).Converged);
        HeadWeights head = problem.Fold(found);
        Assert.All(head.Weight, weight => Assert.Equal(0, weight));
        double[] shares = Ranking.Softmax(head.Logits(features.AsSpan(0, 2)));
        Assert.Equal((double[])[1 / 8.0, 2 / 8.0, 5 / 8.0], shares, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    public void Two_pictures_of_two_classes_meet_their_equation(double penalty)
    {
        // Features 3 and 7 are -1 and 1 when standardised; by symmetry W = (-w, w), and the slope of log(1 + exp(-2w)) + λ w² is 0.
        var problem = new LogisticRegression((float[])[3, 7], (int[])[0, 1], 2);
        double[] found = new double[problem.Length];
        Assert.True(problem.Fit(found, penalty, new LbfgsOptions { Tolerance = 1e-12 }).Converged);
        double w = found[1];
        Assert.Equal(-w, found[0], 1e-9);
        Assert.Equal(penalty * w, 1 / (1 + Math.Exp(2 * w)), 1e-9);
        HeadWeights head = problem.Fold(found);
        Assert.Equal((float)(w / 2), head.Weight[1], 1e-6);
        Assert.Equal(0, head.Logits([5])[1], 1e-6);
    }

    [Fact]
    public void Four_classes_end_where_SciPy_ends()
    {
        // The same problem by SciPy 1.10's BFGS in double precision, polished by Newton's method to a gradient of 3e-17.
        double[] expected =
            [0.208407028, -0.031000531, 0.084960623, -0.262367119, -0.128390781, 0.027427068, -0.029265783, 0.130229496];
        float[] features =
            [.. Enumerable.Range(0, 40 * 6).Select(i => (float)Math.Sin(1 + (3 * (i / 6)) + (7 * (i % 6)) + (i / 6 * (i % 6))))];
        int[] labels = [.. Enumerable.Range(0, 40).Select(n => ((n * 5 / 3) + (n / 7)) % 4)];
        var problem = new LogisticRegression(features, labels, 4);
        double[] found = new double[problem.Length];
        LbfgsResult result = problem.Fit(found, 0.01, new LbfgsOptions { Tolerance = 1e-8 });
        Assert.True(result.Converged, result.ToString());
        Assert.Equal(1.3069950247725757, result.Value, 1e-9);
        Assert.All(expected.Index(), weight => Assert.Equal(weight.Item, found[weight.Index], 1e-5));
    }

    [Fact]
    public void A_head_on_features_as_they_are_says_what_was_fitted_on_standardised_ones()
    {
        float[] features = Features();
        LogisticRegression problem = Problem();
        double[] found = new double[problem.Length];
        problem.Fit(found, 0.01);
        HeadWeights head = problem.Fold(found);
        Assert.Equal((Classes, Channels), (head.Classes, head.Features));
        for (int n = 0; n < Pictures; n++)
        {
            float[] logits = head.Logits(features.AsSpan(n * Channels, Channels));
            for (int c = 0; c < Classes; c++)
            {
                double expected = found[(Channels * Classes) + c];
                for (int k = 0; k < Channels; k++)
                {
                    double[] column = [.. Enumerable.Range(0, Pictures).Select(i => (double)features[(i * Channels) + k])];
                    double mean = column.Average(), deviation = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
                    expected += k == 2 ? 0 : (column[n] - mean) / deviation * found[(k * Classes) + c];
                }

                Assert.Equal(expected, logits[c], 2e-4);
            }
        }

        Assert.All(Enumerable.Range(0, Classes), c => Assert.Equal(0, head.Weight[(c * Channels) + 2]));
    }

    [Fact]
    public void The_larger_the_penalty_the_smaller_the_weights_and_each_start_ends_at_the_same()
    {
        LogisticRegression problem = Problem();
        var options = new LbfgsOptions { Tolerance = 1e-8 };
        double last = double.PositiveInfinity;
        double[] warm = new double[problem.Length];
        foreach (double penalty in (double[])[1e-3, 1e-2, 1e-1, 1])
        {
            double[] cold = Array.ConvertAll(OpHarness.Random(problem.Length, 9), v => (double)v);
            Assert.True(problem.Fit(warm, penalty, options).Converged);
            Assert.True(problem.Fit(cold, penalty, options).Converged);
            Assert.Equal(warm[..(Channels * Classes)], cold[..(Channels * Classes)], (a, b) => Math.Abs(a - b) < 1e-4);
            double size = Sums.Dot(warm.AsSpan(0, Channels * Classes), warm.AsSpan(0, Channels * Classes));
            Assert.True(size < last);
            last = size;
        }
    }

    [Fact]
    public void Features_that_are_not_finite_are_refused()
    {
        float[] features = Features();
        features[(4 * Channels) + 1] = float.NaN;
        GpuCamException error = Assert.Throws<GpuCamException>(() => new LogisticRegression(features, Labels(), Classes));
        Assert.StartsWith("a feature of picture 4 is NaN", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Small features far from zero, and one channel that never changes.</summary>
    private static float[] Features()
    {
        float[] features = OpHarness.Random(Pictures * Channels, 3, 0.01f, 0.02f);
        for (int n = 0; n < Pictures; n++)
        {
            features[(n * Channels) + 2] = 0.5f;
        }

        return features;
    }

    private static int[] Labels() => [.. Enumerable.Range(0, Pictures).Select(n => n * 5 % Classes)];

    private static LogisticRegression Problem() => new(Features(), Labels(), Classes);
}
