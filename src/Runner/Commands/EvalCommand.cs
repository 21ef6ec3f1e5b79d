using System.CommandLine;
using GpuCam.Kernels;
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
            using IDevice device = devices.Open(parsed);
            using Network network = model.Load(parsed, device, data.Size(parsed));
            Corpus corpus = Corpus.Open(data.TestOptions(parsed, network.Config, parsed.GetValue(count)), Console.Error.WriteLine);
            CheckClasses(network, corpus.Test, model.Path(parsed));
            Console.Error.WriteLine($"{model.Path(parsed)} on {device.Description}; {corpus.Message}");
            using var evaluator = new Evaluator(network, corpus.Test, ResizeNames.Parse(parsed.GetRequiredValue(resize)));
            EvaluationResult result = evaluator.Run(parsed.GetValue(count) ?? corpus.Test.Count);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(RunnerJson.Line(result));
            else
                EvaluationText.Write(Console.Out, result, network.Config.ClassNames);
            return CommandLine.Done;
        });
        return command;
    }

    private static void CheckClasses(Network network, ISampleSource source, string model)
    {
        if (network.Config.ClassCount < source.ClassNames.Count)
            throw new GpuCamException($"{model} knows {network.Config.ClassCount} classes, the samples have {source.ClassNames.Count}; test it on the kind of data it was trained on");
    }
}
