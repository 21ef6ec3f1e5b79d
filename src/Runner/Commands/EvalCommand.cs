using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam eval</c>: how well a model names digits and how well its maps find them.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command(
            "eval", "Test a model: accuracy, confusion, loss, and how good its maps are, by any method at any layer, beside baselines.");
        var options = new EvalOptions(command);
        command.Options.Add(json);
        var model = new ModelOptions(command, anyNetwork: true);
        var data = new DataOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            int? count = options.Count(parsed);
            EvaluationPlan plan = options.Read(parsed, data.Seed(parsed));
            using IDevice device = devices.Open(parsed);
            string computer = $"{device.Description}, {DeviceCatalog.NameOf(device.Precision)}";
            using Execution network = model.Load(parsed, device, data.Size(parsed));
            plan = plan.WithRows(network, Console.Error.WriteLine);
            if (!network.Network.HasConfig)
            {
                PictureSetOptions folder = data.Pictures(parsed, network.Network.ClassNames) ?? throw new GpuCamException(
                    $"{model.Path(parsed)} is tested on pictures of your own; give --data with a folder that holds a folder per class");
                var set = PictureSet.Open(folder, Console.Error.WriteLine);
                var pictures = PictureSource.For(
                    set.All, network.Network, folder.Orientation, $"{set.All.Count:N0} pictures of {set.Folder} ({set.Layout})");
                Console.Error.WriteLine($"{model.Path(parsed)} on {computer}; {pictures.Description}");
                return Run(network, pictures, plan with { Boxes = false, Pixels = false }, count, parsed.GetValue(json));
            }

            var corpus = Corpus.Open(data.TestOptions(parsed, network.Network.Config, count), Console.Error.WriteLine);
            ISampleSource source = options.Source(parsed, corpus);
            CheckFit(network, source, model.Path(parsed));
            plan = options.WithValidation(parsed, plan, corpus, Math.Min(count ?? source.Count, source.Count));
            Console.Error.WriteLine($"{model.Path(parsed)} on {computer}; {corpus.Message}");
            Console.Error.WriteLine($"measured on {source.Description}");
            if (plan.Validation is { } validation)
            {
                Console.Error.WriteLine($"thresholds chosen on {validation.Description}");
            }

            return Run(network, source, plan, count, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(Execution network, ISampleSource source, EvaluationPlan plan, int? count, bool json)
    {
        using var evaluator = new Evaluator(network, source, plan, Console.Error.WriteLine);
        EvaluationResult result = evaluator.Run(count ?? source.Count);
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(result));
        }
        else
        {
            EvaluationText.Write(Console.Out, result, plan, network.Network.ClassNames);
        }

        return CommandLine.Done;
    }

    internal static void CheckFit(Execution network, ISampleSource source, string model)
    {
        if (network.Network.Config.Size != source.Size)
        {
            throw new GpuCamException(
                $"{model} was made for {network.Network.Config.Size}x{network.Network.Config.Size} pixels, the samples have "
                + $"{source.Size}x{source.Size}; give --size {source.Size} to test it on them all the same");
        }

        if (network.Network.LogitCount < source.ClassNames.Count)
        {
            throw new GpuCamException($"{model} knows {network.Network.LogitCount} classes, the samples have {source.ClassNames.Count}; "
                + "test it on the kind of data it was trained on");
        }
    }
}
