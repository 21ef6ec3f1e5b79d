using GpuCam.Kernels.Benchmarks;

namespace GpuCam.Runner.Benchmarks;

/// <summary>What <c>gpucam bench --model</c> measured.</summary>
internal sealed record ModelBenchReport
{
    private const int NameWidth = 28;
    private const int KindWidth = 25;
    private const string Columns = "M m-adds     MB      ms GFLOP/s  GB/s";

    public required string Device { get; init; }

    /// <summary>How the device rounded factors: <c>fp32</c>, <c>tf32</c> or <c>bf16</c>.</summary>
    public required string Precision { get; init; }

    public required string Build { get; init; }

    public required string Model { get; init; }

    /// <summary>Images that ran at once.</summary>
    public required int Batch { get; init; }

    /// <summary>Extents of an image, WxHxC.</summary>
    public required string Image { get; init; }

    /// <summary>For one image.</summary>
    public required long MultiplyAdds { get; init; }

    public required long ParameterBytes { get; init; }

    /// <summary>Median milliseconds of a run, by case.</summary>
    public required IReadOnlyDictionary<string, double> Milliseconds { get; init; }

    /// <summary>Milliseconds of the fastest run, by case: what other work on the machine disturbs least.</summary>
    public required IReadOnlyDictionary<string, double> BestMilliseconds { get; init; }

    /// <summary>Median milliseconds of a forward pass of another copy of the network, by turns with a map's, by map.</summary>
    public required IReadOnlyDictionary<string, double> ForwardMilliseconds { get; init; }

    /// <summary>Multiply-add peak of all threads; absent where no table was asked for or none is known.</summary>
    public double? PeakGflops { get; init; }

    /// <summary>How fast all threads read so many bytes; absent likewise.</summary>
    public IReadOnlyList<ReadRate>? PeakReading { get; init; }

    /// <summary>The steps of a forward pass; absent where they were not asked for.</summary>
    public IReadOnlyList<StepTime>? Nodes { get; init; }

    /// <summary>The steps of the way back to the image; absent likewise.</summary>
    public IReadOnlyList<StepTime>? GradientNodes { get; init; }

    public required long PeakMemoryMib { get; init; }

    /// <summary>The report for people.</summary>
    /// <param name="printable">Makes a line of names from outside fit for a terminal.</param>
    public string ToText(Func<string, string> printable)
    {
        var lines = new List<string>
        {
            $"{Device} ({Build}), {Precision}",
            printable($"{Model}: {Images()} of {Image} a run, {MultiplyAdds / 1e6:N1} million multiply-adds each, "
                + $"{ParameterBytes / 1e6:N1} MB of parameters"),
        };
        AddPeaks(lines);
        AddCases(lines);
        AddSteps(lines, "forward pass, step by step", Nodes, printable);
        AddSteps(lines, "gradients of inputs, step by step", GradientNodes, printable);
        if (Nodes?.Count > 0 || GradientNodes?.Count > 0)
        {
            lines.AddRange(PeakGflops is null
                ?
                [
                    "\nMultiply-adds are those of the definition. Bytes are inputs, output and parameters, each once. A step's time",
                    "goes from its launch until the device is done with it; a pass (forward) waits for its last step alone.",
                ]
                :
                [
                    "\nMultiply-adds are those of the definition: Winograd's method can be above their peak. Bytes are inputs, output",
                    "and parameters, each once. A step's peak is what bounds it: multiply-adds (flops), or bytes, read as fast as what",
                    "is as large as a value (for parameters: as all parameters of the network).",
                ]);
        }

        lines.Add($"\npeak memory {PeakMemoryMib} MiB");
        return string.Join('\n', lines);
    }

    /// <summary>A long name's end, which tells more than its beginning; but for what PyTorch appends to all.</summary>
    private static string NameOf(string name)
    {
        const string Appended = "_output_0";
        string text = name.Length > NameWidth && name.EndsWith(Appended, StringComparison.Ordinal) ? name[..^Appended.Length] : name;
        return text.Length <= NameWidth ? text : $"…{text[^(NameWidth - 1)..]}";
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";

    private string Images() => Batch == 1 ? "1 image" : $"{Batch} images";

    private void AddPeaks(List<string> lines)
    {
        if (PeakGflops is not { } peak || PeakReading is not { } rates)
        {
            return;
        }

        lines.Add($"peak of all threads: {peak:0} GFLOP/s; GB/s read of so many MiB: "
            + $"{string.Join(", ", rates.Select(rate => $"{rate.GigabytesPerSecond:0} of {rate.Bytes / 1048576.0:0.#}"))}");
    }

    private void AddCases(List<string> lines)
    {
        if (Milliseconds.Count == 0)
        {
            return;
        }

        double? alone = Milliseconds.TryGetValue(ModelCases.Forward, out double time) ? time : null;
        bool compared = alone is not null || ForwardMilliseconds.Count > 0;
        lines.Add($"\n{"case",-18} {"ms",10} {"fastest",10} {"images/s",10}{(compared ? " x forward" : "")}");
        foreach ((string name, double value) in Milliseconds)
        {
            double? forward = ForwardMilliseconds.TryGetValue(name, out double beside) ? beside : alone;
            string ratio = forward is { } once ? $"{value / once,10:0.00}" : "";
            string rate = $"{1000 * Batch / value,10:0.0}";
            lines.Add($"{Title(name),-18} {value,10:0.00} {BestMilliseconds[name],10:0.00} {rate}{ratio}".TrimEnd());
        }
    }

    /// <summary>Every case but the forward pass begins with one.</summary>
    private static string Title(string name) => name switch
    {
        ModelCases.Gradient => "image gradient",
        ModelCases.Training => "training step",
        _ => name,
    };

    private static void AddSteps(List<string> lines, string heading, IReadOnlyList<StepTime>? steps, Func<string, string> printable)
    {
        if (steps is null)
        {
            return;
        }

        lines.Add($"\n{heading}");
        if (steps.Count == 0)
        {
            lines.Add("the device runs this network as one step");
            return;
        }

        // Where no peak is known, a step's share is that of the time.
        double all = steps.Sum(step => step.Milliseconds);
        string columns = $"{Columns} {(steps.Any(step => step.LeastMilliseconds is not null) ? "of peak" : "of time")}";
        lines.Add($"{"value",-NameWidth} {"kind",-KindWidth} {"WxHxC",-12} {columns}");
        foreach (StepTime step in steps)
        {
            string title = $"{NameOf(step.Name),-NameWidth} {Cut(step.Kind, KindWidth),-KindWidth} {step.Shape,-12}";
            lines.Add(printable(Row(title, [step], all) + (step.Bound is null ? "" : $" {step.Bound}")));
        }

        lines.Add($"\n{"all of a kind",-(NameWidth + KindWidth + 1)} {"steps",5}{"time",7} {columns}");
        foreach ((string kind, StepTime[] same) in steps.GroupBy(step => step.Kind, (kind, same) => (kind, same.ToArray()))
            .OrderByDescending(group => group.Item2.Sum(step => step.Milliseconds)))
        {
            string share = $"{same.Length,5} {same.Sum(step => step.Milliseconds) / all,6:0.0 %}";
            lines.Add(Row($"{Cut(kind, NameWidth + KindWidth + 1),-(NameWidth + KindWidth + 1)} {share,12}", same, all));
        }

        lines.Add(Row($"{"all",-(NameWidth + KindWidth + 1)} {$"{steps.Count,5} {1,6:0.0 %}",12}", steps, all));
    }

    /// <summary>The figures of steps together; rates only where there is something to do and time to do it in.</summary>
    private static string Row(string title, IReadOnlyList<StepTime> steps, double all)
    {
        double ms = steps.Sum(step => step.Milliseconds), adds = steps.Sum(step => (double)step.MultiplyAdds);
        double bytes = steps.Sum(step => (double)step.Bytes), least = steps.Sum(step => step.LeastMilliseconds ?? 0);
        string flops = adds > 0 && ms > 0 ? $"{2 * adds / ms / 1e6,7:0.0}" : new string(' ', 7);
        string rate = ms > 0 ? $"{bytes / ms / 1e6,5:0.0}" : new string(' ', 5);
        double part = least > 0 && ms > 0 ? least / ms : all > 0 ? ms / all : 0;
        string share = least > 0 || steps.All(step => step.LeastMilliseconds is null) ? $"{part,4:0 %}" : "";
        string work = adds > 0 ? $"{adds / 1e6,8:0.0}" : new string(' ', 8);
        return $"{title} {work} {bytes / 1e6,6:0.00} {ms,7:0.000} {flops} {rate} {share,5}".TrimEnd();
    }
}
