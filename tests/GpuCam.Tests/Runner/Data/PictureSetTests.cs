using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>One made data set in every layout: it opens to the same pictures, labels, boxes and splits.</summary>
public sealed class PictureSetTests : IDisposable
{
    private static readonly Lazy<MadePictures> s_made = new(() => new MadePictures(40, classes: 3, mostObjects: 2));
    private static readonly Lazy<MadePictures> s_plain = new(() => new MadePictures(40, classes: 3));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("voc")]
    [InlineData("ilsvrc")]
    [InlineData("csv")]
    [InlineData("tsv")]
    [InlineData("wsol")]
    public void Every_layout_opens_to_the_same_set(string layout)
    {
        MadePictures made = s_made.Value;
        switch (layout)
        {
            case "voc" or "ilsvrc":
                made.WriteClassFolders(_folder["set"], voc: layout == "voc", split: true);
                break;
            case "csv" or "tsv":
                made.WriteTable(_folder["set"], layout == "csv" ? ',' : '\t');
                break;
            default:
                made.WriteWsol(_folder["set"]);
                break;
        }

        PictureSet set = Open();
        Assert.Equal(made.ClassNames, set.ClassNames);
        Assert.Empty(set.Broken);
        Holds(made, set, [.. Enum.GetValues<PictureSplit>()]);
        Assert.Contains(set.All, picture => picture.Boxes.Count == 2);
    }

    [Fact]
    public void The_layout_of_the_original_trains_on_the_first_70_percent()
    {
        s_plain.Value.WriteNumbered(_folder["set"]);
        PictureSet set = Open();
        Assert.Equal(s_plain.Value.ClassNames, set.ClassNames);
        Assert.Empty(set.Validation);
        Assert.Equal("img_28.png", set.Train[^1].Id);
        Assert.Equal("img_29.png", set.Test[0].Id);
        for (int i = 0; i < 40; i++)
        {
            Same(s_plain.Value.Pictures[i], i < 28 ? set.Train[i] : set.Test[i - 28]);
        }
    }

    [Fact]
    public void Masks_are_found_in_tables_and_in_the_metadata_of_wsolevaluation()
    {
        s_made.Value.WriteWsol(_folder["wsol"], masks: true);
        s_made.Value.WriteTable(_folder["set"], masks: true);
        foreach ((string folder, bool ignored) in ((string, bool)[])[("wsol", true), ("set", false)])
        {
            var set = PictureSet.Open(new PictureSetOptions(_folder[folder]), _ => { });
            foreach (DataPicture picture in set.All)
            {
                MadePicture of = s_made.Value.Pictures.First(of => picture.Path.Contains(of.Name, StringComparison.Ordinal));
                Assert.Equal(of.Masks.Count, picture.Masks.Count);
                Assert.All(picture.Masks, mask => Assert.True(File.Exists(mask)));
                Assert.Equal(ignored, picture.IgnoreMask is not null);
                Assert.Equal(ignored ? 0 : of.Boxes.Count, picture.Boxes.Count);
            }
        }
    }

    [Fact]
    public void Classes_of_wsolevaluation_are_numbers_unless_somebody_names_them()
    {
        s_plain.Value.WriteWsol(_folder["set"], names: false);
        Assert.Equal(["0", "1", "2"], Open().ClassNames);
        Assert.Equal(["a", "b", "c", "d"], Open(new(_folder["set"]) { Classes = ["a", "b", "c", "d"] }).ClassNames);

        // The metadata may lie elsewhere, as theirs do.
        Directory.Move(_folder["set/metadata"], _folder["elsewhere"]);
        Holds(s_plain.Value, Open(new(_folder["set"]) { Labels = _folder["elsewhere"] }), [.. Enum.GetValues<PictureSplit>()]);
    }

    [Theory]
    [InlineData("Annotations", false)]
    [InlineData("Annotations", true)]
    [InlineData("../boxes", false)]
    [InlineData("../boxes", true)]
    public void Boxes_may_lie_in_a_folder_of_their_own(string where, bool flat)
    {
        MadePictures made = s_made.Value;
        made.WriteClassFolders(_folder["set"]);
        string boxes = Path.Combine(_folder["set"], where);
        foreach (MadePicture picture in made.Pictures)
        {
            string path = flat ? $"{picture.Name}.xml" : $"{made.ClassNames[picture.Label]}/{picture.Name}.xml";
            made.WriteXml(Path.Combine(boxes, path), picture, voc: true);
        }

        PictureSet set = Open(new(_folder["set"]) { Boxes = where == "Annotations" ? null : boxes });
        Assert.All(set.All, picture => Same(made.Pictures.First(of => picture.Path.Contains(of.Name, StringComparison.Ordinal)), picture));
    }

    [Fact]
    public void Of_the_objects_those_of_the_pictures_class_count_and_parts_do_not()
    {
        s_plain.Value.WriteClassFolders(_folder["set"]);
        string xml = """
            <annotation><object><name>BEE</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>10</xmax><ymax>12</ymax></bndbox></object>
            <object><name>ant</name><bndbox><xmin>3.2</xmin><ymin>4</ymin><xmax>20</xmax><ymax>22</ymax></bndbox>
            <part><name>ant</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>6</xmax><ymax>6</ymax></bndbox></part></object></annotation>
            """;
        _folder.Write("set/ant/made_0000.xml", xml);
        _folder.Write("set/bee/made_0001.xml", xml);
        _folder.Write("set/cat/made_0002.xml", xml);
        string others = xml.Replace("BEE", "thing", StringComparison.Ordinal).Replace("ant<", "other<", StringComparison.Ordinal);
        _folder.Write("set/cat/made_0005.xml", others);
        PictureSet set = Open();
        Assert.Equal([new Box(2, 3, 19, 21)], Boxes("ant/made_0000.png"));
        Assert.Equal([new Box(0, 1, 9, 11)], Boxes("bee/made_0001.png"));
        Assert.Empty(Boxes("cat/made_0002.png"));
        Assert.Equal([new Box(0, 1, 9, 11), new Box(2, 3, 19, 21)], Boxes("cat/made_0005.png"));

        IReadOnlyList<Box> Boxes(string id) => set.All.First(picture => picture.Id == id).Boxes;
    }

    [Fact]
    public void A_table_may_have_no_header_quoted_names_and_labels_that_are_numbers()
    {
        MadePicture[] made = [.. s_plain.Value.Pictures.Take(4)];
        foreach ((MadePicture picture, int i) in made.Select((picture, i) => (picture, i)))
        {
            PngWriter.WriteFile(_folder[$"set/a, b/{i}.png"], picture.Image);
        }

        _folder.Write("set/labels.csv", "\"a, b/0.png\",10\n\"a, b/1.png\",2\r\n\"a, b/2.png\",10\n\"a, b/3.png\",2\n");
        PictureSet set = Open();
        Assert.Equal(["2", "10"], set.ClassNames);
        Assert.Equal([1, 0, 1, 0], set.All.Select(picture => picture.Label));
        Assert.Equal("a, b/0.png", set.All[0].Id);
    }

    [Theory]
    [InlineData("folders")]
    [InlineData("numbered")]
    [InlineData("masks")]
    public void What_is_written_down_opens_to_the_same_set(string layout)
    {
        MadePictures made = layout == "numbered" ? s_plain.Value : s_made.Value;
        switch (layout)
        {
            case "folders":
                made.WriteClassFolders(_folder["set"], voc: true);
                break;
            case "numbered":
                made.WriteNumbered(_folder["set"]);
                break;
            default:
                made.WriteWsol(_folder["set"], masks: true);
                break;
        }

        PictureSet set = Open(), moved = Open(new(_folder["set"]) { Seed = 2 });
        SplitTable.Write(_folder["run/split.tsv"], set);
        PictureSet again = Open(new(_folder["set"]) { Labels = _folder["run/split.tsv"], Seed = 2 });
        Assert.Equal(set.ClassNames, again.ClassNames);
        foreach (PictureSplit split in Enum.GetValues<PictureSplit>())
        {
            Assert.Equal(set.Of(split).Select(Text), again.Of(split).Select(Text));
        }

        Assert.Equal(layout == "numbered", set.Train.Select(Text).SequenceEqual(moved.Train.Select(Text)));
        Assert.Equal(File.ReadAllText(_folder["run/split.tsv"]), SplitTable.Text(again));

        static string Text(DataPicture picture) =>
            $"{picture.Id} {picture.Label} {picture.Width} {picture.Height} {string.Join(';', picture.Boxes)} "
            + $"{string.Join(';', picture.Masks)} {picture.IgnoreMask}";
    }

    [Fact]
    public void A_class_can_be_left_out_and_folders_can_be_those_of_a_network()
    {
        s_plain.Value.WriteClassFolders(_folder["set"]);
        PictureSet two = Open(new(_folder["set"]) { SkipClasses = ["bee"] });
        Assert.Equal(["ant", "cat"], two.ClassNames);
        Assert.Equal(27, two.All.Count);
        Directory.Move(_folder["set/bee"], _folder["set/1"]);
        PictureSet network = Open(new(_folder["set"]) { Classes = ["x", "bee, wasp", "ant", "cat"] });
        Assert.Equal([1, 2, 3], network.All.Select(picture => picture.Label).Distinct().Order());
    }

    private static void Holds(MadePictures made, PictureSet set, PictureSplit[] splits)
    {
        foreach (PictureSplit split in splits)
        {
            MadePicture[] expected =
                [.. made.Pictures.Where((_, i) => made.SplitOf(i) == split).OrderBy(picture => picture.Name, StringComparer.Ordinal)];
            DataPicture[] found = [.. set.Of(split).OrderBy(picture => Path.GetFileName(picture.Path), StringComparer.Ordinal)];
            Assert.Equal(expected.Length, found.Length);
            Assert.All(expected.Zip(found), pair => Same(pair.First, pair.Second));
        }
    }

    private static void Same(MadePicture expected, DataPicture found)
    {
        Assert.Equal(expected.Label, found.Label);
        Assert.Equal(expected.Boxes, found.Boxes);
        Assert.Equal((expected.Image.Width, expected.Image.Height), (found.Width, found.Height));
        Assert.Equal(expected.Image.Pixels, ImageReader.ReadFile(found.Path).Pixels);
    }

    private PictureSet Open(PictureSetOptions? options = null) =>
        PictureSet.Open(options ?? new PictureSetOptions(_folder["set"]), line => Assert.Fail(line));
}
