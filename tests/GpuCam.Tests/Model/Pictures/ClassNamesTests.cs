using GpuCam.Model;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Model.Pictures;

public class ClassNamesTests
{
    private const string NoNames =
        "c.txt: there are no class names in it; give a JSON list of names, an object of names by index, or one with id2label";

    [Theory]
    [InlineData("tench\r\ngoldfish, Carassius auratus\nit's\n")]
    [InlineData("\uFEFFtench\ngoldfish, Carassius auratus\nit's")]
    [InlineData("n01440764 tench\nn01443537 goldfish, Carassius auratus\nn01484850 it's\n")]
    [InlineData("""["tench", "goldfish, Carassius auratus", "it's"]""")]
    [InlineData("""{"2": "it's", "0": "tench", "1": "goldfish, Carassius auratus"}""")]
    [InlineData("""{"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish, Carassius auratus"], "2": ["n1", "it's"]}""")]
    [InlineData("""{"tench": 0, "it's": 2, "goldfish, Carassius auratus": 1}""")]
    [InlineData("""{"model_type": "resnet", "id2label": {"0": "tench", "1": "goldfish, Carassius auratus", "2": "it's"}}""")]
    [InlineData("""{"pretrained_cfg": {"label_names": ["tench", "goldfish, Carassius auratus", "it's"]}}""")]
    [InlineData("""{0: 'tench', 1: 'goldfish, Carassius auratus', 2: "it's"}""")]
    [InlineData("""{0: 'tench', 1: 'goldfish, Carassius auratus', 2: 'it\'s'}""")]
    [InlineData("""['tench', 'goldfish, Carassius auratus', "it's"]""")]
    public void Names_are_read_from_all_that_people_keep_them_in(string text) =>
        Assert.Equal(["tench", "goldfish, Carassius auratus", "it's"], ClassNames.Parse(text, "c.txt"));

    [Theory]
    [InlineData("", "c.txt: there is no name in it; give a line for each class, or a JSON list")]
    [InlineData(" \n\n", "c.txt: there is no name in it; give a line for each class, or a JSON list")]
    [InlineData("a\n\nb", "c.txt: line 2 is blank; every line names a class, so fill or delete it")]
    [InlineData("[1, 2]", NoNames)]
    [InlineData("{}", NoNames)]
    [InlineData("""["a", "\ud800"]""",
        "c.txt: it begins with [, but is no JSON; give a line for each class, a JSON list, or an object of names by index")]
    [InlineData("""{"0": "a", "2": "b"}""", "c.txt: the classes are not numbered from 0 to 1: 1 is missing")]
    [InlineData("""{"a": 0, "b": -1}""", "c.txt: the classes are not numbered from 0 to 1: 0 is missing")]
    [InlineData("{'a", "c.txt: it begins with {, but is no JSON; give a line for each class, a JSON list, or an object of names by index")]
    public void What_holds_no_names_is_refused(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<GpuCamException>(() => ClassNames.Parse(text, "c.txt")).Message);

    [Fact]
    public void Another_number_of_names_than_classes_is_refused()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("c.txt", "a\nb\n");
        Assert.Equal(["a", "b"], ClassNames.Load(file, 2));
        Assert.Equal(
            $"{file}: there are 2 names, but the network has 3 classes; give its own",
            Assert.Throws<GpuCamException>(() => ClassNames.Load(file, 3)).Message);
        string message = Assert.Throws<GpuCamException>(() => ClassNames.Load(folder["none"])).Message;
        Assert.StartsWith($"{folder["none"]}: cannot be read", message);
    }

    [Fact]
    public void Names_beside_a_model_are_its_own_or_as_many_as_it_has_classes()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("net.onnx", "");
        Assert.Null(Sidecars.Classes(model, 2));
        folder.Write("labels.txt", "a\nb\nc\n");
        Assert.Null(Sidecars.Classes(model, 2));
        folder.Write("config.json", """{"id2label": {"0": "cat", "1": "dog"}}""");
        Assert.Equal((["cat", "dog"], folder["config.json"]), Sidecars.Classes(model, 2));
        folder.Write("net.labels.txt", "x\ny\n");
        Assert.Equal((["x", "y"], folder["net.labels.txt"]), Sidecars.Classes(model, 2));
        folder.Write("net.onnx.classes.txt", "x\n");
        Assert.Throws<GpuCamException>(() => Sidecars.Classes(model, 2));
    }

    [Fact]
    public void Names_in_a_models_metadata_are_taken_where_their_number_fits()
    {
        var metadata = new Dictionary<string, string> { ["labels"] = "[\"a\"]", ["names"] = "{0: 'cat', 1: 'dog'}", ["classes"] = "" };
        Assert.Equal(["cat", "dog"], PictureMetadata.ClassesOf(metadata, "net.onnx", 2));
        Assert.Equal(["a"], PictureMetadata.ClassesOf(metadata, "net.onnx", 1));
        Assert.Null(PictureMetadata.ClassesOf(metadata, "net.onnx", 5));
    }
}
