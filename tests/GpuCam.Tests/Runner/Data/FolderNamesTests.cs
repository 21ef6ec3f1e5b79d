using System.Globalization;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Tests.Runner.Data;

/// <summary>What the images of a folder may be called, and what its labels mean.</summary>
public sealed class FolderNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Made => _folder["made"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1\t5\n2\t0\n3\t2\n", "0,1,2,3,4,5", "5,0,2")]
    [InlineData("1\t12\n2\t1\n3\t2\n", "0,1,2,3,4,5,6,7,8,9,10,11,12", "12,1,2")]
    [InlineData("1\tdog\n2\tcat\n3\tpolar bear\n", "cat,dog,polar bear", "1,0,2")]
    public void Classes_are_those_of_the_labels(string table, string classes, string labels)
    {
        Make();
        _folder.Write("made/labels.txt", table);
        ISampleSource folder = DataFixtures.Open(Made);
        Assert.Equal(classes, string.Join(',', folder.ClassNames));
        Assert.Equal(labels, string.Join(',', Labels(folder)));
    }

    [Theory]
    [InlineData("1\tdog\n2\tdog\n3\tfox\n", "1,1,2")]
    [InlineData("1\t0\n2\t0\n3\t2\n", "0,0,2")]
    public void Labels_of_a_test_folder_are_those_of_the_model_by_name_or_by_number(string table, string labels)
    {
        Make();
        _folder.Write("made/labels.txt", table);
        ISampleSource folder = DataFixtures.Open(Made, 1, ["cat", "dog", "fox"]);
        Assert.Equal(["cat", "dog", "fox"], folder.ClassNames);
        Assert.Equal(labels, string.Join(',', Labels(folder)));
    }

    [Theory]
    [InlineData("1\tdog\n2\twolf\n3\tfox\n", "line 2: label wolf, but classes are cat, dog, fox")]
    [InlineData("1\t1\n2\t3\n3\t0\n", "line 2: label 3, but classes are 0 to 2")]
    public void A_label_that_the_model_does_not_have_is_named(string table, string expected)
    {
        Make();
        _folder.Write("made/labels.txt", table);
        string message = Assert.Throws<GpuCamException>(() => DataFixtures.Open(Made, 1, ["cat", "dog", "fox"])).Message;
        Assert.StartsWith($"{_folder["made/labels.txt"]}: {expected}", message);
    }

    [Fact]
    public void One_class_alone_cannot_be_learnt()
    {
        Make();
        _folder.Write("made/labels.txt", "1\tcat\n2\tcat\n3\tcat\n");
        string message = Assert.Throws<GpuCamException>(() => DataFixtures.Open(Made)).Message;
        Assert.StartsWith($"{_folder["made/labels.txt"]}: every label is cat", message);
    }

    [Fact]
    public void Numbers_may_have_leading_zeros_and_other_names_are_no_images()
    {
        Make();
        int[] before = Labels(DataFixtures.Open(Made));
        float[] image = new float[33 * 33], again = new float[33 * 33];
        DataFixtures.Open(Made).Fill(1, image, out _, out _, []);
        File.Move(_folder["made/img_2.png"], _folder["made/img_002.png"]);
        foreach (string other in (string[])["img_+5.png", "img_ 6.png", "img_7 .png", "img_-1.png", "img_x.png", "img_.png"])
        {
            _folder.Write($"made/{other}", "no image");
        }

        ISampleSource folder = DataFixtures.Open(Made);
        folder.Fill(1, again, out _, out _, []);
        Assert.Equal(before, Labels(folder));
        Assert.Equal(image, again);
        Assert.Equal(before[1].ToString(CultureInfo.InvariantCulture), ImageFolderTables.LabelOf(_folder["made/img_002.png"]));
    }

    [Fact]
    public void Two_images_of_one_number_are_refused()
    {
        Make();
        File.Copy(_folder["made/img_2.png"], _folder["made/img_02.png"]);
        Refused($"{_folder["made/img_2.png"]}: has the number of img_02.png");
        File.Delete(_folder["made/img_02.png"]);
        File.Copy(_folder["made/img_2.png"], _folder["made/img_00.png"]);
        Refused($"{_folder["made/img_00.png"]}: images are numbered from 1 on");
    }

    [Fact]
    public void A_dangling_link_is_named()
    {
        Make();
        File.Delete(_folder["made/img_2.png"]);
        File.CreateSymbolicLink(_folder["made/img_2.png"], _folder["nowhere"]);
        Refused($"{_folder["made/img_2.png"]}: there is no such file");
    }

    private static int[] Labels(ISampleSource folder)
    {
        int[] labels = new int[folder.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            folder.Fill(i, new float[folder.Height * folder.Width], out labels[i], out _, []);
        }

        return labels;
    }

    private void Refused(string start) =>
        Assert.StartsWith(start, Assert.Throws<GpuCamException>(() => DataFixtures.Open(Made)).Message);

    private void Make()
    {
        var options = new CorpusOptions { Size = 33, Distractors = 4, TrainCount = 3 };
        ImageFolder.Write(RankJob.OfProcess, Made, Corpus.Generate(options, DataFixtures.Digits()).Train);
    }
}
