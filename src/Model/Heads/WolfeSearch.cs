namespace GpuCam.Model;

/// <summary>
/// A step length that meets the strong Wolfe conditions, <c>f(x + a d) ≤ f(x) + 1e-4 a f'</c> and <c>|f'(x + a d)| ≤ 0.9 |f'|</c>, by
/// bracketing and cubic interpolation (Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6). Where rounding hides that,
/// a step that meets the first is taken.
/// </summary>
internal sealed class WolfeSearch(SmoothFunction function, int length)
{
    private const double Decrease = 1e-4, Curvature = 0.9, Widen = 2;
    private const int MostEvaluations = 30;
    private double[] _from = [], _direction = [];

    private readonly record struct Trial(double Step, double Value, double Slope);

    /// <summary>Where the last search ended.</summary>
    public double[] Point { get; } = new double[length];

    /// <summary>The gradient there.</summary>
    public double[] Gradient { get; } = new double[length];

    /// <summary>The value there.</summary>
    public double Value { get; private set; }

    /// <summary>Calls of the function so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>The value at the first point of all.</summary>
    public double Begin(double[] x, double[] gradient)
    {
        Evaluations++;
        return function(x, gradient);
    }

    /// <summary>Searches from <paramref name="from"/> on; false where nothing lower was found.</summary>
    /// <param name="from">The point.</param>
    /// <param name="direction">Goes downhill.</param>
    /// <param name="value">The value at the point.</param>
    /// <param name="slope">The slope there in that direction, below 0.</param>
    /// <param name="first">The length to try first.</param>
    public bool Run(double[] from, double[] direction, double value, double slope, double first)
    {
        (_from, _direction) = (from, direction);
        Trial start = new(0, value, slope), before = start;
        double step = first;
        int end = Evaluations + MostEvaluations;
        while (Evaluations < end)
        {
            Trial trial = Try(step);
            if (!IsLower(trial, start) || (before.Step > 0 && trial.Value >= before.Value))
            {
                return Zoom(start, before, trial, end);
            }

            if (Math.Abs(trial.Slope) <= -Curvature * slope)
            {
                return true;
            }

            if (trial.Slope >= 0)
            {
                return Zoom(start, trial, before, end);
            }

            before = trial;
            step *= Widen;
        }

        return true;        // ever lower, as far as anybody looked
    }

    /// <summary>Narrows a bracket whose <paramref name="low"/> end is lower than the start, and slopes down into it.</summary>
    private bool Zoom(Trial start, Trial low, Trial high, int end)
    {
        while (Evaluations < end && Math.Abs(high.Step - low.Step) > 1e-16 * Math.Abs(high.Step + low.Step))
        {
            Trial trial = Try(Between(low, high));
            if (!IsLower(trial, start) || trial.Value >= low.Value)
            {
                high = trial;
                continue;
            }

            if (Math.Abs(trial.Slope) <= -Curvature * start.Slope)
            {
                return true;
            }

            if (trial.Slope * (high.Step - low.Step) >= 0)
            {
                high = low;
            }

            low = trial;
        }

        if (low.Step > 0)
        {
            Try(low.Step);
        }

        return low.Step > 0;
    }

    private static bool IsLower(Trial trial, Trial start) => trial.Value <= start.Value + (Decrease * trial.Step * start.Slope);

    /// <summary>The minimum of the cubic through both ends, or the middle where that is none inside, or too near to an end.</summary>
    private static double Between(Trial a, Trial b)
    {
        double width = b.Step - a.Step;
        double mean = a.Slope + b.Slope + (3 * (a.Value - b.Value) / width);
        double root = Math.CopySign(Math.Sqrt((mean * mean) - (a.Slope * b.Slope)), width);
        double share = 1 - ((b.Slope + root - mean) / (b.Slope - a.Slope + (2 * root)));
        return a.Step + (width * (share is >= 0.1 and <= 0.9 ? share : 0.5));
    }

    private Trial Try(double step)
    {
        for (int i = 0; i < Point.Length; i++)
        {
            Point[i] = _from[i] + (step * _direction[i]);
        }

        Evaluations++;
        Value = function(Point, Gradient);
        return double.IsFinite(Value)
            ? new Trial(step, Value, Sums.Dot(Gradient, _direction))
            : new Trial(step, double.PositiveInfinity, double.NaN);
    }
}
