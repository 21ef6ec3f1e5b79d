using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>What is wrong with a folder of pictures is said in clear lines, all of one kind at once.</summary>
public sealed class BadPictureSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_set_of_one_class_or_with_an_empty_class_cannot_be_learnt()
    {
        Draw("set/cat/1.png", "set/cat/2.png");
        Refused($"{Set}: every label is cat; two classes are the least");
        Directory.CreateDirectory(_folder["set/dog"]);
        Refused($"{_folder["set/dog"]}: there is no picture in this folder", "--skip-class dog");
        Draw("set/dog/1.png");
        Open();
        RefusedOf(new(Set) { SkipClasses = ["dogs"] }, "--skip-class dogs: there is no such class", "nearest is dog");

        // A network that knows other classes may be tested on one.
        Assert.Equal(2, PictureSet.Open(new(Set) { Classes = ["dog", "cat"], SkipClasses = ["dog"] }, _said.Add).All.Count);
    }

    [Fact]
    public void A_class_only_in_test_is_named_with_the_others_of_its_kind()
    {
        Draw("set/train/cat/1.png", "set/train/dog/1.png", "set/test/cat/2.png", "set/test/fox/3.png");
        Refused($"{Set}: class fox is only in test", "--skip-class fox");
        Draw("set/test/gnu/4.png");
        Refused($"{Set}: 2 classes are only in test");
        Assert.Equal(2, _said.Count);
        Assert.Equal(["cat", "dog"], Open(new(Set) { SkipClasses = ["fox", "gnu"] }).ClassNames);
        Assert.Equal(5, PictureSet.Open(new(Set) { Classes = ["cat", "dog", "fox", "gnu"] }, _said.Add).All.Count);
    }

    [Fact]
    public void Two_pictures_of_one_name_are_refused()
    {
        Draw("set/cat/1.png", "set/dog/1.png", "set/cat/1.jpg");
        Refused($"{_folder["set/cat/1.png"]}: has the name of cat/1.jpg");
    }

    [Fact]
    public void Broken_files_are_listed_once_or_left_out()
    {
        Draw("set/cat/1.png", "set/cat/2.png", "set/dog/1.png", "set/dog/2.jpg", "set/dog/3.png");
        string text = _folder.Write("set/cat/3.jpg", "no picture");
        Refused($"{text}: this is no image but text", "--skip-broken");
        string cut = _folder["set/dog/2.jpg"], ends = _folder["set/dog/3.png"];
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^2]);
        File.WriteAllBytes(ends, File.ReadAllBytes(ends)[..^12]);
        Refused($"{Set}: 3 of 6 files cannot be read, listed above", "--skip-broken");
        Assert.Equal([text, cut, ends], _said.Select(line => line.Split(": ")[0]));
        Assert.Contains("before its end marker", _said[1], StringComparison.Ordinal);

        _said.Clear();
        var set = PictureSet.Open(new(Set) { SkipBroken = true }, _said.Add);
        Assert.Equal((3, 3), (set.All.Count, set.Broken.Count));
        Assert.All(_said, line => Assert.StartsWith("left out: ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("file,label\na.png,cat\nb.png,\n", "line 3: 'b.png,' is not a file and its label")]
    [InlineData("file,label\na.png,cat\nb.png,dog\na.png,cat\n", "line 4: a.png again, after line 2")]
    [InlineData("file,kind\na.png,cat\n", "line 1: a column file, but none that is called label")]
    [InlineData("file,label,x0,y0\na.png,cat,1,2\n", "line 1: a box takes all of the columns")]
    [InlineData("file,label,split\na.png,cat,train\nb.png,dog,\n", "line 3: no split, but line 2 has one")]
    [InlineData("file,label,split\na.png,cat,tests\n", "line 2: split tests; there are train, val and test")]
    [InlineData("file,label,x0,y0,x1,y1\na.png,cat,1,2,3,\n", "line 2: '1,2,3,' is no box of four whole numbers")]
    [InlineData("a.png,\"cat\n", "line 1: a quote that does not end its field")]
    [InlineData("file,label\n", "names no picture")]
    [InlineData("file,label\na.png,cat\nb.png,cat\n", "every label is cat")]
    [InlineData("file,label\na.png,cat\nz.png,dog\n", "line 3: ", "z.png is not there")]
    [InlineData("file,label,x0,y0,x1,y1\na.png,cat,0,0,4,2\nb.png,dog,,,,\n", "line 2: box 0,0,4,2 is no box inside 4x3 pixels")]
    [InlineData("file,label,x0,y0,x1,y1\na.png,cat,2,0,1,2\nb.png,dog,,,,\n", "line 2: box 2,0,1,2 is no box")]
    [InlineData("file,label,mask\na.png,cat,m.png\nb.png,dog,\n", "line 2: the mask", "is not there")]
    public void A_wrong_row_of_a_table_is_named_with_its_line(string table, params string[] expected)
    {
        Draw("set/a.png", "set/b.png");
        string path = _folder.Write("set/labels.csv", table);
        Refused([.. expected.Prepend(expected[0].StartsWith("names", StringComparison.Ordinal) ? $"{path}: names" : path)]);
    }

    [Fact]
    public void A_label_that_the_network_does_not_have_is_named()
    {
        Draw("set/a.png");
        _folder.Write("set/labels.csv", "a.png,wolf\n");
        RefusedOf(new(Set) { Classes = ["cat", "dog"] }, "line 1: label wolf, but classes are cat, dog");
        RefusedOf(new(Set) { Labels = _folder["none.csv"] }, "--labels", "there is no such file");
    }

    [Theory]
    [InlineData("<size><width>40</width><height>30</height></size>", "belongs to a picture of 40x30 pixels, but")]
    [InlineData("<size><width>3</width><height>4</height></size>", "or give --orientation stored")]
    [InlineData("<filename>2.png</filename>", "belongs to 2.png, not to 1.png")]
    [InlineData("<object><bndbox><xmin>1</xmin></bndbox></object>", "has no number as its <ymin>")]
    [InlineData("<object><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>2</ymax></bndbox></object>", "box 0,0,8,1 is no box")]
    [InlineData("<object>", "line 1: no XML")]
    [InlineData("]]></annotation><annotation><![CDATA[", "line 1: no XML")]
    public void XML_of_another_picture_and_broken_XML_is_named(string content, string expected)
    {
        Draw("set/cat/1.png", "set/dog/1.png");
        string path = _folder.Write("set/cat/1.xml", $"<annotation>{content}</annotation>");
        Refused(path, expected);
    }

    [Fact]
    public void XML_with_a_document_type_or_another_root_is_refused()
    {
        Draw("set/cat/1.png", "set/dog/1.png");
        string path = _folder.Write(
            "set/cat/1.xml", "<!DOCTYPE annotation [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><annotation>&a;</annotation>");
        Refused($"{path}: ", "no XML", "DTD");
        _folder.Write("set/cat/1.xml", "<html/>");
        Refused($"{path}: its root is <html>");
        File.Delete(path);
        Directory.CreateDirectory(_folder["empty"]);
        RefusedOf(new(Set) { Boxes = _folder["empty"] }, "--boxes", "holds no XML file for any of the 2 pictures");
        RefusedOf(new(Set) { Boxes = _folder["none"] }, "--boxes", "there is no such folder");
    }

    [Theory]
    [InlineData("image_ids.txt", "a.png\nb.png\na.png\n", "line 3: a.png again")]
    [InlineData("class_labels.txt", "a.png,0\n", "image_ids.txt: line 2: b.png has no label")]
    [InlineData("class_labels.txt", "a.png,0\nb.png,one\n", "line 2: 'one' is no whole number")]
    [InlineData("class_labels.txt", "a.png,0\nb.png\n", "line 2: 1 fields between commas, not 2")]
    [InlineData("image_sizes.txt", "a.png,4,3\nb.png,40,30\n", "b.png: 4x3 pixels, but its table says 40x30")]
    [InlineData("localization.txt", "a.png,0,0,5,2\n", "line 1: box 0,0,5,2 is no box inside 4x3")]
    [InlineData("localization.txt", "a.png,m.png,\n", "the mask", "is not there")]
    public void A_wrong_line_of_wsolevaluations_metadata_is_named(string file, string content, params string[] expected)
    {
        Draw("set/a.png", "set/b.png", "set/c.png", "set/d.png");
        foreach ((string split, string first, string second) in ((string, string, string)[])[("train", "a", "b"), ("test", "c", "d")])
        {
            _folder.Write($"set/metadata/{split}/image_ids.txt", $"{first}.png\n{second}.png\n");
            _folder.Write($"set/metadata/{split}/class_labels.txt", $"{first}.png,0\n{second}.png,1\n");
        }

        Open();
        _folder.Write($"set/metadata/train/{file}", content);
        Refused(expected);
    }

    [Fact]
    public void A_folder_that_is_none_of_the_layouts_is_told_what_there_is()
    {
        Directory.CreateDirectory(Set);
        Refused($"{Set}: holds no folder per class, no img_1.png with labels.txt, and no labels.csv");
        Draw("set/1.png");
        Refused($"{Set}: holds no folder per class");
        RefusedOf(new(_folder["none"]), "there is no such folder");
    }

    private string Set => _folder["set"];

    private void Draw(params string[] names)
    {
        foreach (string name in names)
        {
            string path = _folder[name];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (name.EndsWith(".jpg", StringComparison.Ordinal))
            {
                JpegWriter.WriteFile(path, new Image8(4, 3));
            }
            else
            {
                PngWriter.WriteFile(path, new Image8(4, 3));
            }
        }
    }

    private PictureSet Open(PictureSetOptions? options = null) => PictureSet.Open(options ?? new(Set), line => Assert.Fail(line));

    private void Refused(params string[] fragments) => RefusedOf(new PictureSetOptions(Set), fragments);

    private void RefusedOf(PictureSetOptions options, params string[] fragments)
    {
        _said.Clear();
        string message = Assert.Throws<GpuCamException>(() => PictureSet.Open(options, _said.Add)).Message;
        Assert.DoesNotContain('\n', message);
        Assert.All(_said, line => Assert.DoesNotContain('\n', line));
        Assert.All(fragments, fragment => Assert.Contains(fragment, message, StringComparison.Ordinal));
    }
}
