using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam eval</c> that say what is measured.</summary>
internal sealed class EvalOptions
{
    private readonly MapOptions _maps;
    private readonly Option<int?> _count =
        new("--count", "-n") { Description = "images (default: 10000, or all of --data)", HelpName = "N" };
    private readonly Option<string> _metrics =
        new("--metrics")
        {
            Description = "boxes (how exactly maps find the object), faithfulness (whether the answer rests on what they "
            + "name) or all", DefaultValueFactory = _ => "boxes", HelpName = "KIND"
        };
    private readonly Option<string> _split =
        new("--split")
        {
            Description = "test or validation (never tested on: the training digits in other layouts, or the training part "
            + "of --data)", DefaultValueFactory = _ => "test", HelpName = "NAME"
        };
    private readonly Option<string?> _thresholdFrom =
        new("--threshold-from")
        {
            Description = "where box thresholds are chosen: validation (default on the test split) or none",
            HelpName = "NAME"
        };
    private readonly Option<int> _validationCount =
        new("--validation-count")
        {
            Description = "validation images to choose thresholds on, no more than test images",
            DefaultValueFactory = _ => 2000, HelpName = "N"
        };
    private readonly Option<double> _thresholdStep =
        new("--threshold-step")
        {
            Description = "distance of the sweep's thresholds from 0 to 1", DefaultValueFactory = _ => 0.001,
            HelpName = "X"
        };
    private readonly Option<string> _boxesPerClass =
        new("--boxes-per-class")
        {
            Description = "boxes that the first, second, … predicted class may give, for example 2,2,1",
            DefaultValueFactory = _ => "1,1,1,1,1", HelpName = "N,N,…"
        };
    private readonly Option<int> _faithfulnessCount =
        new("--faithfulness-count") { Description = "images for faithfulness", DefaultValueFactory = _ => 500, HelpName = "N" };
    private readonly Option<int> _scoreCount =
        new("--score-count")
        {
            Description = "images for methods that score many changed copies of each", DefaultValueFactory = _ => 500,
            HelpName = "N"
        };

    public EvalOptions(Command command)
    {
        command.Options.Add(_count);
        _maps = new MapOptions(command);
        foreach (Option option in (Option[])[_metrics, _split, _thresholdFrom, _validationCount, _thresholdStep, _boxesPerClass,
            _faithfulnessCount, _scoreCount])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The images asked for, or null.</summary>
    public int? Count(ParseResult parsed) => Checked("--count", parsed.GetValue(_count));

    /// <summary>What can be said before the network and the samples are there; the first bad option is an error.</summary>
    public EvaluationPlan Read(ParseResult parsed, ulong? seed)
    {
        string metrics = Choice("--metrics", parsed.GetRequiredValue(_metrics), "boxes", "faithfulness", "all");
        Choice("--split", parsed.GetRequiredValue(_split), "test", "validation");
        if (parsed.GetValue(_thresholdFrom) is { } from)
        {
            Choice("--threshold-from", from, "validation", "none");
        }

        if (OnValidation(parsed) && parsed.GetValue(_thresholdFrom) == "validation")
        {
            throw new GpuCamException(
                "--threshold-from validation and --split validation would choose and measure on the same images; leave one of them out");
        }

        Checked("--validation-count", parsed.GetValue(_validationCount));
        double step = parsed.GetValue(_thresholdStep);
        if (!(step is >= 0.0001 and <= 0.5) || Math.Abs((1 / step) - Math.Round(1 / step)) > 1e-6)
        {
            throw new GpuCamException(
                FormattableString.Invariant($"--threshold-step {step} is out of range; give a part of 1 such as 0.01, from 0.0001 to 0.5"));
        }

        return new EvaluationPlan
        {
            Seed = seed ?? 1,
            Maps = _maps.Read(parsed, seed),
            Boxes = metrics != "faithfulness",
            Faithfulness = metrics != "boxes",
            Pixels = metrics != "faithfulness",
            Thresholds = (int)Math.Round(1 / step) + 1,
            Heuristic = new BoxHeuristic(ReadCounts(parsed.GetRequiredValue(_boxesPerClass))),
            FaithfulnessImages = Checked("--faithfulness-count", parsed.GetValue(_faithfulnessCount))!.Value,
            ScoreImages = Checked("--score-count", parsed.GetValue(_scoreCount))!.Value,
            Resize = _maps.Resize(parsed),
        };
    }

    /// <summary>The samples to measure on.</summary>
    public ISampleSource Source(ParseResult parsed, Corpus corpus)
    {
        if (!OnValidation(parsed))
        {
            return corpus.Test;
        }

        return new SampleRange(corpus.Validation, 0, Math.Min(Count(parsed) ?? 10_000, corpus.Validation.Count));
    }

    /// <summary>The plan with samples to choose thresholds on, unless there is nothing to choose.</summary>
    public EvaluationPlan WithValidation(ParseResult parsed, EvaluationPlan plan, Corpus corpus, int testCount)
    {
        bool choose = plan.Boxes && !OnValidation(parsed) && parsed.GetValue(_thresholdFrom) != "none";
        int images = Math.Min(Math.Min(parsed.GetValue(_validationCount), testCount), corpus.Validation.Count);
        return choose ? plan with { Validation = new SampleRange(corpus.Validation, 0, images) } : plan;
    }

    private bool OnValidation(ParseResult parsed) => parsed.GetValue(_split) == "validation";

    private static string Choice(string option, string value, params string[] known) =>
        known.Contains(value) ? value : throw new GpuCamException($"{option} {value} is not known; choose {string.Join(" or ", known)}");

    private static int? Checked(string option, int? count) =>
        count is < 1 or > 1_000_000_000
            ? throw new GpuCamException($"{option} {count} is out of range; give at least 1 and at most 1000000000") : count;

    private static List<int> ReadCounts(string text)
    {
        var counts = new List<int>();
        foreach (string part in text.Split(','))
        {
            bool good = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= 1000;
            counts.Add(good ? count
                : throw new GpuCamException($"--boxes-per-class {text}: '{part}' is no number from 0 to 1000; give for example 2,2,1"));
        }

        return counts;
    }
}
