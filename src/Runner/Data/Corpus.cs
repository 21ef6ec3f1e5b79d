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
        return options.Folder is { } folder
            ? ImageFolder.Open(folder, options.Channels, options.Classes, options.Orientation).Split()
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

    private static Digits? OpenClutter(CorpusOptions options, Action<string>? report, CancellationToken cancellation) =>
        options.Clutter is { } clutter
            ? DigitSource.Open(options with { Digits = clutter, From = null }, null, report, cancellation)
            : null;
}
