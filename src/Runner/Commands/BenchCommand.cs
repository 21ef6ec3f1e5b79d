using System.CommandLine;
using System.Diagnostics;
using GpuCam.Kernels;
using GpuCam.Kernels.Benchmarks;
using GpuCam.Runner.Benchmarks;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam bench</c>: how fast each op and the whole reference network are on this machine, or a network of a file.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>(
            "--seconds")
        { Description = "seconds for each case, above 0, at most 3600", DefaultValueFactory = _ => 1, HelpName = "S" };
        var batch = new Option<int?>(
            "--batch")
        {
            Description = "images per run of an op or of --model, or of a step of all --ranks, 1 to 1024 (default: 16 for an op, 1 for a "
                + "model, 256 for ranks)",
            HelpName = "N",
        };
        var channels =
            new Option<int>("--channels") { Description = "input channels: 1 or 3", DefaultValueFactory = _ => 1, HelpName = "N" };
        var networkOnly = new Option<bool>("--network-only") { Description = "leave the single ops out" };
        var maps = new Option<bool>("--maps") { Description = "also time the maps of every method" };
        var samplesOut =
            new Option<string?>("--samples-out") { Description = "also write the 256 samples that were used, as npy", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command("bench", "Time each hot op and the reference network's training and inference, or any network.")
        {
            seconds, batch, channels, networkOnly, maps, samplesOut, json,
        };
        var model = new ModelBench(command, channels, networkOnly, maps, samplesOut);
        var ranks = new RankBench(command, channels, networkOnly, maps, samplesOut, model.Cases);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            if (!(parsed.GetValue(seconds) is > 0 and <= 3600))
            {
                throw new GpuCamException(
                    $"--seconds {parsed.GetValue(seconds)} is out of range; give a number above 0, at most 3600");
            }

            if (parsed.GetValue(channels) is not (1 or 3))
            {
                throw new GpuCamException($"--channels {parsed.GetValue(channels)} is out of range; give 1 or 3");
            }

            if (parsed.GetValue(batch) is < 1 or > 1024)
            {
                throw new GpuCamException($"--batch {parsed.GetValue(batch)} is out of range; give 1 to 1024");
            }

            bool ofFile = model.IsAsked(parsed), ofRanks = ranks.IsAsked(parsed);
            using IDevice device = RankJob.OfProcess.Together(() => devices.Open(parsed));
            if (ofRanks)
            {
                ranks.Run(
                    parsed, device, parsed.GetValue(batch), parsed.GetValue(seconds), ofFile ? model.Network(parsed, device) : null,
                    parsed.GetValue(json));
                return CommandLine.Done;
            }

            if (ofFile)
            {
                ModelBenchReport timed = model.Run(parsed, device, parsed.GetValue(batch) ?? 1, parsed.GetValue(seconds));
                Console.Out.WriteLine(parsed.GetValue(json) ? RunnerJson.Line(timed) : timed.ToText(Printable.Line));
                return CommandLine.Done;
            }

            var scale = BenchmarkScale.Choose(device, parsed.GetValue(batch) ?? 16);
            IReadOnlyList<OpTime> ops = parsed.GetValue(networkOnly)
                ? []
                : TimeOps(device, scale, parsed.GetValue(channels), parsed.GetValue(seconds));
            double peak = device is HostDevice host ? FmaPeak.Measure(host.Threads) : 0;
            var corpus =
                Corpus.Open(new CorpusOptions { Channels = parsed.GetValue(channels), Size = scale.Size }, Console.Error.WriteLine);
            using var network = new NetworkBenchmarks(device, parsed.GetValue(channels), scale.Size, scale.Reduced, corpus.Train);
            if (parsed.GetValue(samplesOut) is { } file)
            {
                Npy.WriteFile(file, network.Real, [network.Samples, scale.Size, scale.Size, parsed.GetValue(channels)]);
            }

            IReadOnlyDictionary<string, double>? mapTimes = parsed.GetValue(maps)
                ? TimeMaps(device, parsed.GetValue(channels), corpus.Train, parsed.GetValue(seconds)) : null;
            var report = new BenchReport(device.Description, DeviceCatalog.NameOf(device.Precision), DeviceCatalog.Engine, scale, peak, ops,
                network.Run(parsed.GetValue(seconds)), mapTimes, Process.GetCurrentProcess().PeakWorkingSet64 >> 20);
            Console.Out.WriteLine(parsed.GetValue(json) ? RunnerJson.Line(report) : report.ToText());
            return CommandLine.Done;
        });
        return command;
    }

    private static IReadOnlyDictionary<string, double> TimeMaps(IDevice device, int channels, ISampleSource source, double seconds)
    {
        using var benchmarks = new MapBenchmarks(device, channels, source);
        return benchmarks.Run(seconds);
    }

    private static List<OpTime> TimeOps(IDevice device, BenchmarkScale scale, int channels, double seconds)
    {
        using var benchmarks = new OpBenchmarks(device, scale.Batch, channels, scale.Size);
        var times = new List<OpTime>();
        foreach (OpBenchmark op in benchmarks.All)
        {
            double median = Timing.Median(
                () =>
                {
                    op.Run();
                    device.Synchronize();
                },
                seconds,
                scale.Reduced);
            times.Add(new OpTime(op.Name, median * 1000, 2 * op.MultiplyAdds / median / 1e9, op.Bytes / median / 1e9));
        }

        return times;
    }
}

/// <summary>How long one run of an op took, and what that is in GFLOP/s (of the direct formula) and GB/s.</summary>
internal sealed record OpTime(string Name, double Milliseconds, double Gflops, double GigabytesPerSecond);

/// <summary>What <c>gpucam bench</c> measured.</summary>
internal sealed record BenchReport(
    string Device, string Precision, string Build, BenchmarkScale Scale, double PeakGflops, IReadOnlyList<OpTime> Ops,
    IReadOnlyDictionary<string, double> Cases,
    IReadOnlyDictionary<string, double>? Maps, long PeakMemoryMib)
{
    /// <summary>The report for people.</summary>
    public string ToText()
    {
        var lines = new List<string> { $"{Device} ({Build}), {Precision}" };
        if (Scale.Reduced)
        {
            lines.Add($"a slow device ({Scale.ProbeGflops:0.0} GFLOP/s in a small convolution): ops on {Scale.Batch} x "
                + $"{Scale.Size}x{Scale.Size}, few runs; not to be compared with full benchmarks");
        }

        if (PeakGflops > 0)
        {
            lines.Add($"multiply-add peak, all threads: {PeakGflops:0} GFLOP/s");
        }

        if (Ops.Count > 0)
        {
            lines.Add("\nop                            ms    GFLOP/s   of peak      GB/s");
        }

        foreach (OpTime op in Ops)
        {
            string flops = op.Gflops > 0
                ? $"{op.Gflops,10:0.0} {(PeakGflops > 0 ? op.Gflops / PeakGflops : 0),9:0 %}"
                : new string(' ', 20);
            lines.Add($"{op.Name,-24} {op.Milliseconds,8:0.000} {flops} {op.GigabytesPerSecond,9:0.0}");
        }

        lines.Add($"\nreference network, {Scale.Size}x{Scale.Size}");
        foreach ((string name, double value) in Cases)
        {
            lines.Add($"{name,-24} {value,8:0.00} {(name.EndsWith("-ms", StringComparison.Ordinal) ? "ms" : "images/s")}");
        }

        if (Maps is not null)
        {
            lines.Add($"\nmaps of {Scale.Size}x{Scale.Size}, forward pass included");
        }

        foreach ((string name, double value) in Maps ?? new Dictionary<string, double>())
        {
            lines.Add($"{name,-24} {value,8:0.000} ms/image");
        }

        lines.Add($"\npeak memory {PeakMemoryMib} MiB");
        return string.Join('\n', lines);
    }
}
