using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>The samples of a run.</summary>
/// <param name="Train">Samples to train on.</param>
/// <param name="Test">Samples to test on.</param>
/// <param name="Validation">Samples to choose settings on: none of them is tested on.</param>
/// <param name="Message">What they are made of, in one line for the user.</param>
public sealed record Corpus(ISampleSource Train, ISampleSource Test, ISampleSource Validation, string Message)
{
    // Beyond every training sample and, in the seed protocol, every test sample: same digits as for training, other layouts.
    private const int ValidationStart = 1_500_000_000;
    private const int ValidationCount = 1_000_000;

    /// <summary>Opens the samples that the options describe, and fetches digits if need be.</summary>
    /// <param name="options">What to make.</param>
    /// <param name="report">Gets a line before each step that may take seconds.</param>
    /// <param name="cancellation">Ends the fetching early.</param>
    /// <exception cref="GpuCamException">An option is out of range, or the data cannot be had.</exception>
    public static Corpus Open(CorpusOptions options, Action<string>? report = null, CancellationToken cancellation = default)
    {
        options.Validate();
        return options.Pictures is { } pictures
            ? Of(PictureSet.Open(pictures, report ?? (_ => { })), options.Channels, pictures.Orientation)
            : Generate(options, DigitSource.Open(options, null, report, cancellation), OpenClutter(options, report, cancellation));
    }

    /// <summary>Cluttered samples from the given digits, as <see cref="CorpusOptions.Protocol"/> says.</summary>
    /// <param name="options">What to make.</param>
    /// <param name="digits">What to make it of.</param>
    /// <param name="clutter">What patches are cut from; null takes the digits.</param>
    public static Corpus Generate(CorpusOptions options, Digits digits, Digits? clutter = null)
    {
        options.Validate();
        CorpusOptions plain = options with { Augment = 0 };     // what is tested on is real handwriting
        var train = new ClutteredDigits(digits.Train, digits.ClassNames, options, test: false, 0, options.TrainCount, clutter?.Train);
        ClutteredDigits test = options.Protocol == Protocol.Seed
            ? new(digits.Train, digits.ClassNames, plain, test: false, options.TrainCount, options.TestCount ?? 30_000, clutter?.Train)
            : new(digits.Test, digits.ClassNames, plain, test: true, 0, options.TestCount ?? 10_000, clutter?.Test);
        var validation =
            new ClutteredDigits(digits.Train, digits.ClassNames, plain, test: false, ValidationStart, ValidationCount, clutter?.Train);
        return new Corpus(train, test, validation, clutter is null ? digits.Message : $"{digits.Message}; fragments: {clutter.Message}");
    }

    /// <summary>Square pictures of one size as they are, with values in [0, 1].</summary>
    /// <exception cref="GpuCamException">They are not square, not of one size, or there are none to test on.</exception>
    internal static Corpus Of(PictureSet set, int channels, ImageOrientation orientation)
    {
        int size = SizeOf(set);
        return Of(set, PictureSource.AsTheyAre(size, channels), new Shape(1, size, size, channels), orientation);
    }

    /// <summary>The side of pictures that are all square and of one size.</summary>
    /// <exception cref="GpuCamException">They are not.</exception>
    internal static int SizeOf(PictureSet set)
    {
        DataPicture first = set.All[0];
        foreach (DataPicture picture in set.All)
        {
            if (picture.Width != picture.Height)
            {
                throw new GpuCamException(
                    $"{picture.Path}: {picture.Width}x{picture.Height} pixels; samples are square, so crop it, or give --size");
            }

            if (picture.Width != first.Width)
            {
                throw new GpuCamException(
                    $"{picture.Path}: {picture.Width}x{picture.Height} pixels, but {Path.GetFileName(first.Path)} has {first.Width}x"
                    + $"{first.Height}; all images of a folder have one size, unless --size says which");
            }
        }

        return first.Width;
    }

    /// <summary>Pictures of any size as a network takes them.</summary>
    /// <exception cref="GpuCamException">Nothing says how they become its input, or there are none to test on.</exception>
    internal static Corpus Of(PictureSet set, Network network, ImageOrientation orientation) =>
        Of(set, PictureSource.PreprocessingOf(network), network.Graph.Input.Shape, orientation);

    /// <summary>
    /// Pictures of any size as inputs. What is chosen by are the training pictures, where the set has no other.
    /// </summary>
    /// <exception cref="GpuCamException">There are none to test on.</exception>
    internal static Corpus Of(PictureSet set, Preprocessing preprocessing, Shape input, ImageOrientation orientation)
    {
        PictureSource train = Source(set.Train, "train");
        return new Corpus(
            train,
            set.Test.Count > 0 ? Source(set.Test, "test") : throw new GpuCamException($"{set.Folder}: has no picture to test on; add some"),
            set.Validation.Count > 0 ? Source(set.Validation, "validation") : train, set.Description);

        PictureSource Source(IReadOnlyList<DataPicture> pictures, string split) => new(
            pictures, set.ClassNames, preprocessing, input, orientation,
            $"{pictures.Count} {split} pictures of {set.Folder}, as {input.W}x{input.H}");
    }

    private static Digits? OpenClutter(CorpusOptions options, Action<string>? report, CancellationToken cancellation) =>
        options.Clutter is { } clutter
            ? DigitSource.Open(options with { Digits = clutter, From = null }, null, report, cancellation)
            : null;
}
