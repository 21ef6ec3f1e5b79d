using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// Runs a network over samples: classification, and how good its maps of the true classes are. All rows share one forward pass
/// per batch; nothing of a batch is kept but counts, and each image's answer. The ranks of a job take the batches by turns; what they
/// have counted is put together in the order of the images, so that the result is that of one process.
/// </summary>
internal sealed class Evaluator : IDisposable
{
    /// <summary>Images that run through the network at once.</summary>
    public const int Batch = 50;

    // So many are told apart by their first answer.
    private const int FewClasses = 10;

    // A network with random weights must not be the one that a run with the same seed started from.
    private const ulong RandomNetworkSeed = 0x5EED_0000_0000;

    private readonly RankJob _job;
    private readonly Execution _network;
    private readonly ISampleSource _source;
    private readonly EvaluationPlan _plan;
    private readonly Action<string>? _report;
    private readonly IReadOnlyList<MapRow> _rows;
    private readonly MappedNetwork _trained;
    private readonly Execution? _random;
    private readonly MappedNetwork? _randomMaps;

    /// <summary>An evaluation of <paramref name="network"/>, which somebody else owns.</summary>
    /// <param name="job">Who shares the work; all of it is collective.</param>
    /// <param name="network">A network.</param>
    /// <param name="source">What it is tested on.</param>
    /// <param name="plan">What to measure.</param>
    /// <param name="report">Gets a line every few seconds.</param>
    public Evaluator(
        RankJob job, Execution network, ISampleSource source, EvaluationPlan plan, Action<string>? report = null)
    {
        (_job, _network, _source, _plan, _report) = (job, network, source, plan, report);
        _trained = new MappedNetwork(network, plan.Resize);
        _rows = plan.Rows ?? [new MapRow(CamMethods.Usual(_trained.Engine), [_trained.Engine.DefaultLayer])];
        if (!_rows.Any(row => row.RandomWeights))
        {
            return;
        }

        _random = Architectures.Create(network.Device, network.Network.Config, plan.Seed ^ RandomNetworkSeed);
        _randomMaps = new MappedNetwork(_random, plan.Resize);
    }

    /// <summary>
    /// Tests on the first <paramref name="count"/> samples (or all there are), after thresholds were chosen, where that is wanted. All
    /// ranks get the result.
    /// </summary>
    /// <param name="count">Samples to test on.</param>
    /// <param name="worst">Looks at every image; its overlaps are of the first row's maps. Complete on rank 0.</param>
    /// <exception cref="NonFiniteLossException">The network answers with NaN or infinity.</exception>
    public EvaluationResult Run(int count, WorstImages? worst = null)
    {
        long start = Stopwatch.GetTimestamp();
        count = Math.Min(count, _source.Count);
        int chosenOn = _plan is { Boxes: true, Validation: { } validation } ? validation.Count : 0;
        ChosenOn[] chosen = chosenOn > 0 ? Choose(_plan.Validation!) : new ChosenOn[_rows.Count];
        RowMetrics[] metrics =
            [.. _rows.Select((row, i) => new RowMetrics(row, _plan.ImagesOf(row, count), _plan, chosen[i].Thresholds, boxesOnly: false))];
        Classification classification = Measure(_source, count, metrics, "test", worst, _plan.Table);
        _plan.Table?.Gather(_job);
        worst?.Gather(_job);
        return _job.Broadcast(_job.IsFirst ? Result(count, classification, metrics, chosen, start) : null)!;
    }

    private EvaluationResult Result(
        int count, Classification classification, RowMetrics[] metrics, ChosenOn[] chosen, long start)
    {
        int classes = classification.ClassCount;
        return new EvaluationResult
        {
            Images = count,
            Accuracy = classification.Accuracy,
            Loss = classification.MeanLoss,
            ClassAccuracy = [.. Enumerable.Range(0, classes).Select(classification.AccuracyOf)],
            Top5Accuracy = classes > FewClasses ? classification.Top5 : null,
            ClassImages = [.. Enumerable.Range(0, classes).Select(classification.CountOf)],
            Mistakes = Mistakes.Of(classification),
            Confusion = classes > EvaluationResult.MostInMatrix ? null : [.. Enumerable.Range(0, classes)
                .Select(label => (long[])[.. Enumerable.Range(0, classes).Select(p => classification.Confusion(label, p))])],
            ImagesPerSecond = count / Stopwatch.GetElapsedTime(start).TotalSeconds,
            Precision = DeviceCatalog.NameOf(_network.Device.Precision),
            Resize = OptionNames.Resize.NameOf(_plan.Resize),
            Rules = _plan.Rules == MapRules.Components ? null : OptionNames.Rules.NameOf(_plan.Rules),
            Settings = MapSettings.Of(_plan.Maps),
            Maps = [.. metrics.Select((row, i) => row.Result(chosen[i].Images))],
        };
    }

    public void Dispose()
    {
        _randomMaps?.Dispose();
        _random?.Dispose();
        _trained.Dispose();
    }

    /// <summary>The thresholds that are best on other samples, and how many have a box; null for rows without boxes there.</summary>
    private ChosenOn[] Choose(ISampleSource validation)
    {
        RowMetrics[] metrics =
            [.. _rows.Select(row => new RowMetrics(row, _plan.ImagesOf(row, validation.Count), _plan, null, boxesOnly: true))];
        Measure(validation, validation.Count, metrics, "validation", null, null);
        return _job.Broadcast<ChosenOn[]>([.. metrics.Select(row => row.Merged())
            .Select(found => found is { Count: > 0 } ? new ChosenOn(found.Choose(), found.Count) : default)]);
    }

    /// <summary>Measures this rank's batches, then puts what all ranks have counted together; complete on rank 0.</summary>
    private Classification Measure(
        ISampleSource source, int count, RowMetrics[] metrics, string split, WorstImages? worst, PictureTable? table)
    {
        var answers = new List<ImageAnswer>();
        long said = Stopwatch.GetTimestamp();
        RankedPass.Over(
            _job, source, count, Batch, batch => answers.AddRange(Measure(source, batch, metrics, worst, table)), Report,
            masks: _plan.Pixels && source.PictureOf(0) is null);
        return RankCounts.Gather(_job, BatchPlan.SinglePass(count, Batch), _network.Network.ClassCount, answers, metrics);

        void Report(long done)
        {
            if (_report is not null && Stopwatch.GetElapsedTime(said).TotalSeconds >= 10)
            {
                said = Stopwatch.GetTimestamp();
                _report(string.Create(CultureInfo.InvariantCulture, $"{split}: {done:N0} of {count:N0} images"));
            }
        }
    }

    private ImageAnswer[] Measure(
        ISampleSource source, SampleBatch batch, RowMetrics[] metrics, WorstImages? worst, PictureTable? table)
    {
        ReadOnlySpan<float> logits = _trained.Logits(batch);
        int classes = _network.Network.ClassCount;
        int[] ranks = new int[batch.Count];
        var answers = new ImageAnswer[batch.Count];
        for (int n = 0; n < batch.Count; n++)
        {
            answers[n] = ImageAnswer.Of(batch.Indices[n], batch.Labels[n], logits.Slice(n * classes, classes));
            ranks[n] = answers[n].Place;
        }

        table?.Begin(source, batch, logits, ranks);
        var truths = new PictureTruth[_plan.Boxes ? batch.Count : 0];
        AllCores.For(truths.Length, n => truths[n] = PictureTruth.Of(source, batch, n, _plan));
        bool known = Array.Exists(truths, truth => truth.IsKnown) || _plan.ScoreMaps is not null;
        var found = new FoundBoxes[batch.Count];
        for (int i = 0; i < _rows.Count; i++)
        {
            if (batch.Indices[0] >= metrics[i].Images || !(_plan.Faithfulness || known))
            {
                continue;
            }

            float[] maps = Maps(_rows[i], batch);
            if (i == 0)
            {
                if (worst is not null)
                {
                    WorstImages.Overlap(answers, batch, maps);
                }

                _plan.ScoreMaps?.Write(
                    [.. truths.Select((_, n) => batch.Indices[n] < metrics[0].Images ? source.PictureOf(batch.Indices[n]) : null)],
                    n => truths[n].ScoreMap(maps.AsSpan(n * batch.Area, batch.Area), batch.Width));
            }

            metrics[i].Add(batch, truths, maps, ranks, _trained.Scores, found);
            table?.Add(_rows[i], metrics[i].ChosenThreshold, truths, found, metrics[i].Images);
        }

        worst?.Add(answers);
        _trained.Leave();
        _randomMaps?.Leave();
        return answers;
    }

    private float[] Maps(MapRow row, SampleBatch batch) =>
        (row.RandomWeights ? _randomMaps! : _trained).Maps(row, batch);

    /// <summary>What of thresholds was chosen on other samples, and how many of those have a box.</summary>
    private readonly record struct ChosenOn(ChosenThresholds? Thresholds, long? Images);
}
