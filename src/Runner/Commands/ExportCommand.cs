using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam export</c>: a network as an ONNX file, with its maps in it.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var onnx = new Option<string>("--onnx") { Description = "file to write, NAME.onnx", HelpName = "FILE", Required = true };
        var opset = new Option<int>("--opset")
        {
            Description = "version of ONNX's operators, 13 to 21: the older, the more programs read it",
            DefaultValueFactory = _ => new OnnxExportOptions().Opset, HelpName = "N",
        };
        opset.CompletionSources.Add([.. OnnxExportOptions.Opsets.Select(version => version.ToString(CultureInfo.InvariantCulture))]);
        var withCam = new Option<bool>("--with-cam")
        {
            Description = "a second output, cam [N, classes, h, w]: the exact class activation maps, signed, where the network ends in "
                + "global pooling",
        };
        var top = new Option<int?>("--top")
        {
            Description = "maps of that many best classes instead of all; their numbers are one more output, classes", HelpName = "K",
        };
        var classInput = new Option<bool>("--class-input")
        {
            Description = "maps of the classes in a second input, classes [N, k] (int64), instead of all",
        };
        var withGradient = new Option<string?>("--with-gradcam")
        {
            Description = "one more output, [N, 1, h, w]: the map of this value by gradients, of the best class or of the first in "
                + "--class-input; the way back to the value is in the file", HelpName = "VALUE",
        };
        var method = new Option<string?>("--method")
        {
            Description = $"the map of --with-gradcam: {string.Join(", ", OnnxExportOptions.GradientMethods)} (default: gradcam)",
            HelpName = "NAME",
        };
        method.CompletionSources.Add([.. OnnxExportOptions.GradientMethods]);
        var resize = new Option<bool>("--resize-maps") { Description = "maps enlarged to the network's input, as 'gpucam cam' draws them" };
        Option<int?> size = ModelOptions.SizeOption();
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command(
            "export", "Write a network as an ONNX file that draws its own maps; it is read again and compared before it gets its name.");
        foreach (Option option in (Option[])[onnx, opset, withCam, top, withGradient, method, classInput, resize, size])
        {
            command.Options.Add(option);
        }

        var model = new ModelOptions(command, anyNetwork: true);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            bool exact = result.GetValue(withCam), gradient = result.GetValue(withGradient) is not null;
            Needs(exact || gradient, "give --with-cam or --with-gradcam", classInput, resize);
            Needs(exact, "give --with-cam", top);
            Needs(gradient, "give --with-gradcam", method);

            if (result.GetResult(top) is { Implicit: false } && result.GetValue(classInput))
            {
                result.AddError("--top and --class-input both say which classes have maps; give one of them");
            }

            void Needs(bool there, string what, params Option[] options)
            {
                foreach (Option option in options.Where(option => !there && result.GetResult(option) is { Implicit: false }))
                {
                    result.AddError($"{option.Name} is about maps; {what} too");
                }
            }
        });
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(onnx);
            CheckPath(path);
            using IDevice device = new HostDevice(Backend.Simd);
            using Execution network = model.Load(parsed, device, parsed.GetValue(size));
            ExportSummary summary = Write(network, path, new OnnxExportOptions
            {
                Opset = parsed.GetValue(opset),
                WithCam = parsed.GetValue(withCam),
                Top = parsed.GetValue(top),
                ClassInput = parsed.GetValue(classInput),
                GradientValue = parsed.GetValue(withGradient),
                GradientMethod = parsed.GetValue(method) ?? new OnnxExportOptions().GradientMethod,
                ResizeMaps = parsed.GetValue(resize),
            });
            Report(summary, parsed.GetValue(json));
            return CommandLine.Done;
        });
        return command;
    }

    private static void CheckPath(string path)
    {
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new GpuCamException($"--onnx {path}: programs know such files by their ending; give a name that ends in .onnx");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
        {
            throw new GpuCamException($"--onnx {path}: there is no folder {folder}; make it, or give another one");
        }
    }

    private static ExportSummary Write(Execution network, string path, OnnxExportOptions options)
    {
        OnnxExported? exported = null;
        IReadOnlyDictionary<string, double>? differences = null;
        long bytes = 0;
        AtomicFile.Write(
            path, stream => exported = OnnxExport.Write(network, stream, options), check: written =>
            {
                bytes = new FileInfo(written).Length;
                differences = OnnxExportCheck.Compare(network, exported!, written);
            });
        return new ExportSummary(
            path, bytes, options.Opset, network.Graph.ParameterCount, exported!.Inputs, exported.Outputs, differences!);
    }

    private static void Report(ExportSummary summary, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(summary));
            return;
        }

        Console.Out.WriteLine(Printable.Line(string.Create(CultureInfo.InvariantCulture,
            $"{summary.File}: {summary.Bytes / 1e6:N1} MB, opset {summary.Opset}, {summary.Parameters:N0} parameters")));
        int width = summary.Inputs.Concat(summary.Outputs).Max(tensor => tensor.Name.Length);
        foreach (OnnxExportedValue tensor in summary.Inputs)
        {
            Row("input", tensor, "");
        }

        foreach (OnnxExportedValue tensor in summary.Outputs)
        {
            Row("output", tensor, summary.Differences.TryGetValue(tensor.Name, out double difference)
                ? difference == 0 ? "   read again: the same numbers"
                    : string.Create(CultureInfo.InvariantCulture, $"   read again: within {difference:g2} of its largest value")
                : tensor.Type == "int64" ? "" : "   not run again: gradients in files are not read here");
        }

        void Row(string kind, OnnxExportedValue tensor, string note) => Console.Out.WriteLine(Printable.Line(
            $"  {kind,-6}  {tensor.Name.PadRight(width)}  {tensor.Type,-7} [{string.Join(", ", tensor.Extents)}]{note}"));
    }

    /// <summary>What <c>--json</c> prints.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Bytes">Its length.</param>
    /// <param name="Opset">Of its operators.</param>
    /// <param name="Parameters">Numbers in all parameters.</param>
    /// <param name="Inputs">What it takes.</param>
    /// <param name="Outputs">What it gives.</param>
    /// <param name="Differences">By output, the largest difference from the network over the largest value, when it was read again.</param>
    private sealed record ExportSummary(
        string File, long Bytes, int Opset, long Parameters, IReadOnlyList<OnnxExportedValue> Inputs,
        IReadOnlyList<OnnxExportedValue> Outputs, IReadOnlyDictionary<string, double> Differences);
}
