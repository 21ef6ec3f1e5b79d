using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam eval</c> that say what is measured.</summary>
internal sealed class EvalOptions
{
    /// <summary>The option that reads maps instead of making them.</summary>
    public const string ScoreMapsName = "--score-maps";

    private const int ValidationImages = 2000;

    private readonly MapOptions _maps;
    private readonly Option<string> _rules =
        new("--rules")
        {
            Description = "by whose rules boxes and pixels come from maps: papers, or wsolevaluation (224x224 pixels, 256 greys, outlines)",
            DefaultValueFactory = _ => "papers", HelpName = "NAME"
        };
    private readonly Option<string?> _csv =
        new("--csv") { Description = "also write a row for each picture and map, and the table beside it (.table.csv)", HelpName = "FILE" };
    private readonly Option<string?> _writeScoreMaps =
        new("--write-score-maps")
        {
            Description = "also write the map of each picture of --data as ID.npy, from 0 to 1, into this new folder", HelpName = "DIR"
        };
    private readonly Option<string?> _scoreMaps =
        new(ScoreMapsName) { Description = "measure maps that lie in a folder as ID.npy, instead of a model's", HelpName = "DIR" };
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
            Description = "test or validation (never tested on: the training digits in other layouts, or the part of --data "
            + "that is kept for it, else that for training)", DefaultValueFactory = _ => "test", HelpName = "NAME"
        };
    private readonly Option<string?> _thresholdFrom =
        new("--threshold-from")
        {
            Description = "where box thresholds are chosen: validation (default on the test split) or none",
            HelpName = "NAME"
        };
    private readonly Option<int?> _validationCount =
        new("--validation-count")
        {
            Description = "validation images to choose thresholds on (default: 2000, and no more than test images; all that --data keeps "
            + "for it)",
            HelpName = "N"
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
        _rules.CompletionSources.Add([.. OptionNames.Rules.Names]);
        command.Options.Add(_count);
        _maps = new MapOptions(command);
        foreach (Option option in (Option[])[_metrics, _split, _thresholdFrom, _validationCount, _thresholdStep, _boxesPerClass,
            _faithfulnessCount, _scoreCount, _rules, _csv, _writeScoreMaps, _scoreMaps])
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

        if (metrics == "faithfulness" && (parsed.GetValue(_writeScoreMaps) ?? ScoreMaps(parsed)) is not null)
        {
            throw new GpuCamException("score maps go with --metrics boxes, which finds things on them; leave --metrics faithfulness out");
        }

        return new EvaluationPlan
        {
            Rules = OptionNames.Rules.Parse(parsed.GetRequiredValue(_rules)),
            Table = parsed.GetValue(_csv) is null ? null : new PictureTable(),
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
    public EvaluationPlan WithValidation(ParseResult parsed, EvaluationPlan plan, EvalSamples samples, int testCount)
    {
        ISampleSource validation = samples.Corpus.Validation;
        int most = parsed.GetValue(_validationCount)
            ?? (samples is { Set: not null, HasValidation: true } ? validation.Count : Math.Min(ValidationImages, testCount));
        int images = Math.Min(parsed.GetValue(_validationCount) is null ? most : Math.Min(most, testCount), validation.Count);
        return images > 0 && plan.Boxes && Chooses(parsed) ? plan with { Validation = new SampleRange(validation, 0, images) } : plan;
    }

    /// <summary>The folder of maps that are measured; null where a model makes them.</summary>
    public string? ScoreMaps(ParseResult parsed) => parsed.GetValue(_scoreMaps);

    /// <summary>The pictures whose maps are measured, and those that thresholds are chosen on.</summary>
    public (IReadOnlyList<DataPicture> Test, IReadOnlyList<DataPicture> Validation) Pictures(ParseResult parsed, PictureSet set)
    {
        IReadOnlyList<DataPicture> tested = OnValidation(parsed) ? set.Validation : set.Test;
        return tested.Count > 0
            ? ([.. tested.Take(Count(parsed) ?? tested.Count)], Chooses(parsed)
                ? [.. set.Validation.Take(parsed.GetValue(_validationCount) ?? set.Validation.Count)] : [])
            : throw new GpuCamException($"{set.Folder}: has no picture to measure on; give another --split");
    }

    /// <summary>Opens what is written beside the figures; dispose it at the end. Each rank writes the maps of its own pictures.</summary>
    /// <param name="job">The job; it is collective.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="pictures">The pictures that may get maps.</param>
    /// <param name="plan">Gets what is written to.</param>
    public FolderLock? Begin(RankJob job, ParseResult parsed, IEnumerable<DataPicture> pictures, ref EvaluationPlan plan)
    {
        if (parsed.GetValue(_writeScoreMaps) is not { } folder)
        {
            return null;
        }

        if (!pictures.Any())
        {
            throw new GpuCamException("--write-score-maps writes maps of pictures that have names; give --data");
        }

        if (plan.Maps.Chosen().Length > 1 || plan.Maps.Layers.Count > 1)
        {
            throw new GpuCamException("--write-score-maps writes one map of each picture; give one --method and one --layer");
        }

        plan = plan with { ScoreMaps = ScoreMapFolder.ToWrite(job, folder, plan.Rules, pictures) };
        job.CheckShared(folder);
        return job.Together(() => job.IsFirst ? FolderLock.Take(folder) : null);
    }

    /// <summary>Writes the tables, and says what was written. Collective.</summary>
    public void End(RankJob job, ParseResult parsed, EvaluationPlan plan, IReadOnlyList<MapResult> maps)
    {
        if (parsed.GetValue(_csv) is { } path)
        {
            job.OnFirst(() => plan.Table!.Write(path, maps));
        }

        if (plan.ScoreMaps is { } written)
        {
            int all = job.Gather(written.Written)?.Sum() ?? 0;
            Console.Error.WriteLine($"{all:N0} score maps written to {parsed.GetValue(_writeScoreMaps)}");
        }
    }

    private bool Chooses(ParseResult parsed) => !OnValidation(parsed) && parsed.GetValue(_thresholdFrom) != "none";

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
