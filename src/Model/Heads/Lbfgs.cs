namespace GpuCam.Model;

/// <summary>A smooth function: writes the gradient at <paramref name="x"/> and returns the value.</summary>
public delegate double SmoothFunction(double[] x, double[] gradient);

/// <summary>When <see cref="Lbfgs"/> ends, and what it remembers.</summary>
public sealed record LbfgsOptions
{
    /// <summary>Pairs of step and change of the gradient that the curvature is made of.</summary>
    public int Memory { get; init; } = 10;

    /// <summary>Steps at most.</summary>
    public int MostSteps { get; init; } = 1000;

    /// <summary>The largest component of the gradient that counts as none.</summary>
    public double Tolerance { get; init; } = 1e-6;
}

/// <summary>Where <see cref="Lbfgs"/> ended.</summary>
/// <param name="Value">Of the function.</param>
/// <param name="Slope">The largest component of the gradient, without its sign.</param>
/// <param name="Steps">Steps made.</param>
/// <param name="Evaluations">Calls of the function.</param>
/// <param name="Converged">Whether the gradient is within the tolerance.</param>
public sealed record LbfgsResult(double Value, double Slope, int Steps, int Evaluations, bool Converged);

/// <summary>
/// L-BFGS (Liu and Nocedal, 1989): steps along <c>-H g</c>, where H is made of the last few steps s and changes of the gradient y by the
/// two-loop recursion (Nocedal and Wright, Numerical Optimization, algorithm 7.4) from <c>s·y / y·y</c> times the identity, with lengths
/// by <see cref="WolfeSearch"/>. Double precision, one thread, sums in a fixed order: the same function gives the same bits.
/// </summary>
public sealed class Lbfgs
{
    private readonly SmoothFunction _function;
    private readonly LbfgsOptions _options;
    private readonly double[][] _steps, _changes;
    private readonly double[] _curvatures, _products;
    private int _count, _next;

    private Lbfgs(SmoothFunction function, int length, LbfgsOptions options)
    {
        (_function, _options) = (function, options);
        _steps = [.. Enumerable.Range(0, options.Memory).Select(_ => new double[length])];
        _changes = [.. Enumerable.Range(0, options.Memory).Select(_ => new double[length])];
        (_curvatures, _products) = (new double[options.Memory], new double[options.Memory]);
    }

    /// <summary>Goes from <paramref name="x"/> to a minimum, which it leaves there.</summary>
    /// <param name="function">What is minimised.</param>
    /// <param name="x">Where to begin.</param>
    /// <param name="options">When to end.</param>
    /// <param name="token">Ends the work between two steps; <paramref name="x"/> is as the last one left it.</param>
    /// <exception cref="GpuCamException">The function is not finite where it begins.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LbfgsResult Minimise(
        SmoothFunction function, double[] x, LbfgsOptions? options = null, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(x);
        return new Lbfgs(function, x.Length, options ?? new LbfgsOptions()).Run(x, token);
    }

    private LbfgsResult Run(double[] x, CancellationToken token)
    {
        double[] gradient = new double[x.Length], direction = new double[x.Length];
        var search = new WolfeSearch(_function, x.Length);
        double value = search.Begin(x, gradient);
        if (!double.IsFinite(value))
        {
            throw new GpuCamException($"the function to minimise is {value} where it begins: look for non-finite values in the data");
        }

        int made = 0;
        while (made < _options.MostSteps && Sums.Largest(gradient) > _options.Tolerance)
        {
            token.ThrowIfCancellationRequested();
            Direct(gradient, direction);
            double slope = Sums.Dot(gradient, direction);
            if (!(slope < 0))
            {
                Forget(gradient, direction, out slope);
            }

            double first = _count > 0 ? 1 : Math.Min(1, 1 / Math.Sqrt(-slope));
            if (!search.Run(x, direction, value, slope, first))
            {
                if (_count == 0)
                {
                    break;      // not even downhill is anything lower: rounding is all that is left
                }

                Forget(gradient, direction, out slope);
                if (!search.Run(x, direction, value, slope, Math.Min(1, 1 / Math.Sqrt(-slope))))
                {
                    break;
                }
            }

            Remember(search, x, gradient);
            search.Point.CopyTo(x, 0);
            search.Gradient.CopyTo(gradient, 0);
            value = search.Value;
            made++;
        }

        double left = Sums.Largest(gradient);
        return new LbfgsResult(value, left, made, search.Evaluations, left <= _options.Tolerance);
    }

    /// <summary>The two loops: writes -H g.</summary>
    private void Direct(double[] gradient, double[] direction)
    {
        for (int i = 0; i < direction.Length; i++)
        {
            direction[i] = -gradient[i];
        }

        for (int back = 1; back <= _count; back++)
        {
            int at = Place(back);
            _products[at] = Sums.Dot(_steps[at], direction) / _curvatures[at];
            Sums.Add(direction, -_products[at], _changes[at]);
        }

        if (_count > 0)
        {
            int last = Place(1);
            double scale = _curvatures[last] / Sums.Dot(_changes[last], _changes[last]);
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] *= scale;
            }
        }

        for (int back = _count; back >= 1; back--)
        {
            int at = Place(back);
            Sums.Add(direction, _products[at] - (Sums.Dot(_changes[at], direction) / _curvatures[at]), _steps[at]);
        }
    }

    private int Place(int back) => (_next - back + (2 * _options.Memory)) % _options.Memory;

    /// <summary>Begins anew, straight downhill.</summary>
    private void Forget(double[] gradient, double[] direction, out double slope)
    {
        _count = 0;
        Direct(gradient, direction);
        slope = -Sums.Dot(gradient, gradient);
    }

    /// <summary>
    /// Keeps the step from x to where the search ended; one along which the gradient did not rise says nothing of curvature.
    /// </summary>
    private void Remember(WolfeSearch search, double[] x, double[] gradient)
    {
        double[] step = _steps[_next], change = _changes[_next];
        for (int i = 0; i < x.Length; i++)
        {
            step[i] = search.Point[i] - x[i];
            change[i] = search.Gradient[i] - gradient[i];
        }

        double curvature = Sums.Dot(step, change);
        if (curvature > 1e-14 * Math.Sqrt(Sums.Dot(step, step) * Sums.Dot(change, change)))
        {
            _curvatures[_next] = curvature;
            _next = (_next + 1) % _options.Memory;
            _count = Math.Min(_count + 1, _options.Memory);
        }
    }
}
