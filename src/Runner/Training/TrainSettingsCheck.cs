using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Training;

/// <summary>Looks at settings before anything is begun.</summary>
internal static class TrainSettingsCheck
{
    /// <summary>Throws a <see cref="GpuCamException"/> that names the first option with an impossible value.</summary>
    public static TrainSettings Validated(this TrainSettings s)
    {
        bool reference = s.Architecture == LeNetGap.Architecture;
        if (s.Data is not null && s.Fit == "none" && s.Size is not (>= 28 and <= 1024))
        {
            throw new GpuCamException(
                $"{s.Data}: its images have {s.Size}x{s.Size} pixels; scale them to 28x28 or more, at most 1024x1024");
        }

        Check(s.Size is >= 28 and <= 1024, "--size", s.Size, "28 to 1024");
        Check(s.Channels is 1 or 3, "--channels", s.Channels, "1 or 3");
        Check(s.Distractors is >= 0 and <= 1000, "--distractors", s.Distractors, "0 to 1000");
        Check(s.Augment is >= 0 and <= 2, "--augment", s.Augment, "0 to 2");
        CheckName("--augment", s.Augmentation, Augmentation.Names);
        CheckName("--arch", s.Architecture, Architectures.Names);
        Check(s.HeadRate > 0 && float.IsFinite(s.HeadRate), "--head-rate", s.HeadRate, "a number above 0");
        if (s.Data is null)
        {
            CheckGenerated(s, reference);
        }

        Check(s.Batch is >= 1 and <= 65536, "--batch", s.Batch, "1 to 65536");
        OptionNames.Reduction.Parse(s.Reduce ?? "ordered");
        Check(s.Shards >= 0 && s.Shards <= s.Batch, "--shards", s.Shards, $"0 to {s.Batch}, the images in a batch");
        Check(s.Shards == 0 || s.Reduction == GradientReduction.Ordered, "--shards", s.Shards,
            "0 with --reduce fast, which takes each rank's images as one shard");
        Check(s.Widths.Count == 2 && s.Widths.All(w => w is >= 1 and <= 4096), "--widths", string.Join(',', s.Widths),
            "two numbers, 1 to 4096");
        CheckName("--pooling", s.Pooling, OptionNames.Pooling.Names);
        Check(s.Pools is 1 or 2, "--pools", s.Pools, "1 or 2");
        Check((long)s.Batch * s.Size * s.Size * (reference ? s.Widths : []).Prepend(s.Channels).Max() <= int.MaxValue, "--batch", s.Batch,
            $"fewer: with {(s.Data is null ? $"--size {s.Size}" : $"images of {s.Size}x{s.Size} pixels ({s.Data})")} and "
                + $"--widths {string.Join(',', s.Widths)} an array would exceed 2^31 - 1 values");
        Check(s.Steps >= 1 || (s.Data is not null && s.Epochs > 0), "--steps", s.Steps, "at least 1");
        Check(s.Epoch >= 0, "--epoch-size", s.Epoch, "at least 0");
        Check(s.LearningRate > 0 && float.IsFinite(s.LearningRate), "--lr", s.LearningRate, "a number above 0");
        Check(s.WeightDecay >= 0 && float.IsFinite(s.WeightDecay), "--weight-decay", s.WeightDecay, "a number from 0 on");
        Check(s.WarmUp is >= 0 and <= 1, "--warm-up", s.WarmUp, "0 to 1");
        Check(reference || s.PoolingGain == 1, "--pooling-gain", s.PoolingGain,
            $"1 with --arch {s.Architecture}: the gain is of {LeNetGap.Architecture}");
        Check(s.PoolingGain > 0 && float.IsPow2(s.PoolingGain), "--pooling-gain", s.PoolingGain,
            "a power of two, so that folding it into the weights is exact");
        Check(s.Pooling is not "max" || s.PoolingGain == 1, "--pooling-gain", s.PoolingGain,
            "1 with --pooling max: a maximum is not diluted by the canvas");
        Check(s.Every >= (s.Data is null ? 1 : 0), "--every", s.Every, "at least 1");
        Check(s.EvalImages is >= 1 and <= 1_000_000, "--eval-images", s.EvalImages, "1 to 1000000");
        Check(s.FinalEvalImages is >= 1 and <= 1_000_000, "--final-eval-images", s.FinalEvalImages, "1 to 1000000");
        Check(s.Heatmaps is >= 0 and <= 1_000_000, "--heatmaps", s.Heatmaps, "0 to 1000000");
        Check(s.KeepCheckpoints >= 1, "--keep", s.KeepCheckpoints, "at least 1");
        OptionNames.Precision.Parse(s.Precision);
        CheckName("--optimizer", s.Optimizer, TrainSetup.Optimizers);
        CheckName("--schedule", s.Schedule, LearningRateSchedule.Names);
        OptionNames.Protocol.Parse(s.Protocol);
        CheckName("--resize", s.Resize, OptionNames.Resize.Names);
        CheckName("--orientation", s.Orientation, OptionNames.Orientation.Names);
        CheckName("--background", s.Background ?? "light", OptionNames.Background.Names);
        CheckName("--digits", s.Digits, DigitSource.Names);
        CanvasPlan.Parse(s.Canvas, s.Size);
        CheckName("--compare", s.Compare ?? HeadRun.Untrained, [HeadRun.Untrained]);
        Check(s.Freeze is null || s.Init is not null, "--freeze", s.Freeze ?? "", "--init as well: the network whose layers are kept");
        Check(s.Penalty is null or (>= 0 and <= 1e6), "--penalty", s.Penalty ?? 0, "0 to 1000000");
        return s;
    }

    /// <summary>Samples that are made are made for the reference network.</summary>
    private static void CheckGenerated(TrainSettings s, bool reference)
    {
        (string Option, bool Given)[] ofPictures =
        [
            ("--freeze", s.Freeze is not null), ("--init", s.Init is not null), ("--arch", !reference),
            ("--preprocess", s.Preprocess is not null), ("--fit", s.Fit is not null),
            ("--augment", s.Augmentation != "none"),
        ];
        foreach ((string option, bool given) in ofPictures)
        {
            if (given)
            {
                throw new GpuCamException($"{option} is for pictures; give --data with a folder of them, or leave {option} out");
            }
        }
    }

    private static void CheckName(string option, string name, IReadOnlyList<string> known)
    {
        if (!known.Contains(name))
        {
            throw new GpuCamException($"{option} {name} is not known; choose one of {string.Join(", ", known)}");
        }
    }

    private static void Check(bool valid, string option, object value, string range)
    {
        if (!valid)
        {
            throw new GpuCamException($"{option} {FormattableString.Invariant($"{value}")} is out of range; give {range}");
        }
    }
}
