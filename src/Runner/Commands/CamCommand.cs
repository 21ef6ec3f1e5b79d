using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam cam</c>: where a network looks in images that the user has.</summary>
internal static class CamCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("IMAGE") { Description = "image files (PNG; JPEG where the system can read it) of the size the network was made for", Arity = ArgumentArity.OneOrMore };
        var method = new Option<string>("--method") { Description = "how maps are made: one or several of the methods below, separated by commas", DefaultValueFactory = _ => "cam", HelpName = "NAMES" };
        var layer = new Option<string?>("--layer") { Description = "layers that are mapped, several separated by commas, A+B fused (default: the pooled one, where most methods coincide with cam; conv2 is a step back)", HelpName = "NAMES" };
        var smooth = new Option<string>("--smooth") { Description = "how maps are made less noisy: none, aug (mean over mirror images and brightness) or eigen (first principal component of the weighted channels)", DefaultValueFactory = _ => "none", HelpName = "HOW" };
        var topChannels = new Option<int>("--top-channels") { Description = "channels that scorecam, sscam and iscam try (0: all, else those that vary most)", HelpName = "N" };
        var samples = new Option<int>("--samples") { Description = "passes of sscam and iscam", DefaultValueFactory = _ => new CamMethodOptions().Samples, HelpName = "N" };
        var seed = new Option<ulong>("--seed") { Description = "seed of random and of sscam's noise", DefaultValueFactory = _ => new CamMethodOptions().Seed, HelpName = "N" };
        var top = new Option<int>("--top") { Description = "predicted classes to draw", DefaultValueFactory = _ => 5, HelpName = "N" };
        var classes = new Option<string[]>("--class") { Description = "draw this class instead of the predicted ones (may be repeated); true: the one in the labels.txt beside the image", HelpName = "CLASS" };
        var threshold = new Option<float>("--box-threshold") { Description = "boxes go around what is above this share of the map's maximum", DefaultValueFactory = _ => 0.2f, HelpName = "X" };
        var resize = new Option<string>("--resize") { Description = "how maps are resized: half-pixel or legacy", DefaultValueFactory = _ => "half-pixel", HelpName = "MODE" };
        var size = new Option<int?>("--size") { Description = "image size, where the model file does not tell", HelpName = "PIXELS" };
        var output = new Option<string>("--out", "-o") { Description = "folder for the maps", DefaultValueFactory = _ => "cams", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "print the manifest" };
        images.Validators.Add(UnknownOptions.Refuse);
        var command = new Command("cam", "Draw class activation maps of images: an overlay per class, a montage, boxes, raw maps and a manifest.")
        {
            images, method, layer, smooth, topChannels, samples, seed, top, classes, threshold, resize, size, output, json,
        };
        var model = new ModelOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            var options = new CamOptions
            {
                Methods = parsed.GetRequiredValue(method).Split(','),
                Layers = parsed.GetValue(layer) is { } layers ? layers.Split(',') : [],
                Smoothing = ParseSmoothing(parsed.GetRequiredValue(smooth)),
                MethodOptions = new CamMethodOptions { TopChannels = parsed.GetValue(topChannels), Samples = parsed.GetValue(samples), Seed = parsed.GetValue(seed) },
                Top = parsed.GetValue(top),
                Classes = parsed.GetValue(classes) ?? [],
                BoxThreshold = parsed.GetValue(threshold),
                Resize = ResizeNames.Parse(parsed.GetRequiredValue(resize)),
                Output = parsed.GetRequiredValue(output),
            };
            options.Validated();
            using IDevice device = devices.Open(parsed);
            using Network network = model.Load(parsed, device, parsed.GetValue(size));
            using var drawing = new CamDrawing(network, options, ScoreProgress());
            CamManifest manifest = drawing.DrawAll(parsed.GetRequiredValue(images), model.Path(parsed));
            CamReport.Write(options.Output);
            Report(manifest, options.Output, parsed.GetValue(json));
            return CommandLine.Done;
        });
        return command;
    }

    private static void Report(CamManifest manifest, string output, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(manifest));
            return;
        }

        foreach (CamImage image in manifest.Images)
        {
            IEnumerable<string> predictions = image.Predictions.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Class} {p.Probability:0.0 %}"));
            Console.Out.WriteLine($"{image.File}: {string.Join(", ", predictions)}");
            Console.Out.WriteLine($"  {Path.Combine(output, image.Montage)}");
            foreach (CamMap map in image.Maps.Where(map => map.Explanation is not null))
                Console.Out.WriteLine($"  {map.Method} at {map.Layer}, class {map.Class}: {map.Explanation}");
        }
    }

    private static CamSmoothing ParseSmoothing(string name) => name switch
    {
        "none" => CamSmoothing.None,
        "aug" => CamSmoothing.Augmentation,
        "eigen" => CamSmoothing.PrincipalComponent,
        _ => throw new GpuCamException($"--smooth {name} is not known; choose none, aug or eigen"),
    };

    /// <summary>A line now and then while a method scores many copies of an image.</summary>
    private static Action<int, int> ScoreProgress()
    {
        var every = TimeSpan.FromSeconds(2);
        long last = Stopwatch.GetTimestamp();
        return (done, total) =>
        {
            if (Stopwatch.GetElapsedTime(last) < every)
                return;
            last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine($"scored {done} of {total} changed copies");
        };
    }
}
