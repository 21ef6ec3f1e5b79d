using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam eval</c>: how well a model names pictures and how well its maps, or those in a folder, find things on them.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command(
            "eval", "Test a model: accuracy, confusion, loss, and how good its maps are, by any method at any layer, beside baselines.");
        var options = new EvalOptions(command);
        command.Options.Add(json);
        var model = new ModelOptions(command, anyNetwork: true, unless: EvalOptions.ScoreMapsName);
        var data = new DataOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            int? count = options.Count(parsed);
            EvaluationPlan plan = options.Read(parsed, data.Seed(parsed));
            if (options.ScoreMaps(parsed) is { } maps)
            {
                return model.IsGiven(parsed)
                    ? throw new GpuCamException("--model makes maps and --score-maps reads them; give one of the two")
                    : RunScoreMaps(parsed, options, data, plan, maps, parsed.GetValue(json));
            }

            using IDevice device = devices.Open(parsed);
            string computer = $"{device.Description}, {DeviceCatalog.NameOf(device.Precision)}";
            using Execution network = model.Load(parsed, device, data.Size(parsed));
            plan = plan.WithRows(network, Console.Error.WriteLine);
            var samples = EvalSamples.Open(parsed, data, network, model.Path(parsed), count);
            ISampleSource source = options.Source(parsed, samples.Corpus);
            CheckFit(network, source, model.Path(parsed));
            plan = options.WithValidation(parsed, plan, samples, Math.Min(count ?? source.Count, source.Count));
            Console.Error.WriteLine($"{model.Path(parsed)} on {computer}; {samples.Corpus.Message}");
            Console.Error.WriteLine($"measured on {source.Description}");
            if (plan.Validation is { } validation)
            {
                Console.Error.WriteLine($"thresholds chosen on {validation.Description}");
            }

            using FolderLock? held = options.Begin(parsed, samples.Pictures, ref plan);
            EvaluationResult result = Run(network, source, plan, count, parsed.GetValue(json));
            options.End(parsed, plan, result.Maps);
            return CommandLine.Done;
        });
        return command;
    }

    private static EvaluationResult Run(Execution network, ISampleSource source, EvaluationPlan plan, int? count, bool json)
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

        return result;
    }

    private static int RunScoreMaps(
        ParseResult parsed, EvalOptions options, DataOptions data, EvaluationPlan plan, string folder, bool json)
    {
        var maps = ScoreMapFolder.ToRead(folder, plan.Rules);
        PictureSetOptions pictures = data.Pictures(parsed, null)
            ?? throw new GpuCamException("--score-maps needs --data with a folder that tells boxes or masks of the pictures");
        var set = PictureSet.Open(pictures, Console.Error.WriteLine);
        (IReadOnlyList<DataPicture> test, IReadOnlyList<DataPicture> validation) = options.Pictures(parsed, set);
        Console.Error.WriteLine($"{folder}; {set.Description}");
        ScoreMapResult result = new ScoreMapEvaluation(maps, plan, set.ClassNames, Console.Error.WriteLine).Run(test, validation);
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(result));
        }
        else
        {
            EvaluationText.Write(Console.Out, result, plan);
        }

        options.End(parsed, plan, result.Maps);
        return CommandLine.Done;
    }

    internal static void CheckFit(Execution network, ISampleSource source, string model)
    {
        if (network.Network.HasConfig && network.Network.Config.Size != source.Size)
        {
            throw new GpuCamException(
                $"{model} was made for {network.Network.Config.Size}x{network.Network.Config.Size} pixels, the samples have "
                + $"{source.Size}x{source.Size}; give --size {source.Size} to test it on them all the same");
        }

        if (network.Network.ClassCount < source.ClassNames.Count)
        {
            throw new GpuCamException($"{model} knows {network.Network.ClassCount} classes, the samples have {source.ClassNames.Count}; "
                + "test it on the kind of data it was trained on");
        }
    }
}
