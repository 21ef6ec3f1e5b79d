using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>Pictures as a head sees them.</summary>
/// <param name="Features">Picture after picture.</param>
/// <param name="Labels">Their classes.</param>
internal sealed record LabelledFeatures(float[] Features, int[] Labels)
{
    /// <summary>Features of a picture.</summary>
    public int Channels => Features.Length / Labels.Length;

    /// <summary>Some of them, in the order given.</summary>
    public LabelledFeatures Of(IReadOnlyList<int> pictures) => new(
        [.. pictures.SelectMany(i => Features[(i * Channels)..((i + 1) * Channels)])], [.. pictures.Select(i => Labels[i])]);

    /// <summary>These and others behind them.</summary>
    public LabelledFeatures And(LabelledFeatures others) => new([.. Features, .. others.Features], [.. Labels, .. others.Labels]);

    /// <summary>What a head says of them.</summary>
    public Classification Test(HeadWeights head)
    {
        float[][] logits = new float[Labels.Length][];
        AllCores.For(logits.Length, i => logits[i] = head.Logits(Features.AsSpan(i * Channels, Channels)));
        var result = new Classification(head.Classes);
        for (int i = 0; i < logits.Length; i++)
        {
            result.Add(logits[i], Labels[i]);
        }

        return result;
    }
}

/// <summary>
/// Fits a linear head: by the penalty given, or by that of a grid whose head names most validation pictures right, as the mean of the
/// classes' accuracies; of equals by the largest. Then once more on training and validation pictures together: whoever takes 30 of each
/// class has all 30 in the head.
/// </summary>
/// <param name="Train">What the head is fitted on.</param>
/// <param name="Validation">
/// What the penalty is chosen on; null takes every fifth picture of each class out of the training pictures.
/// </param>
/// <param name="Classes">Classes.</param>
internal sealed record HeadFitter(LabelledFeatures Train, LabelledFeatures? Validation, int Classes)
{
    // What the order of a sum changes is no difference.
    private const double Tie = 1e-9;

    private static readonly LbfgsOptions s_coarse = new() { MostSteps = 200, Tolerance = 1e-5 };

    /// <summary>The penalties tried, the largest first: each fit starts from the one before.</summary>
    public static IReadOnlyList<double> Penalties { get; } = [1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6];

    /// <summary>Every fifth picture of each class, of one with fewer the last; none of a class with one alone.</summary>
    /// <param name="labels">The classes of the pictures.</param>
    public static bool[] HeldOut(IReadOnlyList<int> labels)
    {
        bool[] held = new bool[labels.Count];
        foreach (int[] pictures in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).Select(group => group.ToArray()))
        {
            for (int place = 0; place < pictures.Length; place++)
            {
                held[pictures[place]] = pictures.Length >= 5 ? place % 5 == 4 : place > 0 && place == pictures.Length - 1;
            }
        }

        return held;
    }

    /// <summary>Fits the head.</summary>
    /// <param name="penalty">The penalty; null chooses one.</param>
    /// <param name="tried">Hears of each fit, the last one included.</param>
    /// <param name="cancellation">Ends it between two steps of a fit.</param>
    /// <exception cref="GpuCamException">There is nothing to choose a penalty on.</exception>
    public HeadWeights Fit(double? penalty, Action<HeadEntry> tried, CancellationToken cancellation)
    {
        int step = 0;
        double chosen = penalty ?? Choose(entry => tried(entry with { Step = ++step }), cancellation);
        LabelledFeatures all = Validation is { } validation ? Train.And(validation) : Train;
        var problem = new LogisticRegression(all.Features, all.Labels, Classes) { Threads = AllCores.Count };
        double[] parameters = new double[problem.Length];
        LbfgsResult found = problem.Fit(parameters, chosen, Fine(chosen), cancellation);
        HeadWeights head = problem.Fold(parameters);
        tried(Entry(chosen, found, all.Test(head)) with { Step = ++step });
        return head;
    }

    /// <summary>The penalty's own gradient must be seen: a hundredth of λ, where that is less than a millionth.</summary>
    private static LbfgsOptions Fine(double penalty) => new() { MostSteps = 1000, Tolerance = Math.Clamp(penalty / 100, 1e-8, 1e-6) };

    private double Choose(Action<HeadEntry> tried, CancellationToken cancellation)
    {
        (LabelledFeatures fitted, LabelledFeatures checkedOn) = Validation is { } own ? (Train, own) : Split();
        var problem = new LogisticRegression(fitted.Features, fitted.Labels, Classes) { Threads = AllCores.Count };
        double[] parameters = new double[problem.Length];
        (double best, double chosen) = (-1, Penalties[0]);
        foreach (double penalty in Penalties)
        {
            cancellation.ThrowIfCancellationRequested();
            LbfgsResult found = problem.Fit(parameters, penalty, s_coarse, cancellation);
            HeadWeights head = problem.Fold(parameters);
            Classification validation = checkedOn.Test(head);
            tried(Entry(penalty, found, fitted.Test(head)) with
            {
                ValidationLoss = validation.MeanLoss,
                ValidationAccuracy = validation.Accuracy,
                ValidationClassAccuracy = validation.MeanOfClasses,
            });
            if (validation.MeanOfClasses > best + Tie)
            {
                (best, chosen) = (validation.MeanOfClasses, penalty);
            }
        }

        return chosen;
    }

    private (LabelledFeatures Fitted, LabelledFeatures CheckedOn) Split()
    {
        bool[] held = HeldOut(Train.Labels);
        int[] all = [.. Enumerable.Range(0, held.Length)];
        return Array.Exists(held, one => one)
            ? (Train.Of([.. all.Where(i => !held[i])]), Train.Of([.. all.Where(i => held[i])]))
            : throw new GpuCamException("each class has one training picture, so there is none to choose the penalty on; give --penalty, "
                + "for example 0.01, or more pictures");
    }

    private static HeadEntry Entry(double penalty, LbfgsResult found, Classification train) => new()
    {
        Step = 0,
        Images = (int)train.Count,
        Penalty = penalty,
        Iterations = found.Steps,
        TrainLoss = train.MeanLoss,
        TrainAccuracy = train.Accuracy,
    };
}
