using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Models;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam model show</c>: what a network is, and what can be mapped in it.</summary>
internal static class ModelShowCommand
{
    public static Command Create()
    {
        var command = new Command("show", "Show a network: inputs, outputs, size, what can be mapped in it and by which methods.");
        var model = new ModelOptions(command, anyNetwork: true);
        Option<int?> size = ModelOptions.SizeOption();
        var nodes = new Option<bool>("--nodes") { Description = "list every node, not only the values that can be mapped" };
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        command.Options.Add(size);
        command.Options.Add(nodes);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var summary = ModelSummary.Of(model.Request(parsed, parsed.GetValue(size)), parsed.GetValue(nodes));
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(RunnerJson.Line(summary));
            }
            else
            {
                Write(Console.Out, summary);
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static void Write(TextWriter output, ModelSummary summary)
    {
        output.WriteLine(Printable.Line($"{summary.File}: {summary.Format}"));
        Row("inputs", string.Join("; ", summary.Inputs.Select(Text)));
        Row("outputs", string.Join("; ", summary.Outputs.Select(Text)));
        Row("size", string.Create(CultureInfo.InvariantCulture, $"{summary.Parameters:N0} parameters, {summary.Nodes:N0} nodes"));
        Row("work", string.Create(CultureInfo.InvariantCulture, $"{summary.MultiplyAdds / 1e6:N1} million multiply-adds for an image"));
        Row("classes", summary.ClassNames.Count > 8
            ? $"{summary.Classes}: {string.Join(", ", summary.ClassNames.Take(4))}, …" : string.Join(", ", summary.ClassNames));
        Row("ends in", summary.Ending);
        Row("methods", summary.Methods.Count == CamMethods.All.Count ? "all" : string.Join(", ", summary.Methods));
        if (summary.WithoutCam is { } why)
        {
            Row("", why);
        }

        Row("pictures", summary.Preprocessing ?? "nothing says how they are prepared; give --preprocess");
        output.WriteLine();
        output.WriteLine(
            summary.Layers.Count == 0 ? "nothing in it has a place in the image: there is nothing to map" : "values that can be mapped:");
        int width = summary.Layers.Select(layer => layer.Name.Length).DefaultIfEmpty(0).Max();
        foreach (ShownValue layer in summary.Layers)
        {
            string mark = layer.Name == summary.DefaultLayer ? "   (the default)" : "";
            output.WriteLine(Printable.Line(
                $"  {layer.Name.PadRight(width)}  {$"{layer.Width}x{layer.Height}x{layer.Channels}",-14}  {layer.Kind}{mark}"));
        }

        void Row(string name, string text) => output.WriteLine(Printable.Line($"  {name,-9} {text}"));

        static string Text(ShownValue value) => $"{value.Name} {value.Width}x{value.Height}x{value.Channels}";
    }
}
