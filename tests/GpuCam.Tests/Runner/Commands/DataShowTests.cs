using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What <c>data show</c> tells of a folder.</summary>
public sealed class DataShowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_shown_with_all_that_is_to_know_and_a_sheet()
    {
        var made = new MadePictures(24, classes: 3, mostObjects: 2);
        made.WriteClassFolders(_folder["set"], voc: true);
        File.Copy(_folder["set/ant/made_0000.png"], _folder["set/bee/same.png"]);
        _folder.Write("set/cat/text.png", "no picture");
        Outcome outcome = Gpucam.Call("data", "show", _folder["set"], "--sheet", _folder["sheet.png"]).Succeeded();
        Assert.Contains("a folder per class", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("ant/made_0000.png = bee/same.png  (2 CLASSES)", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("text.png: this is no image but text", outcome.Errors, StringComparison.Ordinal);

        JsonElement json = Gpucam.Call("data", "show", _folder["set"], "--json").Json();
        Assert.Equal(25, Sum(json, "train", "validation", "test"));
        Assert.Equal(3, json.GetProperty("classes").GetArrayLength());
        Assert.Equal(made.Pictures.Sum(picture => picture.Boxes.Count), json.GetProperty("boxes").GetInt32());
        Assert.Equal(24, json.GetProperty("boxed_pictures").GetInt32());
        Assert.Equal(1, json.GetProperty("broken").GetArrayLength());
        Assert.Equal(2, json.GetProperty("duplicates")[0].GetProperty("labels").GetInt32());
        long[] areas = [.. made.Pictures.Select(picture => (long)picture.Image.Width * picture.Image.Height)];
        Assert.Equal(areas.Min(), Area(json, "smallest"));
        Assert.Equal(areas.Max(), Area(json, "largest"));

        // A row for each class, and boxes in a colour that nothing else has.
        Image8 sheet = ImageReader.ReadFile(_folder["sheet.png"]);
        Assert.InRange(sheet.Height, 3 * 96, 600);
        Assert.Contains(new Rgb(255, 0, 255), Enumerable.Range(0, sheet.Width * sheet.Height)
            .Select(i => sheet[i % sheet.Width, i / sheet.Width]));
    }

    [Fact]
    public void The_same_picture_to_learn_from_and_to_test_on_is_a_warning_that_stands_out()
    {
        new MadePictures(20, classes: 2).WriteClassFolders(_folder["set"], split: true);
        File.Copy(_folder["set/train/ant/made_0000.png"], _folder["set/test/ant/again.png"]);
        Outcome outcome = Gpucam.Call("data", "show", _folder["set"]).Succeeded();
        Assert.Contains("TESTED TOO: test/ant/again.png = train/ant/made_0000.png", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("WARNING: 1 pictures are learnt from and tested on", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--train-per-class", "1")]
    [InlineData("--test-per-class", "0")]
    [InlineData("--orientation", "up")]
    [InlineData("--skip-class", "dog")]
    [InlineData("--labels", "none.csv")]
    [InlineData("--boxes", "none")]
    public void What_cannot_be_is_refused(string option, string value)
    {
        new MadePictures(6, classes: 2).WriteClassFolders(_folder["set"]);
        Gpucam.Call("data", "show", _folder["set"], option, value).Refused(option, value);
    }

    [Fact]
    public void Bad_folders_end_every_command_with_one_line_and_leave_nothing()
    {
        new MadePictures(6, classes: 2).WriteClassFolders(_folder["set"], voc: true);
        File.Copy(_folder["set/ant/made_0000.xml"], _folder["set/bee/made_0001.xml"], overwrite: true);
        foreach (string[] command in (string[][])
            [["data", "show", _folder["set"]], ["train", "--data", _folder["set"], "--out", _folder["run"], "--steps", "1"]])
        {
            Gpucam.Call(command).Refused("made_0001.xml: belongs to made_0000.png, not to made_0001.png");
        }

        Assert.False(Directory.Exists(_folder["run"]));
    }

    private static int Sum(JsonElement json, params string[] names) => names.Sum(name => json.GetProperty(name).GetInt32());

    private static long Area(JsonElement json, string name) =>
        json.GetProperty(name).GetProperty("width").GetInt64() * json.GetProperty(name).GetProperty("height").GetInt64();
}
