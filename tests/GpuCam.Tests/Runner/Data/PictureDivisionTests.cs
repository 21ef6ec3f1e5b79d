using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>How pictures are split, class by class.</summary>
public sealed class PictureDivisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, "1,0,0")]
    [InlineData(2, "1,0,1")]
    [InlineData(3, "1,1,1")]
    [InlineData(7, "5,1,1")]
    [InlineData(20, "14,3,3")]
    [InlineData(40, "28,6,6")]
    public void A_class_is_split_70_15_15_with_one_of_each_where_there_are_three(int count, string expected)
    {
        Make(("cat", count), ("dog", 20));
        PictureSet set = Open();
        Assert.Equal(expected, Counts(set, 0));
        Assert.Equal("14,3,3", Counts(set, 1));
    }

    [Theory]
    [InlineData(31, "24,6,1")]
    [InlineData(90, "24,6,50")]
    [InlineData(20, "16,3,1")]
    [InlineData(2, "1,0,1")]
    public void Caltech_101_is_split_in_30_to_train_a_fifth_of_them_validation_and_up_to_50_tests(int count, string expected)
    {
        Make(("cat", count), ("dog", 100));
        Assert.Equal(expected, Counts(Open(new(_folder.Path) { TrainPerClass = 30, TestPerClass = 50 }), 0));
    }

    [Fact]
    public void The_split_hangs_on_the_seed_and_on_names_alone_and_no_picture_is_in_two_parts()
    {
        Make(("cat", 20), ("dog", 20));
        PictureSet set = Open(), again = Open(), other = Open(new(_folder.Path) { Seed = 2 });
        Assert.Equal(Ids(set), Ids(again));
        Assert.NotEqual(Ids(set), Ids(other));
        Assert.Equal(40, set.All.Select(picture => picture.Id).Distinct().Count());
        Assert.NotEqual(set.Train.Select(picture => picture.Label), set.Train.Select(picture => picture.Label).Order());

        // A class more changes nothing of the others.
        Make(("ape", 10));
        PictureSet more = Open();
        string[] before = [.. set.Test.Select(picture => picture.Id).Order(StringComparer.Ordinal)];
        Assert.Equal(before, more.Test.Select(picture => picture.Id).Where(id => !id.StartsWith("ape", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Parts_that_are_there_stay_and_what_is_missing_is_taken_from_train()
    {
        Make(("train/cat", 20), ("train/dog", 20), ("test/cat", 4), ("test/dog", 5));
        PictureSet set = Open();
        Assert.Equal("17,3,4", Counts(set, 0));
        Assert.All(set.Test, picture => Assert.StartsWith("test/", picture.Id, StringComparison.Ordinal));
        Assert.All(set.Validation, picture => Assert.StartsWith("train/", picture.Id, StringComparison.Ordinal));
        Assert.Equal("8,2,2", Counts(Open(new(_folder.Path) { TrainPerClass = 10, TestPerClass = 2 }), 1));

        Make(("valid/cat", 2), ("valid/dog", 2));
        Assert.Equal("20,2,5", Counts(Open(), 1));

        // Of two parts the second is what is tested on, whatever it is called.
        Directory.Delete(_folder["test"], recursive: true);
        set = Open();
        Assert.Equal("17,3,2", Counts(set, 1));
        Assert.All(set.Test, picture => Assert.StartsWith("valid/", picture.Id, StringComparison.Ordinal));
        Directory.Delete(_folder["valid"], recursive: true);
        Assert.Equal("14,3,3", Counts(Open(), 1));
    }

    private static string Counts(PictureSet set, int label) =>
        string.Join(',', Enum.GetValues<PictureSplit>().Select(split => set.Of(split).Count(picture => picture.Label == label)));

    private static string Ids(PictureSet set) =>
        string.Join('\n', Enum.GetValues<PictureSplit>().SelectMany(set.Of).Select(picture => picture.Id));

    private PictureSet Open(PictureSetOptions? options = null) =>
        PictureSet.Open(options ?? new PictureSetOptions(_folder.Path), line => Assert.Fail(line));

    private void Make(params (string Class, int Count)[] classes)
    {
        foreach ((string name, int count) in classes)
        {
            PngWriter.WriteFile(_folder[$"{name}/1.png"], new Image8(3, 2));
            for (int i = 2; i <= count; i++)
            {
                File.Copy(_folder[$"{name}/1.png"], _folder[$"{name}/{i}.png"]);
            }
        }
    }
}
