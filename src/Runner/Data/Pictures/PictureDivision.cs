using GpuCam.Kernels;

namespace GpuCam.Runner.Data;

/// <summary>
/// Splits pictures, class by class: a pure function of the seed and of the names of a class and its pictures, so that a class more
/// changes nothing of the others. Parts that the layout makes stay what they are.
/// </summary>
internal sealed class PictureDivision
{
    private const double ValidationShare = 0.15;
    private const double TestShare = 0.15;
    private const int ValidationPart = 5;   // of the training pictures of --train-per-class

    private readonly FoundPictures _found;
    private readonly PictureSetOptions _options;
    private readonly List<DataPicture>[] _parts = [[], [], []];

    private PictureDivision(FoundPictures found, PictureSetOptions options) => (_found, _options) = (found, options);

    /// <summary>Train, validation and test, each in a random order of its own unless the layout has one.</summary>
    public static IReadOnlyList<DataPicture>[] Of(FoundPictures found, PictureSetOptions options) =>
        new PictureDivision(found, options).Divide();

    private IReadOnlyList<DataPicture>[] Divide()
    {
        ILookup<PictureSplit?, DataPicture> told = _found.Pictures.ToLookup(picture => picture.Split, picture => picture.Picture);
        List<DataPicture> train = [.. told[PictureSplit.Train]], validation = [.. told[PictureSplit.Validation]];
        List<DataPicture> test = [.. told[PictureSplit.Test]];
        if (_found.Settled)
        {
            return [train, validation, test];
        }

        if (test.Count == 0)
        {
            // Who makes two parts tests on the second, whatever it is called.
            (test, validation) = (validation, []);
        }

        train.AddRange(told[null]);
        IEnumerable<IGrouping<int, DataPicture>> classes = train.Concat(validation).Concat(test).GroupBy(picture => picture.Label);
        ILookup<int, DataPicture> tested = test.ToLookup(picture => picture.Label);
        ILookup<int, DataPicture> chosen = validation.ToLookup(picture => picture.Label);
        ILookup<int, DataPicture> learnt = train.ToLookup(picture => picture.Label);
        foreach (int label in classes.Select(group => group.Key).Order())
        {
            Divide(label, [.. learnt[label]], [.. chosen[label]], [.. tested[label]], test.Count > 0, validation.Count > 0);
        }

        return [.. _parts.Select((part, i) => InRandomOrder(part, (ulong)i))];
    }

    /// <summary>Splits the pictures of a class; those that are for something already stay so.</summary>
    private void Divide(
        int label, DataPicture[] train, DataPicture[] validation, DataPicture[] test, bool hasTest, bool hasValidation)
    {
        ulong pass = PictureClasses.Hash(_found.ClassNames[label].Replace(' ', '_'));     // however a folder's name is written
        train = InRandomOrder(train, pass);
        int count = train.Length;
        int tests = hasTest ? 0 : count < 2 ? 0 : Math.Max(1, (int)Math.Round(count * TestShare));
        int kept = count - tests;
        if (_options.TrainPerClass is { } most)
        {
            kept = Math.Min(most, hasTest || count < 2 ? count : count - 1);
            tests = hasTest ? 0 : count - kept;
        }

        int share = _options.TrainPerClass is null ? (int)Math.Round(count * ValidationShare) : kept / ValidationPart;
        int validations = hasValidation || kept < 2 ? 0 : Math.Clamp(share, 1, kept - 1);
        _parts[0].AddRange(train[..(kept - validations)]);
        _parts[1].AddRange(hasValidation ? validation : train[(kept - validations)..kept]);
        DataPicture[] tested = hasTest ? InRandomOrder(test, pass) : train[kept..(kept + tests)];
        _parts[2].AddRange(tested.Take(_options.TestPerClass ?? tested.Length));
    }

    private DataPicture[] InRandomOrder(IReadOnlyList<DataPicture> pictures, ulong pass)
    {
        DataPicture[] sorted = [.. pictures.OrderBy(picture => picture.Id, StringComparer.Ordinal)];
        if (sorted.Length == 0)
        {
            return sorted;
        }

        var order = new RandomPermutation(sorted.Length, _options.Seed, RandomPurpose.PictureSplit, pass);
        return [.. Enumerable.Range(0, sorted.Length).Select(i => sorted[order[i]])];
    }
}
