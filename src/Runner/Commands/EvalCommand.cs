using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam eval</c>: how well a model names digits and how well its maps find them.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var count = new Option<int?>("--count", "-n") { Description = "test images (default: 10000, or all of --data)", HelpName = "N" };
        var resize = new Option<string>("--resize") { Description = "how maps are resized: half-pixel or legacy", DefaultValueFactory = _ => "half-pixel", HelpName = "MODE" };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command("eval", "Test a model: accuracy, confusion, loss, and how exactly its maps find the digit.") { count, resize, json };
        var model = new ModelOptions(command);
        var data = new DataOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(count) is < 1 and var few)
                throw new GpuCamException($"--count {few} is out of range; give at least 1");
            ResizeMode mode = ResizeNames.Parse(parsed.GetRequiredValue(resize));
            using IDevice device = devices.Open(parsed);
            using Network network = model.Load(parsed, device, data.Size(parsed));
            Corpus corpus = Corpus.Open(data.TestOptions(parsed, network.Config, parsed.GetValue(count)), Console.Error.WriteLine);
            CheckFit(network, corpus.Test, model.Path(parsed));
            Console.Error.WriteLine($"{model.Path(parsed)} on {device.Description}; {corpus.Message}");
            using var evaluator = new Evaluator(network, corpus.Test, mode);
            EvaluationResult result = evaluator.Run(parsed.GetValue(count) ?? corpus.Test.Count);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(RunnerJson.Line(result));
            else
                EvaluationText.Write(Console.Out, result, network.Config.ClassNames);
            return CommandLine.Done;
        });
        return command;
    }

    private static void CheckFit(Network network, ISampleSource source, string model)
    {
        if (network.Config.Size != source.Size)
            throw new GpuCamException($"{model} was made for {network.Config.Size}x{network.Config.Size} pixels, the samples have {source.Size}x{source.Size}; give --size {source.Size} to test it on them all the same");
        if (network.Config.ClassCount < source.ClassNames.Count)
            throw new GpuCamException($"{model} knows {network.Config.ClassCount} classes, the samples have {source.ClassNames.Count}; test it on the kind of data it was trained on");
    }
}
