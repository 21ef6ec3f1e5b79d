using System.Globalization;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Data;

/// <summary>A folder of labelled pictures of any size, in any of the layouts that are read, and how it is split.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Layout">What it was read as, for people: <c>a folder per class</c>.</param>
/// <param name="ClassNames">The classes; a label is a place in them.</param>
internal sealed record PictureSet(string Folder, string Layout, IReadOnlyList<string> ClassNames)
{
    /// <summary>What networks learn from.</summary>
    public IReadOnlyList<DataPicture> Train { get; init; } = [];

    /// <summary>What is chosen by: penalties, thresholds, the best checkpoint; never tested on.</summary>
    public IReadOnlyList<DataPicture> Validation { get; init; } = [];

    /// <summary>What figures are of.</summary>
    public IReadOnlyList<DataPicture> Test { get; init; } = [];

    /// <summary>Files that were left out since they cannot be read, with the reason, a line each.</summary>
    public IReadOnlyList<string> Broken { get; init; } = [];

    /// <summary>All pictures by their names, whatever they are for.</summary>
    public IReadOnlyList<DataPicture> All =>
        [.. Train.Concat(Validation).Concat(Test).OrderBy(picture => picture.Id, StringComparer.Ordinal)];

    /// <summary>The pictures of a split.</summary>
    public IReadOnlyList<DataPicture> Of(PictureSplit split) =>
        split switch { PictureSplit.Train => Train, PictureSplit.Validation => Validation, _ => Test };

    /// <summary>What it is, in one line.</summary>
    public string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{Train.Count + Validation.Count + Test.Count:N0} pictures of {ClassNames.Count:N0} classes in {Folder} ({Layout}): "
        + $"{Train.Count:N0} train, {Validation.Count:N0} validation, {Test.Count:N0} test");

    /// <summary>Opens a folder: finds out its layout, looks at every file's header, and splits it where it is not split.</summary>
    /// <param name="options">What to take.</param>
    /// <param name="report">Gets lines about what is wrong, where that is more than one thing, and about what was left out.</param>
    /// <exception cref="GpuCamException">
    /// A file, a label or a box is missing or wrong, or the set cannot be learnt from: one class only, one without pictures, one only in
    /// test (where <see cref="PictureSetOptions.Classes"/> says the classes, some may be missing).
    /// </exception>
    public static PictureSet Open(PictureSetOptions options, Action<string> report)
    {
        Action<string> say = line => report(Printable.Line(line));
        try
        {
            FoundPictures found = PictureLayouts.Find(options);
            PictureIds.CheckDistinct(found, say);
            CheckClasses(found, options);
            (found, string[] broken) = PictureChecks.Look(found, options, say);
            IReadOnlyList<DataPicture>[] parts = PictureDivision.Of(found, options);
            CheckTested(found, options, parts, say);
            foreach (string line in broken)
            {
                say($"left out: {line}");
            }

            return new PictureSet(options.Folder, found.Layout, found.ClassNames)
            {
                Train = parts[0],
                Validation = parts[1],
                Test = parts[2],
                Broken = broken,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{options.Folder}: cannot be read ({e.Message.TrimEnd('.')}); give a readable folder", e);
        }
    }

    private static void CheckClasses(FoundPictures found, PictureSetOptions options)
    {
        int[] labels = [.. found.Pictures.Select(picture => picture.Picture.Label).Distinct().Take(2)];
        if (options.Classes is null && labels.Length == 1)
        {
            throw new GpuCamException(
                $"{found.Source}: every label is {found.ClassNames[labels[0]]}; two classes are the least that can be told apart");
        }
    }

    /// <summary>What is tested on must have been there to learn from, unless nothing is there to learn from at all.</summary>
    private static void CheckTested(
        FoundPictures found, PictureSetOptions options, IReadOnlyList<DataPicture>[] parts, Action<string> report)
    {
        if (options.Classes is not null || parts[0].Count == 0)
        {
            return;
        }

        var learnt = parts[0].Select(picture => picture.Label).ToHashSet();
        string[] faults =
        [
            .. parts[1].Concat(parts[2]).Select(picture => picture.Label).Where(label => !learnt.Contains(label)).Distinct().Order()
                .Select(label => $"{found.Source}: class {found.ClassNames[label]} is only in test, none of it in train; add some to "
                    + $"train, or leave it out with --skip-class {found.ClassNames[label]}"),
        ];
        if (found.SplitOnPurpose)
        {
            PictureFaults.Throw(found.Source, faults, "classes are only in test", "add some of each to train", report);
        }

        foreach (string fault in faults)
        {
            report(fault);
        }
    }
}
