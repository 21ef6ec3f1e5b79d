using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam cam</c>: where a network looks in images that the user has.</summary>
internal static class CamCommand
{
    public static Command Create()
    {
        var images =
            new Argument<string[]>("IMAGE")
            {
                Description = "image files (PNG, JPEG, GIF, BMP or WebP) of the size the network was made for",
                Arity = ArgumentArity.OneOrMore
            };
        var seed = new Option<ulong>("--seed")
        {
            Description = "seed of random and of sscam's noise", DefaultValueFactory = _ =>
            new CamMethodOptions().Seed, HelpName = "N"
        };
        var top = new Option<int>("--top") { Description = "predicted classes to draw", DefaultValueFactory = _ => 5, HelpName = "N" };
        var classes =
            new Option<string[]>("--class")
            {
                Description = "draw the class of this name or number instead of the predicted ones (may be repeated); true: the "
                + "one in the labels.txt beside the image", HelpName = "CLASS"
            };
        var threshold =
            new Option<float>("--box-threshold")
            {
                Description = "boxes go around what is above this share of the map's maximum",
                DefaultValueFactory = _ => 0.2f, HelpName = "X"
            };
        var size = new Option<int?>("--size") { Description = "image size, where the model file does not tell", HelpName = "PIXELS" };
        Option<string?> orientation = PictureOptions.Orientation();
        Option<string?> background = PictureOptions.Background("what the model's run says, else light");
        var output =
            new Option<string>("--out", "-o") { Description = "folder for the maps", DefaultValueFactory = _ => "cams", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "print the manifest" };
        var command =
            new Command("cam", "Draw class activation maps of images: an overlay per class, a montage, boxes, raw maps and a manifest.")
        {
            images,
        };
        var maps = new MapOptions(command);
        foreach (Option option in (Option[])[seed, top, classes, threshold, size, orientation, background, output, json])
        {
            command.Options.Add(option);
        }

        var model = new ModelOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            var options = new CamOptions
            {
                Maps = maps.Read(parsed, parsed.GetValue(seed)),
                Top = parsed.GetValue(top),
                Classes = parsed.GetValue(classes) ?? [],
                BoxThreshold = parsed.GetValue(threshold),
                Resize = maps.Resize(parsed),
                Orientation = OptionNames.Orientation.Parse(parsed.GetValue(orientation) ?? "exif"),
                Background = PictureOptions.BackgroundOf(parsed.GetValue(background), model.Path(parsed)),
                Output = parsed.GetRequiredValue(output),
            };
            options.Validated();
            using IDevice device = devices.Open(parsed);
            using Execution network = model.Load(parsed, device, parsed.GetValue(size));
            using var interrupt = new Interrupt();
            using var drawing = new CamDrawing(network, options, Console.Error.WriteLine, ScoreProgress(interrupt.Token));
            try
            {
                CamManifest manifest = drawing.DrawAll(parsed.GetRequiredValue(images), model.Path(parsed), interrupt.Token);
                return Report(manifest, options.Output, parsed.GetValue(json));
            }
            catch (OperationCanceledException)
            {
                Console.Error.WriteLine("interrupted; no manifest names what was drawn, run the command again");
                throw;
            }
        });
        return command;
    }

    /// <summary>Says what was drawn and what was refused, writes the page, and chooses the exit code.</summary>
    private static int Report(CamManifest manifest, string output, bool json)
    {
        if (manifest.Images.Count > 0)
        {
            CamReport.Write(output);
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
            foreach (string? montage in (IEnumerable<string?>)[image.Montage, .. image.MoreMontages ?? []])
            {
                Console.Out.WriteLine($"  {Path.Combine(output, montage!)}");
            }

            foreach (CamMap map in image.Maps.Where(map => map.Explanation is not null))
            {
                Console.Out.WriteLine(
                    Printable.Line($"  {map.Method} at {map.Layer}, class {map.Label ?? map.Class}: {map.Explanation}"));
            }
        }
    }

    /// <summary>A line now and then while a method scores many copies of an image.</summary>
    private static Action<int, int> ScoreProgress(CancellationToken token)
    {
        var every = TimeSpan.FromSeconds(2);
        long last = Stopwatch.GetTimestamp();
        return (done, total) =>
        {
            token.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(last) < every)
            {
                return;
            }

            last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine($"scored {done} of {total} changed copies");
        };
    }
}
