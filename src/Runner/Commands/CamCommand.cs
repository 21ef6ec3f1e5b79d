using System.CommandLine;
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
        var method = new Option<string>("--method") { Description = "how maps are made: cam", DefaultValueFactory = _ => "cam", HelpName = "NAME" };
        var layer = new Option<string?>("--layer") { Description = "layer whose features are mapped (cam: the one that is pooled)", HelpName = "NAME" };
        var top = new Option<int>("--top") { Description = "predicted classes to draw", DefaultValueFactory = _ => 5, HelpName = "N" };
        var classes = new Option<string[]>("--class") { Description = "draw this class instead of the predicted ones (may be repeated)", HelpName = "CLASS" };
        var threshold = new Option<float>("--box-threshold") { Description = "boxes go around what is above this share of the map's maximum", DefaultValueFactory = _ => 0.2f, HelpName = "X" };
        var resize = new Option<string>("--resize") { Description = "how maps are resized: half-pixel or legacy", DefaultValueFactory = _ => "half-pixel", HelpName = "MODE" };
        var size = new Option<int?>("--size") { Description = "image size, where the model file does not tell", HelpName = "PIXELS" };
        var output = new Option<string>("--out", "-o") { Description = "folder for the maps", DefaultValueFactory = _ => "cams", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "print the manifest" };
        images.Validators.Add(UnknownOptions.Refuse);
        var command = new Command("cam", "Draw class activation maps of images: an overlay per class, a montage, boxes, raw maps and a manifest.")
        {
            images, method, layer, top, classes, threshold, resize, size, output, json,
        };
        var model = new ModelOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetRequiredValue(method) is not "cam" and var unknown)
                throw new GpuCamException($"--method {unknown} is not known; choose cam");
            var options = new CamOptions
            {
                Layer = parsed.GetValue(layer),
                Top = parsed.GetValue(top),
                Classes = parsed.GetValue(classes) ?? [],
                BoxThreshold = parsed.GetValue(threshold),
                Resize = ResizeNames.Parse(parsed.GetRequiredValue(resize)),
                Output = parsed.GetRequiredValue(output),
            };
            options.Validated();
            using IDevice device = devices.Open(parsed);
            using Network network = model.Load(parsed, device, parsed.GetValue(size));
            using var drawing = new CamDrawing(network, options);
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
        }
    }
}
