using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Data;

/// <summary>Digits for training and for tests.</summary>
/// <param name="Name"><c>mnist</c>, <c>fashion-mnist</c> or <c>synthetic</c>.</param>
/// <param name="ClassNames">Names of the labels.</param>
/// <param name="Train">Digits for training.</param>
/// <param name="Test">Digits that no training sample holds.</param>
/// <param name="Message">Which digits these are, where they came from and why, in one line for the user.</param>
public sealed record Digits(string Name, IReadOnlyList<string> ClassNames, DigitPool Train, DigitPool Test, string Message);

/// <summary>Finds the digits that <c>--digits</c> names.</summary>
public static class DigitSource
{
    /// <summary>What <c>--digits</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", .. DataSet.Known.Select(set => set.Name), "synthetic"];

    /// <summary>
    /// Fetches (if need be) and reads digits. <c>auto</c> is MNIST if it can be had, else synthetic ones, and the message
    /// says which and why.
    /// </summary>
    /// <param name="options">Digits, from, cache and seed are used.</param>
    /// <param name="fetcher">What fetches; null for the usual one.</param>
    /// <param name="report">Gets a line before each step that may take seconds.</param>
    /// <param name="cancellation">Ends the fetching early.</param>
    /// <exception cref="GpuCamException">An unknown name, or digits that cannot be had.</exception>
    public static Digits Open(
        CorpusOptions options, DataFetcher? fetcher = null, Action<string>? report = null, CancellationToken cancellation = default)
    {
        fetcher ??= new DataFetcher(CacheFolder.Locate(options.Cache), report);
        switch (options.Digits)
        {
            case "synthetic":
                return Synthetic("synthetic digits, as asked");
            case "auto" when options.From == null:
                try
                {
                    return Fetched(Get(fetcher, "mnist", null, cancellation));
                }
                catch (GpuCamException e) when (e is not JobException)
                {
                    return Synthetic($"synthetic digits, because {e.Message}");
                }

            case "auto":
                return Fetched(Get(fetcher, "mnist", options.From, cancellation));
            default:
                if (!Names.Contains(options.Digits))
                {
                    throw new GpuCamException($"--digits {options.Digits}: unknown; give one of {string.Join(", ", Names)}");
                }

                return Fetched(Get(fetcher, options.Digits, options.From, cancellation));
        }
    }

    /// <summary>
    /// Ranks that have one cache do not fill it together, nor does each of them ask the network. What one of them cannot have, none has:
    /// all learn from the same digits.
    /// </summary>
    private static FetchResult Get(DataFetcher fetcher, string name, string? from, CancellationToken cancellation)
    {
        FetchResult? fetched = null;
        GpuCamException? fault = null;
        RankJob.OfProcess.FirstThenOthers(() =>
        {
            try
            {
                fetched = fetcher.Get(DataSet.Named(name), from, cancellation);
            }
            catch (GpuCamException e)
            {
                fault = e;
            }
        });
        string? first = RankJob.OfProcess.AllGather(fault?.Message).FirstOrDefault(message => message is not null);
        return first is null ? fetched! : throw fault ?? new GpuCamException(first);
    }

    private static Digits Fetched(FetchResult fetched) =>
        new(fetched.Set.Name, fetched.Set.Classes, fetched.ReadTrain(), fetched.ReadTest(), $"{fetched.Set.Title} from {fetched.Origin}");

    private static Digits Synthetic(string message) =>
        new("synthetic", DataSet.Named("mnist").Classes, SyntheticDigits.Train(), SyntheticDigits.Test(), message);
}
