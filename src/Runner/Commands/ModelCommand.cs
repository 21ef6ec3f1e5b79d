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
        var command = new Command("list", "List the architectures that this program builds, with their sizes.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{"architecture",-14} {"parameters",11} {"multiply-adds",13} {"smallest images",16}"));
            foreach (Architecture architecture in Architectures.All)
            {
                var config = new NetworkConfig(3, Listed, [.. Enumerable.Repeat("", Classes)]) { Architecture = architecture.Name };
                Graph graph = Architectures.Describe(config).Graph;
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{architecture.Name,-14} {Trained(graph),11:N0} {graph.MultiplyAdds / 1e6,11:N0} M {architecture.LeastSize,16}"));
            }

            Console.Out.WriteLine($"(of {Classes:N0} classes, for a colour image of {Listed}x{Listed} pixels; see docs/architectures.md)");
            return CommandLine.Done;
        });
        return command;

        static long Trained(Graph graph) =>
            graph.Parameters.Where(parameter => parameter.IsTrained).Sum(parameter => (long)parameter.Shape.Count);
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
