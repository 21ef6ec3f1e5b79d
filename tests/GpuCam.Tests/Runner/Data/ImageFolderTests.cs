using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Tests.Runner.Data;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Made => _folder["made"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_was_written_is_read_back(int channels)
    {
        ISampleSource source = Make(20, channels);
        var corpus = Corpus.Open(new CorpusOptions { Pictures = new(Made), Channels = channels });
        Assert.Equal((14, 6, 33, channels), (corpus.Train.Count, corpus.Test.Count, corpus.Train.Width, corpus.Train.Channels));
        float[] expected = new float[33 * 33 * channels];
        float[] image = new float[33 * 33 * channels];
        byte[] mask = new byte[33 * 33];
        for (int i = 0; i < 20; i++)
        {
            source.Fill(i, expected, out int expectedLabel, out Box? expectedBox, []);
            Array.Fill(image, float.NaN);
            (i < 14 ? corpus.Train : corpus.Test).Fill(i < 14 ? i : i - 14, image, out int label, out Box? box, mask);
            Assert.Equal((expectedLabel, expectedBox), (label, box));
            for (int p = 0; p < image.Length; p++)
            {
                Assert.Equal(expected[p], image[p], 1e-6f);     // sums of bytes / 255 were rounded to bytes
            }
        }
    }

    [Fact]
    public void Labels_are_a_line_per_image_with_a_tab_and_boxes_are_inclusive()
    {
        ISampleSource source = Make(3);
        source.Fill(1, new float[33 * 33], out int label, out Box? box, []);
        Assert.Equal($"2\t{label}", File.ReadAllLines(_folder["made/labels.txt"])[1]);
        Assert.Equal("index,x0,y0,x1,y1", File.ReadAllLines(_folder["made/boxes.csv"])[0]);
        Assert.Equal($"2,{box}", File.ReadAllLines(_folder["made/boxes.csv"])[2]);
    }

    [Fact]
    public void Boxes_need_not_be_there()
    {
        Make(3);
        File.Delete(_folder["made/boxes.csv"]);
        DataFixtures.Open(Made).Fill(0, new float[33 * 33], out _, out Box? box, []);
        Assert.Null(box);
    }

    [Fact]
    public void Rows_in_another_order_lines_ended_the_other_way_and_a_last_empty_line_are_fine()
    {
        Make(3);
        _folder.Write("made/labels.txt", "3\t7\r\n1\t5\r\n2\t6\r\n\r\n");
        ISampleSource folder = DataFixtures.Open(Made);
        folder.Fill(2, new float[33 * 33], out int label, out _, []);
        Assert.Equal(7, label);
    }

    [Theory]
    [InlineData("1\t5\n3\t6\n", "has no row for img_2.png")]
    [InlineData("1\t5\n2\t6\n", "has no row for img_3.png")]
    [InlineData("", "has no row for img_1.png")]
    [InlineData("1\t5\n2\t1000\n3\t6\n", "line 2: label 1000, but classes are 0 to 999")]
    [InlineData("1\tcat\n2\t6\n3\tdog\n", "line 2: '2\t6' is not index<TAB>label with a name")]
    [InlineData("1\tcat\n2\t \n3\tdog\n", "line 2: '2\t ' is not index<TAB>label")]
    [InlineData("1\t5\n2\t-1\n3\t6\n", "line 2: label -1")]
    [InlineData("1\t5\n2\t6\n4\t6\n", "line 3: index 4, but there are img_1.png to img_3.png")]
    [InlineData("0\t5\n1\t6\n2\t6\n", "line 1: index 0")]
    [InlineData("1\t5\n2\t6\n2\t6\n3\t6\n", "line 3: index 2 again, after line 2")]
    [InlineData("1\t5\n2 6\n3\t6\n", "line 2: '2 6' is not index<TAB>label")]
    [InlineData("1\t5\n2\tsix\n3\t6\n", "line 2: '2\tsix' is not index<TAB>label")]
    [InlineData("1\t5\n\n2\t6\n3\t6\n", "line 2: empty")]
    [InlineData("1\t99999999999\n2\t6\n3\t6\n", "line 1: ")]
    public void A_wrong_row_of_labels_is_named_with_its_line(string labels, string expected)
    {
        Make(3);
        _folder.Write("made/labels.txt", labels);
        Refused($"{_folder["made/labels.txt"]}: {expected}");
    }

    [Fact]
    public void A_folder_that_another_process_writes_to_is_refused()
    {
        using (var held = FolderLock.TryTake(Made))
        {
            string message = Assert.Throws<GpuCamException>(() => Make(3)).Message;
            Assert.StartsWith($"{Made}: another gpucam writes there", message);
        }

        Make(3);    // what a killed process left of the lock does not count
        Assert.False(File.Exists(_folder[$"made/{FolderLock.FileName}"]));
    }

    [Theory]
    [InlineData("1,2,3,4\n", "line 2: '1,2,3,4' is not index,x0,y0,x1,y1")]
    [InlineData("1,2,3,33,4\n", "line 2: box 2,3,33,4 is no box inside 33x33 pixels")]
    [InlineData("1,5,3,4,4\n", "line 2: box 5,3,4,4 is no box")]
    [InlineData("4,2,3,5,6\n", "line 2: index 4")]
    public void A_wrong_row_of_boxes_is_named_with_its_line(string rows, string expected)
    {
        Make(3);
        _folder.Write("made/boxes.csv", "index,x0,y0,x1,y1\n" + rows);
        Refused($"{_folder["made/boxes.csv"]}: {expected}");
    }

    [Fact]
    public void Missing_files_are_named()
    {
        Make(3);
        File.Delete(_folder["made/img_2.png"]);
        Refused($"{_folder["made/img_2.png"]}: missing, although img_3.png is there");
        File.Delete(_folder["made/img_3.png"]);
        Refused($"{_folder["made/labels.txt"]}: line 2: index 2, but there are img_1.png to img_1.png");
        File.Delete(_folder["made/img_1.png"]);
        Refused($"{Made}: holds no img_1.png");
        File.Delete(_folder["made/labels.txt"]);
        _folder.Write("made/img_1.png", "x");
        Refused($"{_folder["made/labels.txt"]}: missing");
        Directory.Delete(Made, recursive: true);
        Refused($"{Made}: there is no such folder");
    }

    [Fact]
    public void A_text_file_named_png_is_found_on_opening()
    {
        Make(3);
        _folder.Write("made/img_2.png", "This is a text file, long enough for a header.");
        Refused($"{_folder["made/img_2.png"]}: this is no image but text");
        _folder.Write("made/img_2.png", "short");
        Refused($"{_folder["made/img_2.png"]}: this is no image but text");
    }

    [Fact]
    public void An_image_of_another_size_is_found_on_opening()
    {
        Make(3);
        PngWriter.WriteFile(_folder["made/img_3.png"], new Image8(34, 34));
        Refused($"{_folder["made/img_3.png"]}: 34x34 pixels, but img_1.png has 33x33");
        PngWriter.WriteFile(_folder["made/img_1.png"], new Image8(33, 30));
        Refused($"{_folder["made/img_1.png"]}: 33x30 pixels; samples are square");
    }

    [Fact]
    public void A_damaged_image_is_named_on_opening()
    {
        Make(3);
        string path = _folder["made/img_2.png"];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..60]);
        Refused($"{path}: the PNG file is damaged");
    }

    [Fact]
    public void A_single_image_cannot_be_split()
    {
        Make(1);
        Assert.Contains("1 images cannot be split", Assert.Throws<GpuCamException>(() => DataFixtures.Open(Made)).Message);
    }

    [Fact]
    public void A_folder_in_use_or_one_that_cannot_be_made_is_not_written_to()
    {
        ISampleSource source = Make(2);
        string used = Assert.Throws<GpuCamException>(() => ImageFolder.Write(RankJob.OfProcess, Made, source)).Message;
        Assert.StartsWith($"{Made}: exists and is not an empty folder", used);
        _folder.Write("file", "x");
        string blocked = Assert.Throws<GpuCamException>(() => ImageFolder.Write(RankJob.OfProcess, _folder["file/below"], source)).Message;
        Assert.Contains("cannot be written", blocked);
    }

    [Fact]
    public void A_folder_whose_writing_was_cancelled_has_no_labels()
    {
        ISampleSource source = Corpus.Generate(Options(2000, 1), DataFixtures.Digits()).Train;
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => ImageFolder.Write(RankJob.OfProcess, Made, source, _ => cancellation.Cancel(), cancellation.Token));
        Refused($"{_folder["made/"]}");
    }

    private static CorpusOptions Options(int count, int channels) =>
        new() { Size = 33, Distractors = 4, Channels = channels, TrainCount = count };

    private ISampleSource Make(int count, int channels = 1)
    {
        ISampleSource source = Corpus.Generate(Options(count, channels), DataFixtures.Digits()).Train;
        ImageFolder.Write(RankJob.OfProcess, Made, source);
        return source;
    }

    private void Refused(string start)
    {
        string message = Assert.Throws<GpuCamException>(() => Corpus.Open(new CorpusOptions { Pictures = new(Made) })).Message;
        Assert.StartsWith(start, message);
        Assert.DoesNotContain('\n', message);
    }
}
