using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;

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
        command.SetAction(parsed => options.ScoreMaps(parsed) is { } maps
            ? RunScoreMaps(parsed, options, data, model, maps, parsed.GetValue(json))
            : Run(parsed, options, data, model, devices, parsed.GetValue(json)));
        return command;
    }

    private static int Run(
        ParseResult parsed, EvalOptions options, DataOptions data, ModelOptions model, DeviceOptions devices, bool json)
    {
        RankJob job = RankJob.OfProcess;
        int? count = job.Together(() => options.Count(parsed));
        EvaluationPlan plan = job.Together(() => options.Read(parsed, data.Seed(parsed)));
        using IDevice device = job.Together(() => devices.Open(parsed));
        using Execution network = job.Together(() => model.Load(parsed, device, data.Size(parsed)));
        (EvalSamples samples, ISampleSource source, plan) = job.Together(() =>
        {
            EvaluationPlan complete = plan.WithRows(network, Console.Error.WriteLine);
            var opened = EvalSamples.Open(parsed, data, network, model.Path(parsed), count);
            ISampleSource tested = options.Source(parsed, opened.Corpus);
            CheckFit(network, tested, model.Path(parsed));
            return (opened, tested, options.WithValidation(parsed, complete, opened, Math.Min(count ?? tested.Count, tested.Count)));
        });
        Console.Error.WriteLine($"{model.Path(parsed)} on {device.Description}, {DeviceCatalog.NameOf(device.Precision)}; "
            + samples.Corpus.Message);
        Console.Error.WriteLine($"measured on {source.Description}");
        if (plan.Validation is { } validation)
        {
            Console.Error.WriteLine($"thresholds chosen on {validation.Description}");
        }

        using FolderLock? held = options.Begin(job, parsed, samples.Pictures, ref plan);
        using var evaluator = new Evaluator(job, network, source, plan, Console.Error.WriteLine);
        EvaluationResult result = evaluator.Run(count ?? source.Count);
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(result));
        }
        else
        {
            EvaluationText.Write(Console.Out, result, plan, network.Network.ClassNames);
        }

        options.End(job, parsed, plan, result.Maps);
        return CommandLine.Done;
    }

    private static int RunScoreMaps(
        ParseResult parsed, EvalOptions options, DataOptions data, ModelOptions model, string folder, bool json)
    {
        RankJob job = RankJob.OfProcess;
        (EvaluationPlan plan, ScoreMapFolder maps, PictureSet set) = job.Together(() =>
        {
            options.Count(parsed);
            EvaluationPlan read = options.Read(parsed, data.Seed(parsed));
            if (model.IsGiven(parsed))
            {
                throw new GpuCamException("--model makes maps and --score-maps reads them; give one of the two");
            }

            var opened = ScoreMapFolder.ToRead(folder, read.Rules);
            PictureSetOptions pictures = data.Pictures(parsed, null)
                ?? throw new GpuCamException("--score-maps needs --data with a folder that tells boxes or masks of the pictures");
            return (read, opened, PictureSet.Open(pictures, Console.Error.WriteLine));
        });
        (IReadOnlyList<DataPicture> test, IReadOnlyList<DataPicture> validation) = job.Together(() => options.Pictures(parsed, set));
        Console.Error.WriteLine($"{folder}; {set.Description}");
        ScoreMapResult result = new ScoreMapEvaluation(job, maps, plan, set.ClassNames, Console.Error.WriteLine).Run(test, validation);
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(result));
        }
        else
        {
            EvaluationText.Write(Console.Out, result, plan);
        }

        options.End(job, parsed, plan, result.Maps);
        return CommandLine.Done;
    }

    internal static void CheckFit(Execution network, ISampleSource source, string model)
    {
        CheckSize(network, source, model);
        if (network.Network.ClassCount < source.ClassNames.Count)
        {
            throw new GpuCamException($"{model} knows {network.Network.ClassCount} classes, the samples have {source.ClassNames.Count}; "
                + "test it on the kind of data it was trained on");
        }
    }

    internal static void CheckSize(Execution network, ISampleSource source, string model)
    {
        Shape input = network.Graph.Input.Shape;
        if ((input.H, input.W) != (source.Height, source.Width))
        {
            throw new GpuCamException(
                $"{model} was made for {input.W}x{input.H} pixels, the samples have {source.Width}x{source.Height}; "
                + $"give --size {source.Width} to use it on them all the same");
        }
    }
}
