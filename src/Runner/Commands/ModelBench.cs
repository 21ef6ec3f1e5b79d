using System.CommandLine;
using System.Diagnostics;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Benchmarks;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam bench</c> for a network of a file, and what it then does.</summary>
internal sealed class ModelBench
{
    private readonly ModelOptions _model = new(
        "--model", "time this network instead: .onnx or .safetensors, a run folder, or a fetched model's name (resnet18)");
    private readonly Option<string> _cases = new("--cases")
    {
        Description = "what is timed of --model, separated by commas: forward, gradient (to the image), training (a step of SGD), names "
            + "of methods, maps (all methods that score no copies), nodes (every step of the forward pass), gradient-nodes, or all",
        DefaultValueFactory = _ => ModelCases.Usual,
        HelpName = "NAMES",
    };
    private readonly Option<int?> _size =
        new("--size") { Description = "side of the images, where the file of --model leaves it open", HelpName = "PIXELS" };
    private readonly Option[] _ofTheReference;

    /// <summary>Adds the options.</summary>
    /// <param name="command">Gets them.</param>
    /// <param name="ofTheReference">Options that say nothing to a network of a file.</param>
    public ModelBench(Command command, params Option[] ofTheReference)
    {
        _ofTheReference = ofTheReference;
        _cases.CompletionSources.Add([.. ModelCases.Words]);
        _model.AddTo(command);
        command.Options.Add(_cases);
        command.Options.Add(_size);
    }

    /// <summary>What is timed, where all is not.</summary>
    public Option Cases => _cases;

    /// <summary>The network's name, and how it is loaded.</summary>
    public (string Name, Func<Execution> Load) Network(ParseResult parsed, IDevice device) =>
        (_model.Name(parsed), () => NetworkLoader.Load(_model.Request(parsed, parsed.GetValue(_size)), device));

    /// <summary>Whether a network of a file is meant.</summary>
    /// <exception cref="GpuCamException">Options were given that do not go together.</exception>
    public bool IsAsked(ParseResult parsed)
    {
        bool asked = _model.IsGiven(parsed);
        foreach (Option option in asked ? _ofTheReference : [_cases, _size])
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new GpuCamException(asked
                    ? $"{option.Name} is for the reference network; leave it out, or --model"
                    : $"{option.Name} is for a network of a file; give --model too");
            }
        }

        return asked;
    }

    /// <summary>Times the network.</summary>
    public ModelBenchReport Run(ParseResult parsed, IDevice device, int batch, double seconds)
    {
        var cases = ModelCases.Parse(parsed.GetRequiredValue(_cases));
        NetworkRequest request = _model.Request(parsed, parsed.GetValue(_size));
        (Shape image, long multiplyAdds, long parameters, long largest) = Look(request, device);
        var benchmarks = new ModelBenchmarks(() => NetworkLoader.Load(request, device), batch, seconds);
        IReadOnlyList<CaseTime> times = benchmarks.Time(cases);
        Roofline? roofline = cases.Tables.Count > 0 ? Roofline.Measure(device, parameters, batch * largest) : null;
        return new ModelBenchReport
        {
            Device = device.Description,
            Precision = DeviceCatalog.NameOf(device.Precision),
            Build = DeviceCatalog.Engine,
            Model = _model.Name(parsed),
            Batch = batch,
            Image = $"{image.W}x{image.H}x{image.C}",
            MultiplyAdds = multiplyAdds,
            ParameterBytes = parameters,
            Milliseconds = times.ToDictionary(time => time.Name, time => 1000 * time.Median),
            BestMilliseconds = times.ToDictionary(time => time.Name, time => 1000 * time.Best),
            ForwardMilliseconds =
                times.Where(time => time.Forward is not null).ToDictionary(time => time.Name, time => 1000 * time.Forward!.Value),
            PeakGflops = roofline is { PeakGflops: > 0 and var peak } ? peak : null,
            PeakReading = roofline is { Rates: { Count: > 0 } rates } ? rates : null,
            Nodes = Table(ModelCases.Nodes, gradient: false),
            GradientNodes = Table(ModelCases.GradientNodes, gradient: true),
            PeakMemoryMib = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
        };

        IReadOnlyList<StepTime>? Table(string name, bool gradient) =>
            cases.Tables.Contains(name) ? benchmarks.Steps(gradient, roofline!) : null;
    }

    private static (Shape Image, long MultiplyAdds, long ParameterBytes, long LargestValue) Look(NetworkRequest request, IDevice device)
    {
        using Execution execution = NetworkLoader.Load(request, device);
        Graph graph = execution.Graph;
        return (graph.Input.Shape, graph.MultiplyAdds, sizeof(float) * graph.ParameterCount,
            sizeof(float) * graph.Values.Max(value => (long)value.Shape.Count));
    }
}
