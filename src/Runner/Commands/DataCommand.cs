using System.CommandLine;
using System.Globalization;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam data</c>: fetches digits, writes cluttered samples as a folder of images, and shows folders of pictures.</summary>
internal static class DataCommand
{
    public static Command Create() =>
        new("data", "Fetch digits, write cluttered samples to a folder, or show a folder of pictures.")
        {
            CreateGet(), CreateMake(), DataShowCommand.Create(),
        };

    private static Command CreateGet()
    {
        var name = new Argument<string>("SET") { Description = "mnist or fashion-mnist" };
        name.CompletionSources.Add([.. DataSet.Known.Select(set => set.Name)]);
        var from = new Option<string?>(
            "--from")
        { Description = "take the four IDX files, packed with gzip or not, from this folder", HelpName = "DIR" };
        var cache =
            new Option<string?>("--cache")
            {
                Description = "folder to keep them in (default: data/cache of this repository, else the "
                + "user's own)", HelpName = "DIR"
            };
        var command = new Command("get", "Fetch a set of digits, check its checksums and keep it in the cache.") { name, from, cache };
        command.SetAction(parsed =>
        {
            var fetcher = new DataFetcher(CacheFolder.Locate(parsed.GetValue(cache)), Console.Error.WriteLine);
            FetchResult result = fetcher.Get(DataSet.Named(parsed.GetRequiredValue(name)), parsed.GetValue(from));
            Console.Error.WriteLine($"{result.Set.Title} from {result.Origin}");
            Console.Out.WriteLine(result.Folder);
            return CommandLine.Done;
        });
        return command;
    }

    private static Command CreateMake()
    {
        var output = new Option<string>("--out", "-o") { Description = "folder to fill; new or empty", HelpName = "DIR", Required = true };
        var count =
            new Option<int>("--count", "-n") { Description = "images, 1 to 10000000", HelpName = "N", DefaultValueFactory = _ => 1000 };
        var command = new Command("make", "Write cluttered samples: img_1.png …, labels.txt and boxes.csv.") { output, count };
        var data = new DataOptions(command, withFolder: false);
        command.SetAction(parsed =>
        {
            int wanted = parsed.GetValue(count);
            if (wanted is < 1 or > 10_000_000)
            {
                throw new GpuCamException($"--count {wanted} is out of range; give 1 to 10000000");
            }

            string folder = parsed.GetRequiredValue(output);
            RankJob job = RankJob.OfProcess;
            job.OnFirst(() => ImageFolder.CheckEmpty(folder));
            var corpus = Corpus.Open(
                new CorpusOptions
                {
                    Digits = data.Digits(parsed) ?? "auto",
                    Protocol = OptionNames.Protocol.Parse(data.ProtocolName(parsed) ?? "seed"),
                    Size = data.Size(parsed) ?? 100,
                    Distractors = data.Distractors(parsed) ?? 8,
                    Seed = data.Seed(parsed) ?? 1,
                    Cache = data.Cache(parsed),
                    TrainCount = wanted,
                },
                Console.Error.WriteLine);
            ImageFolder.Write(job, folder, corpus.Train);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{wanted} images; {corpus.Message}"));
            Console.Out.WriteLine(Path.GetFullPath(folder));
            return CommandLine.Done;
        });
        return command;
    }
}
