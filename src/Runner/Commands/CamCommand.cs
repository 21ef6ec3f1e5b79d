using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam cam</c>: where a network looks in images that the user has.</summary>
internal static class CamCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("PICTURE")
        {
            Description = "picture files (PNG, JPEG, GIF, BMP or WebP), folders of them, or patterns such as 'photos/**/*.jpg'",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var list =
            new Option<string?>("--list") { Description = "file with a picture's path a line (-: standard input)", HelpName = "FILE" };
        var recursive = new Option<bool>("--recursive") { Description = "take pictures in folders below the folders named, too" };
        var seed = new Option<ulong>("--seed")
        {
            Description = "seed of random and of sscam's noise", DefaultValueFactory = _ =>
            new CamMethodOptions().Seed, HelpName = "N"
        };
        var top = new Option<int?>("--top")
        {
            Description = $"predicted classes to draw (default: 5, or 1 for more than {CamDrawing.FewPictures} pictures)", HelpName = "N"
        };
        var classes =
            new Option<string[]>("--class")
            {
                Description = "draw the class of this name or number instead of the predicted ones (may be repeated); true: the "
                + "one in the labels.txt beside the picture, or that its folder is called by", HelpName = "CLASS"
            };
        var target = new Option<string>("--target")
        {
            Description = "which number of a class is explained: logit, probability, or margin (the logit less that of the next class)",
            DefaultValueFactory = _ => "logit", HelpName = "NAME",
        };
        target.CompletionSources.Add([.. OptionNames.Target.Names]);
        var threshold =
            new Option<float>("--box-threshold")
            {
                Description = "boxes go around what is above this share of the map's maximum",
                DefaultValueFactory = _ => 0.2f, HelpName = "X"
            };
        Option<int?> size = ModelOptions.SizeOption();
        var batch = new Option<int>("--batch")
        {
            Description = "pictures that run through the network at once", DefaultValueFactory = _ => new CamOptions { Output = "" }.Batch,
            HelpName = "N"
        };
        Option<string?> orientation = PictureOptions.Orientation();
        Option<string?> background = PictureOptions.Background("what the model's run says, else light");
        var look = new LookOptions();
        var output =
            new Option<string>("--out", "-o") { Description = "folder for the maps", DefaultValueFactory = _ => "cams", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "print the manifest" };
        var command =
            new Command("cam", "Draw class activation maps of pictures: an overlay per class, a montage, boxes, raw maps and a manifest.")
        {
            images,
        };
        var maps = new MapOptions(command);
        foreach (Option option in (Option[])[list, recursive, seed, top, classes, target, threshold, size, batch, orientation, background])
        {
            command.Options.Add(option);
        }

        look.AddTo(command);
        command.Options.Add(output);
        command.Options.Add(json);
        var model = new ModelOptions(command, anyNetwork: true);
        var devices = new DeviceOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(images) is null or { Tokens.Count: 0 } && result.GetResult(list) is null)
            {
                result.AddError("PICTURE is missing; give files, folders or patterns, or --list FILE");
            }
        });
        command.SetAction(parsed =>
        {
            Sha256.Require();       // the page comes last
            string path = model.Path(parsed);
            var options = new CamOptions
            {
                Maps = maps.Read(parsed, parsed.GetValue(seed)),
                Top = parsed.GetValue(top),
                Classes = parsed.GetValue(classes) ?? [],
                Target = OptionNames.Target.Parse(parsed.GetRequiredValue(target)),
                BoxThreshold = parsed.GetValue(threshold),
                Resize = maps.Resize(parsed),
                Batch = parsed.GetValue(batch),
                Side = look.Side(parsed),
                Orientation = OptionNames.Orientation.Parse(parsed.GetValue(orientation) ?? "exif"),
                Look = look.Read(parsed, PictureOptions.BackgroundOf(parsed.GetValue(background), path)),
                Output = parsed.GetRequiredValue(output),
            };
            options.Validated();
            RankJob job = RankJob.OfProcess;
            IReadOnlyList<ListedPicture> pictures = job.OfFirst(
                () => PictureList.Expand(parsed.GetValue(images) ?? [], parsed.GetValue(list), parsed.GetValue(recursive)));
            using IDevice device = devices.Open(parsed);
            using Execution network = model.Load(parsed, device, parsed.GetValue(size));
            using var interrupt = new Interrupt();
            using var drawing = new CamDrawing(job, network, options, Console.Error.WriteLine, ScoreProgress())
            {
                PicturesDone = PictureProgress(),
            };
            try
            {
                CamManifest? drawn = drawing.DrawAll(pictures, path, interrupt.Token);
                return job.OfFirst(() => Report(drawn!, options.Output, parsed.GetValue(json)));
            }
            catch (OperationCanceledException)
            {
                // On all ranks, whichever of them was asked to end.
                Console.Error.WriteLine("interrupted; no manifest names what was drawn, run the command again");
                return CommandLine.Interrupted;
            }
        });
        return command;
    }

    /// <summary>Says what was drawn and what was refused, writes the page, and chooses the exit code.</summary>
    private static int Report(CamManifest manifest, string output, bool json)
    {
        if (manifest.Images.Count > 0)
        {
            CamReport.Write(output, manifest);
            Print(manifest, output, json);
        }

        foreach (CamRefusal refusal in manifest.Refused ?? [])
        {
            Console.Error.WriteLine($"error: {Printable.Line(refusal.Reason)}");
        }

        return manifest.Refused is null ? CommandLine.Done : manifest.Images.Count > 0 ? CommandLine.Failed : CommandLine.BadInput;
    }

    private static void Print(CamManifest manifest, string output, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(manifest));
            return;
        }

        foreach (CamImage image in manifest.Images)
        {
            IEnumerable<string> predictions = image.Predictions.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{p.Label ?? p.Class} {p.Probability:0.0 %}"));
            Console.Out.WriteLine(Printable.Line($"{image.File}: {string.Join(", ", predictions)}"));
            foreach (string montage in image.Montage is { } first ? (IEnumerable<string>)[first, .. image.MoreMontages ?? []] : [])
            {
                Console.Out.WriteLine($"  {Path.Combine(output, montage)}");
            }

            foreach (CamMap map in image.Maps.Where(map => map.Explanation is not null))
            {
                Console.Out.WriteLine(
                    Printable.Line($"  {map.Method} at {map.Layer}, class {map.Label ?? map.Class}: {map.Explanation}"));
            }
        }
    }

    /// <summary>A line now and then while many pictures are drawn.</summary>
    private static Action<int, int> PictureProgress()
    {
        long start = Stopwatch.GetTimestamp(), last = start;
        return (done, total) =>
        {
            if (Stopwatch.GetElapsedTime(last) < TimeSpan.FromSeconds(2) || done == total)
            {
                return;
            }

            last = Stopwatch.GetTimestamp();
            double rate = done / Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{done} of {total} pictures, {rate:0.#} a second, {(total - done) / rate:0} s to go"));
        };
    }

    /// <summary>A line now and then while a method scores many copies of an image.</summary>
    private static Action<int, int> ScoreProgress()
    {
        var every = TimeSpan.FromSeconds(2);
        long last = Stopwatch.GetTimestamp();
        return (done, total) =>
        {
            if (Stopwatch.GetElapsedTime(last) < every)
            {
                return;
            }

            last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine($"scored {done} of {total} changed copies");
        };
    }
}
