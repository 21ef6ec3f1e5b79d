using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>Where a run stands: what a checkpoint carries beside weights and optimizer state.</summary>
internal sealed record RunProgress
{
    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>Sum of the losses since the last evaluation.</summary>
    public double LossSum { get; private set; }

    /// <summary>Right answers since the last evaluation.</summary>
    public long Correct { get; private set; }

    /// <summary>Training images since the last evaluation.</summary>
    public long Count { get; private set; }

    /// <summary>Best test accuracy of an evaluation so far; -1 before the first.</summary>
    public double BestAccuracy { get; private set; } = -1;

    /// <summary>Step of that evaluation.</summary>
    public int BestStep { get; private set; }

    /// <summary>Mean loss since the last evaluation.</summary>
    public double Loss => Count == 0 ? double.NaN : LossSum / Count;

    /// <summary>Share of right answers since the last evaluation.</summary>
    public double Accuracy => Count == 0 ? double.NaN : (double)Correct / Count;

    /// <summary>Reads what <see cref="ToStored"/> gave.</summary>
    /// <exception cref="GpuCamException">The checkpoint lacks a count.</exception>
    public static RunProgress FromStored(TrainingProgress stored)
    {
        try
        {
            return new RunProgress
            {
                Step = stored.Step,
                BestAccuracy = stored.BestAccuracy ?? -1,
                BestStep = stored.BestStep,
                LossSum = double.Parse(stored.Extra["loss_sum"], CultureInfo.InvariantCulture),
                Correct = long.Parse(stored.Extra["correct"], CultureInfo.InvariantCulture),
                Count = long.Parse(stored.Extra["count"], CultureInfo.InvariantCulture),
            };
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or OverflowException)
        {
            throw new GpuCamException($"the checkpoint of step {stored.Step} lacks the counts of a run ({e.Message.TrimEnd('.')}); "
                + "remove its files to go on from the one before", e);
        }
    }

    /// <summary>What a checkpoint stores; doubles come back bit for bit.</summary>
    public TrainingProgress ToStored(int batch) => new()
    {
        Step = Step,
        Images = (long)Step * batch,
        BestAccuracy = BestAccuracy < 0 ? null : BestAccuracy,
        BestStep = BestStep,
        Extra = new Dictionary<string, string>
        {
            ["loss_sum"] = LossSum.ToString("R", CultureInfo.InvariantCulture),
            ["correct"] = Correct.ToString(CultureInfo.InvariantCulture),
            ["count"] = Count.ToString(CultureInfo.InvariantCulture),
        },
    };

    /// <summary>Counts a step.</summary>
    public void Add(StepResult result)
    {
        Step++;
        LossSum += result.LossSum;
        Correct += result.Correct;
        Count += result.Count;
    }

    /// <summary>Starts the counts anew after an evaluation; true if its accuracy is the best so far.</summary>
    public bool Evaluated(double accuracy)
    {
        (LossSum, Correct, Count) = (0, 0, 0);
        bool best = accuracy > BestAccuracy;
        if (best)
        {
            (BestAccuracy, BestStep) = (accuracy, Step);
        }

        return best;
    }
}
