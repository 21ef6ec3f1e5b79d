using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary>The options that every experiment has: a model, the samples it is tested on, a device, and <c>--json</c>.</summary>
internal sealed class ExperimentOptions
{
    private readonly Option<int> _count;
    private readonly Option<bool> _json = new("--json") { Description = "print one JSON object" };
    private readonly ModelOptions _model;
    private readonly DeviceOptions _devices;

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">An experiment, with the options that are its own.</param>
    /// <param name="counted">What <c>--count</c> counts.</param>
    /// <param name="usual">How many there are without it.</param>
    public ExperimentOptions(Command command, string counted, int usual)
    {
        _count = new("--count", "-n") { Description = counted, HelpName = "N", DefaultValueFactory = _ => usual };
        command.Options.Add(_count);
        command.Options.Add(_json);
        _model = new ModelOptions(command, anyNetwork: true);
        Data = new DataOptions(command);
        _devices = new DeviceOptions(command);
    }

    /// <summary>The options that say what samples are made of.</summary>
    public DataOptions Data { get; }

    /// <summary>A whole number within its range.</summary>
    public static int InRange(ParseResult parsed, Option<int> option, int least, int most)
    {
        int value = parsed.GetValue(option);
        return value >= least && value <= most
            ? value
            : throw new GpuCamException(
                string.Create(CultureInfo.InvariantCulture, $"{option.Name} {value} is out of range; give {least} to {most}"));
    }

    /// <summary>Test images to use.</summary>
    public int Count(ParseResult parsed) => InRange(parsed, _count, 1, 1_000_000);

    /// <summary>Path of the model file.</summary>
    public string Model(ParseResult parsed) => _model.Path(parsed);

    /// <summary>What was said of the model.</summary>
    public NetworkRequest Request(ParseResult parsed) => _model.Request(parsed, Data.Size(parsed));

    /// <summary>Opens the device.</summary>
    public IDevice Open(ParseResult parsed) => _devices.Open(parsed);

    /// <summary>Loads the model.</summary>
    public Execution Load(ParseResult parsed, IDevice device) => _model.Load(parsed, device, Data.Size(parsed));

    /// <summary>
    /// The pictures of <c>--data</c>, where the network takes them of any size; null for squares that are taken as they are, and for
    /// generated samples.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="network">Says how pictures become its input.</param>
    /// <param name="classes">The classes that labels belong to; null for those that the folder tells of.</param>
    /// <exception cref="GpuCamException">There is no folder, and the network is none for generated samples.</exception>
    public PictureSetOptions? Photographs(ParseResult parsed, Network network, IReadOnlyList<string>? classes) =>
        Data.Data(parsed) is null && !network.HasConfig
            ? throw new GpuCamException($"{Model(parsed)} is tested on pictures of your own; give --data with a folder that holds a folder "
                + "per class")
            : network.Preprocessing is { Fit: PictureFit.None } ? null : Data.Pictures(parsed, classes);

    /// <summary>Samples to learn a new head from and to test it on, with the classes that they have themselves.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="network">What takes them.</param>
    /// <param name="trainCount">Generated samples to train on.</param>
    /// <param name="clutter">The set that fragments of generated samples are cut from; null for that of the digits.</param>
    public Corpus OpenCorpus(ParseResult parsed, Execution network, int trainCount, string? clutter = null)
    {
        if (OpenPhotographs(parsed, network.Network, null) is { } photographs)
        {
            Console.Error.WriteLine($"{Model(parsed)}; {photographs.Message}");
            return photographs;
        }

        CorpusOptions samples = Data.TestOptions(parsed, network.Network.Config, Count(parsed));
        var corpus = Corpus.Open(
            samples with
            {
                Pictures = samples.Pictures is { } folder ? folder with { Classes = null } : null,
                TrainCount = trainCount,
                Clutter = clutter,
            },
            Console.Error.WriteLine);
        EvalCommand.CheckSize(network, corpus.Test, Model(parsed));
        Console.Error.WriteLine($"{Model(parsed)}; {corpus.Message}");
        return corpus;
    }

    /// <summary>The test samples, which must be what the network was made for.</summary>
    public ISampleSource OpenTest(ParseResult parsed, Execution network)
    {
        if (OpenPhotographs(parsed, network.Network, network.Network.ClassNames) is { } photographs)
        {
            Console.Error.WriteLine($"{Model(parsed)}; {photographs.Test.Description}");
            return photographs.Test;
        }

        var corpus = Corpus.Open(Data.TestOptions(parsed, network.Network.Config, Count(parsed)), Console.Error.WriteLine);
        EvalCommand.CheckFit(network, corpus.Test, Model(parsed));
        Console.Error.WriteLine($"{Model(parsed)}; {corpus.Message}");
        return corpus.Test;
    }

    private Corpus? OpenPhotographs(ParseResult parsed, Network network, IReadOnlyList<string>? classes) =>
        Photographs(parsed, network, classes) is { } pictures
            ? Corpus.Of(PictureSet.Open(pictures, Console.Error.WriteLine), network, pictures.Orientation)
            : null;

    /// <summary>Prints a result: as JSON where that was asked for, else as <paramref name="write"/> writes it.</summary>
    public int Print<T>(ParseResult parsed, T result, Action write)
    {
        if (parsed.GetValue(_json))
        {
            Console.Out.WriteLine(RunnerJson.Line(result));
        }
        else
        {
            write();
        }

        return CommandLine.Done;
    }
}
