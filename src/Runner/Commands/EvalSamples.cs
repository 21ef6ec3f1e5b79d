using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Commands;

/// <summary>What <c>eval</c> measures on.</summary>
/// <param name="Corpus">The samples by what they are for.</param>
/// <param name="Set">The pictures of <c>--data</c>; null for generated samples.</param>
internal sealed record EvalSamples(Corpus Corpus, PictureSet? Set)
{
    /// <summary>Whether there are samples to choose by that are neither tested on nor learnt from.</summary>
    public bool HasValidation => Set is null or { Validation.Count: > 0 };

    /// <summary>Opens the samples that a network is tested on.</summary>
    /// <exception cref="GpuCamException">They cannot be had, or do not fit the network.</exception>
    public static EvalSamples Open(ParseResult parsed, DataOptions data, Execution network, string model, int? count)
    {
        Network known = network.Network;
        if (data.Pictures(parsed, known.ClassNames) is not { } folder)
        {
            return known.HasConfig
                ? new EvalSamples(Corpus.Open(data.TestOptions(parsed, known.Config, count), Console.Error.WriteLine), null)
                : throw new GpuCamException(
                    $"{model} is tested on pictures of your own; give --data with a folder that holds a folder per class");
        }

        var set = PictureSet.Open(folder, Console.Error.WriteLine);
        if (known is { HasConfig: true, Preprocessing: null or { Fit: PictureFit.None } })
        {
            return new EvalSamples(Corpus.Of(set, known.Config.Channels, folder.Orientation), set);
        }

        // A network of others has learnt from none of the pictures. Where no threshold is to be chosen on some, all are tested on.
        PictureSet tested = known.HasConfig || set.All.Any(picture => picture.Boxes.Count > 0 || picture.Masks.Count > 0)
            ? set : set with { Train = [], Validation = [], Test = set.All };
        return new EvalSamples(Corpus.Of(tested, known, folder.Orientation), set);
    }

    /// <summary>The pictures that figures may be of, or thresholds; none for generated samples.</summary>
    public IEnumerable<DataPicture> Pictures => Set?.All ?? [];
}
