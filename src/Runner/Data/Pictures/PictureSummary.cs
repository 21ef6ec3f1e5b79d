using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>Pictures of a class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Train">Training pictures.</param>
/// <param name="Validation">Validation pictures.</param>
/// <param name="Test">Test pictures.</param>
internal sealed record ClassCounts(string Name, int Train, int Validation, int Test);

/// <summary>The size of a picture.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal readonly record struct PictureSize(int Width, int Height)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height}";
}

/// <summary>Files of the same bytes.</summary>
/// <param name="Pictures">Their names.</param>
/// <param name="Leaks">Whether some are learnt from or chosen by, and others tested on.</param>
/// <param name="Labels">How many classes they have been given.</param>
internal sealed record SamePictures(IReadOnlyList<string> Pictures, bool Leaks, int Labels);

/// <summary>What <c>gpucam data show</c> tells of a set.</summary>
internal sealed record PictureSummary
{
    public required string Folder { get; init; }

    public required string Layout { get; init; }

    /// <summary>Pictures of each split.</summary>
    public required int Train { get; init; }

    public required int Validation { get; init; }

    public required int Test { get; init; }

    /// <summary>The classes with their numbers of pictures.</summary>
    public required IReadOnlyList<ClassCounts> Classes { get; init; }

    /// <summary>The pictures of the fewest, the middle and the most pixels.</summary>
    public required PictureSize Smallest { get; init; }

    public required PictureSize Median { get; init; }

    public required PictureSize Largest { get; init; }

    /// <summary>Boxes in all, and pictures that have any.</summary>
    public required int Boxes { get; init; }

    public required int BoxedPictures { get; init; }

    /// <summary>Pictures with a mask.</summary>
    public required int MaskedPictures { get; init; }

    /// <summary>Groups of files with the same bytes.</summary>
    public required IReadOnlyList<SamePictures> Duplicates { get; init; }

    /// <summary>Files that cannot be read, a line each.</summary>
    public required IReadOnlyList<string> Broken { get; init; }

    /// <summary>Looks at a set; files of one length are hashed, on all cores.</summary>
    public static PictureSummary Of(PictureSet set)
    {
        IReadOnlyList<DataPicture> all = set.All;
        PictureSize[] sizes =
            [.. all.Select(picture => new PictureSize(picture.Width, picture.Height)).OrderBy(size => (long)size.Width * size.Height)];
        return new PictureSummary
        {
            Folder = set.Folder,
            Layout = set.Layout,
            Train = set.Train.Count,
            Validation = set.Validation.Count,
            Test = set.Test.Count,
            Classes = Count(set),
            Smallest = sizes[0],
            Median = sizes[sizes.Length / 2],
            Largest = sizes[^1],
            Boxes = all.Sum(picture => picture.Boxes.Count),
            BoxedPictures = all.Count(picture => picture.Boxes.Count > 0),
            MaskedPictures = all.Count(picture => picture.Masks.Count > 0),
            Duplicates = FindSame(set),
            Broken = set.Broken,
        };
    }

    private static ClassCounts[] Count(PictureSet set)
    {
        int[][] counts = [.. Enum.GetValues<PictureSplit>().Select(split =>
        {
            int[] ofClass = new int[set.ClassNames.Count];
            foreach (DataPicture picture in set.Of(split))
            {
                ofClass[picture.Label]++;
            }

            return ofClass;
        })];
        return [.. set.ClassNames.Select((name, i) => new ClassCounts(name, counts[0][i], counts[1][i], counts[2][i]))];
    }

    private static SamePictures[] FindSame(PictureSet set)
    {
        IReadOnlyList<DataPicture> all = set.All;
        var tested = set.Test.Select(picture => picture.Id).ToHashSet();
        DataPicture[] suspects = [.. all.GroupBy(picture => new FileInfo(picture.Path).Length).Where(group => group.Count() > 1)
            .SelectMany(group => group)];
        string[] hashes = new string[suspects.Length];
        AllCores.For(suspects.Length, i =>
        {
            using FileStream stream = File.OpenRead(suspects[i].Path);
            hashes[i] = Convert.ToHexString(Sha256.Of(stream));
        });
        return
        [
            .. Enumerable.Range(0, suspects.Length).GroupBy(i => hashes[i], i => suspects[i]).Where(group => group.Count() > 1)
                .Select(group => new SamePictures(
                    [.. group.Select(picture => picture.Id)], group.Select(picture => tested.Contains(picture.Id)).Distinct().Count() > 1,
                    group.Select(picture => picture.Label).Distinct().Count()))
                .OrderByDescending(same => same.Leaks).ThenBy(same => same.Pictures[0], StringComparer.Ordinal),
        ];
    }
}
