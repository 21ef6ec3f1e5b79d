using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Training;

/// <summary>The pictures of <c>--data</c> as a network takes them: to learn from, to choose by, and to test on.</summary>
internal sealed class TrainingPictures
{
    private TrainingPictures(PictureSet set, NetworkConfig config, TrainSettings settings)
    {
        (Set, Config) = (set, config);
        ImageOrientation orientation = OptionNames.Orientation.Parse(settings.Orientation);
        var corpus = Corpus.Of(
            set, config.Preprocessing!, new Shape(1, config.Size, config.Size, config.Channels), orientation);
        var augmentation = Augmentation.Named(settings.Augmentation);
        (Count, Test) = (corpus.Train.Count, corpus.Test);
        Train = augmentation.Changes ? new AugmentedPictures((PictureSource)corpus.Train, augmentation, settings.Seed) : corpus.Train;
        Watched = set.Validation.Count > 0 ? corpus.Validation : corpus.Test;
    }

    /// <summary>What was found in the folder.</summary>
    public PictureSet Set { get; }

    /// <summary>The network that these pictures are made for.</summary>
    public NetworkConfig Config { get; }

    /// <summary>Training pictures.</summary>
    public int Count { get; }

    /// <summary>What is learnt from, augmented.</summary>
    public ISampleSource Train { get; }

    /// <summary>Whether <see cref="Train"/> has other samples in each epoch, told by their index.</summary>
    public bool TellsEpoch => Train is AugmentedPictures;

    /// <summary>What evaluations while training are of: the validation pictures, or where there are none, those of the test.</summary>
    public ISampleSource Watched { get; }

    /// <summary>What the last figures are of.</summary>
    public ISampleSource Test { get; }

    /// <summary>Opens the folder.</summary>
    /// <param name="settings">Say which pictures, and for which network.</param>
    /// <param name="preprocessing">How whoever trained the first weights prepared pictures; null for what is usual.</param>
    /// <param name="report">Gets what is wrong with the folder, line by line.</param>
    /// <exception cref="GpuCamException">The pictures cannot be learnt from, or not by this network.</exception>
    public static TrainingPictures Open(TrainSettings settings, Preprocessing? preprocessing, Action<string> report)
    {
        var set = PictureSet.Open(settings.PictureSetOptions(), report);
        if (set.Train.Count == 0)
        {
            throw new GpuCamException($"{set.Folder}: has no picture to learn from; add some");
        }

        bool asTheyAre = settings.Fit == OptionNames.Fit.NameOf(PictureFit.None);
        NetworkConfig config = settings.NetworkConfig(asTheyAre ? Corpus.SizeOf(set) : settings.Size, set.ClassNames);
        return new TrainingPictures(set, config with { Preprocessing = Prepared(settings, config, preprocessing) }, settings);
    }

    /// <summary>
    /// How pictures become inputs: as the user says, or the first weights, or as is usual for the architecture; the reference network takes
    /// values from 0 to 1.
    /// </summary>
    private static Preprocessing Prepared(TrainSettings settings, NetworkConfig config, Preprocessing? preprocessing)
    {
        Preprocessing known = settings.Preprocess is { } given ? PreprocessingFile.PresetOrFile(given)
            : preprocessing ?? Architectures.Describe(config).Preprocessing!;
        PictureFit fit = settings.Fit is { } asked ? OptionNames.Fit.Parse(asked)
            : known.Fit == PictureFit.None ? PictureFit.Crop : known.Fit;
        return (known with { Fit = fit }).ForNetwork(config.Size, config.Size, config.Channels);
    }
}
