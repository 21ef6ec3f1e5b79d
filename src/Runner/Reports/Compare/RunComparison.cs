using System.Globalization;

namespace GpuCam.Runner.Reports.Compare;

/// <summary>Several runs side by side: their final figures, and the settings in which they differ.</summary>
/// <param name="Runs">The runs, in the order given.</param>
/// <param name="Figures">Rows of figures.</param>
/// <param name="Differing">Settings that are not the same in all runs; "" where a run does not have one.</param>
/// <param name="Common">Settings that are the same in all.</param>
internal sealed record RunComparison(
    IReadOnlyList<ComparedRun> Runs,
    IReadOnlyList<Figure> Figures,
    IReadOnlyList<ComparedSetting> Differing,
    IReadOnlyList<KeyValuePair<string, string>> Common)
{
    /// <summary>Compares the runs.</summary>
    public static RunComparison Of(IReadOnlyList<ComparedRun> runs)
    {
        Dictionary<string, string>[] settings = [.. runs.Select(run => new Dictionary<string, string>(run.Settings()))];
        string[] names = [.. runs.SelectMany(run => run.Settings().Select(setting => setting.Key)).Distinct()];
        ComparedSetting[] all =
            [.. names.Select(name => new ComparedSetting(name, [.. settings.Select(own => own.GetValueOrDefault(name, ""))]))];
        return new RunComparison(
            runs,
            [.. Figure.All.Select(make => make(runs)).Where(figure => figure.Values.Any(value => value is not null))],
            [.. all.Where(setting => setting.Values.Distinct().Count() > 1)],
            [.. all.Where(setting => setting.Values.Distinct().Count() == 1)
                .Select(setting => new KeyValuePair<string, string>(setting.Name, setting.Values[0]))]);
    }

    /// <summary>What <c>--json</c> prints.</summary>
    public object ToJson() => new
    {
        Runs = Runs.Select((run, i) => new
        {
            run.Name,
            run.Complete,
            Figures = Figures.ToDictionary(figure => figure.Key, figure => figure.Values[i]),
            Differing = Differing.ToDictionary(setting => setting.Name, setting => setting.Values[i]),
        }),
        Common = Common.ToDictionary(),
    };
}

/// <summary>A setting, and its value in each run.</summary>
internal sealed record ComparedSetting(string Name, IReadOnlyList<string> Values);

/// <summary>A row of figures, one for each run, null where a run does not have it.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Format">How its values are written.</param>
/// <param name="Better">1 if more is better, -1 if less is, 0 if neither.</param>
/// <param name="Values">The values.</param>
internal sealed record Figure(string Key, string Title, string Format, int Better, IReadOnlyList<double?> Values)
{
    /// <summary>What makes each row, in the order of the rows.</summary>
    public static readonly IReadOnlyList<Func<IReadOnlyList<ComparedRun>, Figure>> All =
    [
        Row("test_accuracy", "test accuracy", "0.00 %", 1, run => run.Last.TestAccuracy),
        Row("test_loss", "test loss", "0.0000", -1, run => run.Last.TestLoss),
        Row("gt_known", "boxes (GT-known, IoU 0.5)", "0.0 %", 1, run => run.Last.GtKnown),
        Row("max_box_acc", "boxes, best threshold (MaxBoxAcc)", "0.0 %", 1, run => run.Last.MaxBoxAcc),
        Row("px_ap", "pixels (PxAP)", "0.0 %", 1, run => run.Last.PxAp),
        Row("pointing_game", "pointing game", "0.0 %", 1, run => run.Last.PointingGame),
        Row("test_images", "test images", "#,##0", 0, run => run.Last.TestImages),
        Row("best_accuracy", "best accuracy on the way", "0.00 %", 1, run => run.Metrics.Max(entry => entry.TestAccuracy)),
        Row("best_step", "  at step", "#,##0", 0, run => run.Metrics.MaxBy(entry => entry.TestAccuracy)!.Step),
        Row("train_accuracy", "train accuracy", "0.00 %", 0, run => run.Last.TrainAccuracy),
        Row("steps", "steps", "#,##0", 0, run => run.Last.Step),
        Row("images", "training images", "#,##0", 0, run => run.Last.Images),
        Row("seconds", "seconds of training", "#,##0.0", -1, run => run.Clock?.Seconds),
        Row("images_per_second", "images/s in training", "#,##0", 1, Speed),
    ];

    /// <summary>A value as people read it.</summary>
    public string Text(int run) => Values[run] is { } value ? value.ToString(Format, CultureInfo.InvariantCulture) : "-";

    /// <summary>Whether the value is the best of all runs, and not the same in all.</summary>
    public bool IsBest(int run) =>
        Better != 0 && Values[run] is { } value && Values.Any(other => other != value)
            && Values.All(other => other is null || Better * other <= Better * value);

    private static Func<IReadOnlyList<ComparedRun>, Figure> Row(
        string key, string title, string format, int better, Func<ComparedRun, double?> value) =>
        runs => new Figure(key, title, format, better, [.. runs.Select(value)]);

    private static double? Speed(ComparedRun run) => run.Clock is { Seconds: > 0 } last ? run.Last.Images / last.Seconds : null;
}
