using GpuCam.Kernels.Benchmarks;

namespace GpuCam.Runner.Benchmarks;

/// <summary>What <c>gpucam bench --model</c> measured.</summary>
internal sealed record ModelBenchReport
{
    private const int NameWidth = 28;
    private const int KindWidth = 25;

    public required string Device { get; init; }

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
    public string ToText()
    {
        var lines = new List<string>
        {
            $"{Device} ({Build})",
            $"{Model}: {Images()} of {Image} a run, {MultiplyAdds / 1e6:N1} million multiply-adds each, {ParameterBytes / 1e6:N1} MB of "
                + "parameters",
        };
        AddPeaks(lines);
        AddCases(lines);
        AddSteps(lines, "forward pass, step by step", Nodes);
        AddSteps(lines, "gradients of inputs, step by step", GradientNodes);
        if (Nodes?.Count > 0 || GradientNodes?.Count > 0)
        {
            lines.Add("\nMultiply-adds are those of the definition, so that Winograd's method can be above the peak. Bytes are inputs, output and");
            lines.Add("parameters, each once. The peak of a step is what bounds it: multiply-adds (flops), or bytes at the rate of the cache that");
            lines.Add("they fit into (for parameters: that all parameters of the network fit into).");
        }

        lines.Add($"\npeak memory {PeakMemoryMib} MiB");
        return string.Join('\n', lines);
    }

    private static string Shortened(string text, int width) => text.Length <= width ? text : $"…{text[^(width - 1)..]}";

    private static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";

    private string Images() => Batch == 1 ? "1 image" : $"{Batch} images";

    private void AddPeaks(List<string> lines)
    {
        if (PeakGflops is not { } peak || PeakReading is not { } rates)
        {
            return;
        }

        lines.Add($"peak, all threads: {peak:0} GFLOP/s; reading "
            + $"{string.Join(", ", rates.Select(rate => $"{rate.GigabytesPerSecond:0} GB/s of {rate.Bytes / 1048576.0:0.#} MiB"))}");
    }

    private void AddCases(List<string> lines)
    {
        if (Milliseconds.Count == 0)
        {
            return;
        }

        double? forward = Milliseconds.TryGetValue(ModelCases.Forward, out double time) ? time : null;
        lines.Add($"\n{"case",-18} {"ms",10} {"images/s",10}{(forward is null ? "" : " x forward")}");
        foreach ((string name, double value) in Milliseconds)
        {
            string ratio = forward is { } once ? $"{value / once,10:0.00}" : "";
            string rate = $"{1000 * Batch / value,10:0.0}";
            lines.Add($"{Title(name),-18} {value,10:0.00} {rate}{ratio}".TrimEnd());
        }
    }

    /// <summary>Every case but the forward pass begins with one.</summary>
    private static string Title(string name) => name switch
    {
        ModelCases.Gradient => "image gradient",
        ModelCases.Training => "training step",
        _ => name,
    };

    private static void AddSteps(List<string> lines, string title, IReadOnlyList<StepTime>? steps)
    {
        if (steps is null)
        {
            return;
        }

        lines.Add($"\n{title}");
        if (steps.Count == 0)
        {
            lines.Add("the device runs this network as one step");
            return;
        }

        lines.Add($"{"value",-NameWidth} {"kind",-KindWidth} {"WxHxC",-12} {"M m-adds",8} {"MB",6} {"ms",7} {"GFLOP/s",7} {"GB/s",5} of peak");
        foreach (StepTime step in steps)
        {
            lines.Add(Row($"{Shortened(step.Name, NameWidth),-NameWidth} {Cut(step.Kind, KindWidth),-KindWidth} {step.Shape,-12}", [step])
                + (step.Bound is null ? "" : $" {step.Bound}"));
        }

        lines.Add($"\n{"of each kind",-NameWidth} {"",-KindWidth} {"steps, time",12}");
        double all = steps.Sum(step => step.Milliseconds);
        foreach (IGrouping<string, StepTime> kind in steps.GroupBy(step => step.Kind).OrderByDescending(kind => kind.Sum(s => s.Milliseconds)))
        {
            StepTime[] same = [.. kind];
            string share = $"{same.Length,5} {same.Sum(step => step.Milliseconds) / all,6:0.0 %}";
            lines.Add(Row($"{Cut(kind.Key, NameWidth + KindWidth + 1),-(NameWidth + KindWidth + 1)} {share,12}", same));
        }

        lines.Add(Row($"{"all",-(NameWidth + KindWidth + 1)} {$"{steps.Count,5} {1,6:0.0 %}",12}", steps));
    }

    /// <summary>The figures of steps together; rates only where there is something to do and time to do it in.</summary>
    private static string Row(string title, IReadOnlyList<StepTime> steps)
    {
        double ms = steps.Sum(step => step.Milliseconds), adds = steps.Sum(step => (double)step.MultiplyAdds);
        double bytes = steps.Sum(step => (double)step.Bytes), least = steps.Sum(step => step.LeastMilliseconds ?? 0);
        string flops = adds > 0 && ms > 0 ? $"{2 * adds / ms / 1e6,7:0.0}" : new string(' ', 7);
        string rate = ms > 0 ? $"{bytes / ms / 1e6,5:0.0}" : new string(' ', 5);
        string share = least > 0 && ms > 0 ? $"{least / ms,4:0 %}" : "";
        string work = adds > 0 ? $"{adds / 1e6,8:0.0}" : new string(' ', 8);
        return $"{title} {work} {bytes / 1e6,6:0.00} {ms,7:0.000} {flops} {rate} {share,5}".TrimEnd();
    }
}
