using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam experiment look-twice</c>: classifies images whole, then what their maps frame.</summary>
internal static class LookTwiceCommand
{
    public static Command Create()
    {
        var second = new ModelOptions(
            "--second", "model that classifies the crops (default: the same one); one trained on small canvases suits them better");
        var threshold = new Option<float>("--box-threshold")
        {
            Description = "the crop holds what is above this share of the map's maximum",
            DefaultValueFactory = _ => 0.2f, HelpName = "X"
        };
        var margin =
            new Option<int>("--margin") { Description = "pixels added around a box", DefaultValueFactory = _ => 4, HelpName = "PIXELS" };
        var canvas =
            new Option<int?>("--canvas")
            {
                Description = "side of the blank canvas that a crop of a generated sample is put on (default: the image size of the "
                + "model that classifies it)", HelpName = "PIXELS"
            };
        var command = new Command(
            "look-twice",
            "Classify test images whole, then what the map of the predicted class frames, then what the true box frames. Of a photograph a "
                + "crop is scaled to the network's input; of a generated sample it is put, unscaled, in the middle of a blank canvas.")
        {
            threshold, margin, canvas,
        };
        second.AddTo(command);
        var options = new ExperimentOptions(command, "test images", 10_000);
        command.SetAction(parsed =>
        {
            int images = options.Count(parsed);
            int around = ExperimentOptions.InRange(parsed, margin, 0, 1000);
            float share = parsed.GetValue(threshold);
            if (!(share is >= 0 and <= 1))
            {
                throw new GpuCamException(FormattableString.Invariant($"--box-threshold {share} is out of range; give 0 to 1"));
            }

            if (parsed.GetValue(canvas) is { } side and (< 28 or > 1024))
            {
                throw new GpuCamException($"--canvas {side} is out of range; give 28 to 1024");
            }

            using IDevice device = options.Open(parsed);
            using Execution first = options.Load(parsed, device);
            using Execution? other = second.IsGiven(parsed) ? second.Load(parsed, device, null) : null;
            if (other is not null
                && (other.Network.Channels != first.Network.Channels || !other.Network.ClassNames.SequenceEqual(first.Network.ClassNames)))
            {
                throw new GpuCamException(
                    $"{second.Path(parsed)} has other channels or classes than {options.Model(parsed)}; "
                    + "give two models of one kind of data");
            }

            if (options.Photographs(parsed, first.Network, null) is not null && (other is not null || parsed.GetValue(canvas) is not null))
            {
                throw new GpuCamException($"{(other is not null ? "--second" : "--canvas")} is for generated samples: crops of photographs "
                    + "are scaled to the input of the model; leave it out");
            }

            ISampleSource source = options.OpenTest(parsed, first);
            PictureSource? pictures = source is PictureSource { Preprocessing.Fit: not PictureFit.None } found ? found : null;
            int width = parsed.GetValue(canvas) ?? pictures?.Width ?? (other ?? first).Network.Config.Size;
            int? height = pictures is { } scaled && scaled.Height != scaled.Width ? scaled.Height : null;
            ICrops crops = pictures is null ? new Crop(around, width) : new PictureCrops(pictures, around);
            RankJob job = RankJob.OfProcess;
            using var experiment = new LookTwice(
                job, first, other ?? first, source, crops, new LookTwiceOptions(share, around, width, height));
            LookTwiceResult? result = experiment.Run(images);
            job.OnFirst(() => options.Print(parsed, result!, () => Write(result!)));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(LookTwiceResult result)
    {
        LookTwiceOptions options = result.Options;
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Images:N0} images; boxes at {options.BoxThreshold:0.##} of the maximum, margin {options.Margin}, crops on "
                + $"{options.Canvas}x{options.CanvasHeight ?? options.Canvas}"));
        Console.Out.WriteLine();
        Row("what is classified", "accuracy");
        Row("whole image", Percent(result.Whole));
        if (result.WholeSecond is { } whole)
        {
            Row("whole image, by the second model", Percent(whole));
        }

        Row("crop around the map of the predicted class", Percent(result.CamCrop));
        Row("both, probabilities multiplied", Percent(result.Both));
        RowOf(result.BoxImages is { } boxed ? $"crop around the true box, of {boxed:N0}" : "crop around the true box", result.TrueCrop);
        Console.Out.WriteLine();
        Row("wrong whole, right in the map's crop", Percent(result.Repaired));
        Row("right whole, wrong in the map's crop", Percent(result.Spoilt));
        RowOf("objects that lie in the map's crop entirely", result.WholeDigit);
        if (result.MeanIou is { } iou)
        {
            Row("mean IoU of the map's box", iou.ToString("0.000", CultureInfo.InvariantCulture));
        }

        if (result.NoBox > 0)
        {
            Row("maps without a box (cropped is all there is)", result.NoBox.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Row(string name, string value) => Console.Out.WriteLine($"{name,-44}{value}");

    private static void RowOf(string name, double? share)
    {
        if (share is { } known)
        {
            Row(name, Percent(known));
        }
    }

    private static string Percent(double share) => share.ToString("0.00 %", CultureInfo.InvariantCulture);
}
