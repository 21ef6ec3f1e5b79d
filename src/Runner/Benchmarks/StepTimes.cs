using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Benchmarks;

/// <summary>What a step of a pass took, beside what it has to do.</summary>
/// <param name="Name">The value that it makes.</param>
/// <param name="Kind">What it is; a fused step names all of it.</param>
/// <param name="Shape">Extents of that value for one image, WxHxC.</param>
/// <param name="MultiplyAdds">By the definition, whatever is really computed, for all images.</param>
/// <param name="Bytes">Its inputs, its output and its parameters, each once, for all images.</param>
/// <param name="Milliseconds">Median over passes.</param>
/// <param name="BestMilliseconds">The least of them: what other work on the machine disturbs least.</param>
/// <param name="Gflops">Billions of operations a second; a multiply-add is two.</param>
/// <param name="GigabytesPerSecond">Billions of bytes a second.</param>
/// <param name="LeastMilliseconds">What it would take at the peak; absent where none is known.</param>
/// <param name="Bound"><c>flops</c> or <c>bytes</c>: which of them decides that.</param>
internal sealed record StepTime(
    string Name, string Kind, string Shape, long MultiplyAdds, long Bytes, double Milliseconds, double BestMilliseconds, double Gflops,
    double GigabytesPerSecond, double? LeastMilliseconds, string? Bound)
{
    /// <summary>The share of the peak that it reached; absent where none is known, and for what takes no time.</summary>
    public double? ShareOfPeak => Milliseconds > 0 ? LeastMilliseconds / Milliseconds : null;
}

/// <summary>Collects how long steps take, pass by pass.</summary>
internal sealed class StepTimes(StepClock clock, StepPart part)
{
    private readonly Dictionary<Node, List<double>> _times = [];

    /// <summary>Passes so far.</summary>
    public int Passes { get; private set; }

    /// <summary>Runs one pass and listens.</summary>
    public void Record(Action pass)
    {
        Passes++;
        clock.Listener = Hear;
        pass();
        clock.Listener = null;
    }

    /// <summary>The median of each step, in the order in which they first ran.</summary>
    public IReadOnlyList<StepTime> Medians(int batch, Roofline roofline) =>
        [.. _times.Select(step => Of(step.Key, [.. step.Value.Order()], batch, roofline))];

    private static StepTime Of(Node step, double[] times, int batch, Roofline roofline)
    {
        double seconds = times[times.Length / 2];
        long multiplyAdds = batch * Inside(step).Sum(MultiplyAdds);
        long[] values = [.. step.Inputs.Distinct().Append(step.Output).Select(value => (long)batch * sizeof(float) * value.Shape.Count)];
        long parameters = sizeof(float) * step.Parameters.Sum(parameter => (long)parameter.Shape.Count);
        (double Seconds, bool ByBytes)? least = roofline.Least(multiplyAdds, values, parameters);
        Shape shape = step.Output.Shape;
        long bytes = values.Sum() + parameters;
        double divisor = seconds > 0 ? seconds * 1e9 : double.PositiveInfinity;
        return new StepTime(
            step.Name, step.Kind, $"{shape.W}x{shape.H}x{shape.C}", multiplyAdds, bytes, seconds * 1000, times[0] * 1000,
            2 * multiplyAdds / divisor, bytes / divisor, least?.Seconds * 1000,
            least is null ? null : least.Value.ByBytes ? "bytes" : "flops");
    }

    /// <summary>The nodes of the graph that a step stands for: those between its inputs and its output.</summary>
    private static HashSet<Node> Inside(Node step)
    {
        var inside = new HashSet<Node>();
        var open = new Stack<Value>([step.Output]);
        while (open.TryPop(out Value? value))
        {
            if (value.Producer is { } node && (value == step.Output || !step.Inputs.Contains(value)) && inside.Add(node))
            {
                foreach (Value input in node.Inputs)
                {
                    open.Push(input);
                }
            }
        }

        return inside;
    }

    private static long MultiplyAdds(Node node) => node.MultiplyAdds([.. node.Inputs.Select(input => input.Shape)], node.Output.Shape);

    private void Hear(Node node, StepPart heard, TimeSpan time)
    {
        if (heard != part)
        {
            return;
        }

        if (!_times.TryGetValue(node, out List<double>? times))
        {
            _times[node] = times = [];
        }

        if (times.Count < Passes)
        {
            times.Add(time.TotalSeconds);
        }
        else
        {
            times[^1] += time.TotalSeconds;     // the gradient of another input, in the same pass
        }
    }
}
