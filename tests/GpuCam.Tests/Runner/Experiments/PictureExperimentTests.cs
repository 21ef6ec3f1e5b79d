using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Experiments;

/// <summary>The experiments on pictures of any size, with a network that has hardly learned anything.</summary>
public sealed class PictureExperimentTests : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainedRun _trained;

    public PictureExperimentTests(TrainedRun trained)
    {
        _trained = trained;
        new MadePictures(40, classes: 2).WriteTable(_folder["pictures"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Transfer_has_a_row_for_the_model_and_one_for_random_weights_of_each_folder()
    {
        new MadePictures(30, classes: 3).WriteClassFolders(_folder["others"]);
        string[] command =
            ["transfer", "--data", _folder["pictures"], "--also", _folder["others"], "--fit", "stretch", "--seed", "3"];
        JsonElement answer = Call(command);
        JsonElement[] rows = [.. answer.GetProperty("rows").EnumerateArray()];
        Assert.Equal(["model", "untrained", "model", "untrained"], rows.Select(row => row.GetProperty("features").GetString()));
        Assert.Equal([2, 2, 3, 3], rows.Select(row => row.GetProperty("classes").GetInt32()));
        Assert.Equal([34, 34], rows.Take(2).Select(row => row.GetProperty("train_pictures").GetInt32()));
        Assert.Equal([6, 6], rows.Take(2).Select(row => row.GetProperty("test_pictures").GetInt32()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("mean_class_accuracy").GetDouble(), 0, 1));
        Assert.Equal(answer.GetRawText(), Call(command).GetRawText());
        Assert.False(File.Exists("transfer.safetensors"));
    }

    [Fact]
    public void A_second_look_at_the_whole_of_a_photograph_sees_what_the_first_saw()
    {
        JsonElement same = Call("look-twice", "--data", Two(), "--fit", "stretch", "--margin", "100");
        double whole = same.GetProperty("whole").GetDouble();
        foreach (string name in (string[])["cam_crop", "true_crop", "both"])
        {
            Assert.Equal(whole, same.GetProperty(name).GetDouble());
        }

        Assert.Equal(1, same.GetProperty("whole_digit").GetDouble());
        Assert.Equal(32, same.GetProperty("options").GetProperty("canvas").GetInt32());
        Assert.NotEqual(same.GetRawText(), Call("look-twice", "--data", Two(), "--fit", "stretch", "--margin", "0").GetRawText());
    }

    [Fact]
    public void Without_boxes_there_is_no_true_crop()
    {
        string bare = _folder["bare"];
        new MadePictures(20, classes: 2).WriteClassFolders(bare);
        Directory.Move(Path.Combine(bare, "ant"), Path.Combine(bare, "3"));
        Directory.Move(Path.Combine(bare, "bee"), Path.Combine(bare, "8"));
        JsonElement looks = Call("look-twice", "--data", bare, "--fit", "crop");
        Assert.False(looks.TryGetProperty("true_crop", out _) || looks.TryGetProperty("mean_iou", out _));
        Assert.Equal(0, looks.GetProperty("box_images").GetInt32());
        Assert.DoesNotContain("true box", Gpucam.Call(["experiment", "look-twice", "--model", _trained.Run, "--data", bare, "--fit", "crop",
            "--threads", "1"]).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_name_the_pictures_that_excite_them()
    {
        JsonElement units = Call("units", "--data", Two(), "--fit", "stretch", "--class", "3", "--top", "2", "--out", _folder["units"]);
        JsonElement top = units.GetProperty("units")[0].GetProperty("top")[0];
        Assert.True(File.Exists(Path.Combine(Two(), top.GetProperty("name").GetString()!)));
        Assert.True(ImageReader.ReadFile(_folder["units/units_3.png"]).Height > 64);
    }

    [Fact]
    public void Both_poolings_get_a_head_of_their_own_and_boxes_are_measured_where_there_are_any()
    {
        JsonElement[] rows = [.. Call("pooling", "--data", _folder["pictures"], "--fit", "stretch").GetProperty("rows").EnumerateArray()];
        Assert.Equal(["average", "max"], rows.Select(row => row.GetProperty("pooling").GetString()));
        Assert.All(rows, row => Assert.Equal(6, row.GetProperty("box_images").GetInt64()));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("pointing_game").GetDouble(), 0, 1));

        JsonElement[] digits = [.. Call("pooling", "--digits", "synthetic", "--distractors", "2", "--count", "20", "--train-images", "40")
            .GetProperty("rows").EnumerateArray()];
        Assert.Equal(2, digits.Length);
        Assert.All(digits, row => Assert.Equal(20, row.GetProperty("test_images").GetInt32()));
    }

    [Fact]
    public void What_does_not_fit_photographs_is_named()
    {
        string[] photographs = ["--model", _trained.Model, "--data", _folder["pictures"], "--fit", "crop"];
        Gpucam.Call(["experiment", "look-twice", .. photographs, "--second", _trained.Model]).Refused("--second", "photographs");
        Gpucam.Call(["experiment", "look-twice", .. photographs, "--canvas", "40"]).Refused("--canvas", "photographs");
        Gpucam.Call("experiment", "transfer", "--model", _trained.Model, "--also", _folder["pictures"]).Refused("--also", "--data");
        Gpucam.Call(["experiment", "look-twice", .. photographs]).Refused("ant");
    }

    [Theory]
    [InlineData("10,10,19,14", 100, 100, "10,8,19,17")]
    [InlineData("0,10,19,14", 100, 100, "0,3,19,22")]
    [InlineData("90,0,99,3", 100, 100, "90,0,99,9")]
    [InlineData("10,0,59,29", 80, 30, "10,0,59,29")]
    [InlineData("0,0,79,29", 80, 30, "0,0,79,29")]
    [InlineData("10,10,19,14", 100, 100, "5,10,24,14", 64, 16)]
    [InlineData("10,10,19,14", 100, 100, "10,3,19,22", 16, 32)]
    [InlineData("10,10,12,14", 100, 100, "9,10,13,14", 5, 6)]
    public void A_part_is_the_smallest_box_of_the_inputs_proportions_around_the_box_that_the_picture_has(
        string box, int width, int height, string part, int inputWidth = 32, int inputHeight = 32) =>
        Assert.Equal(Parse(part), PictureCrops.Grown(Parse(box), width, height, inputWidth, inputHeight));

    private static Box Parse(string text) => text.Split(',').Select(int.Parse).ToArray() is [int x0, int y0, int x1, int y1]
        ? new Box(x0, y0, x1, y1) : throw new ArgumentException(text);

    /// <summary>Pictures of classes that the trained network has.</summary>
    private string Two()
    {
        string folder = _folder["two"], table = Path.Combine(folder, "labels.csv");
        if (!File.Exists(table))
        {
            new MadePictures(40, classes: 2).WriteTable(folder);
            File.WriteAllText(table, File.ReadAllText(table).Replace(",ant,", ",3,", StringComparison.Ordinal)
                .Replace(",bee,", ",8,", StringComparison.Ordinal));
        }

        return folder;
    }

    private JsonElement Call(params string[] command) =>
        Gpucam.Call(["experiment", command[0], "--model", _trained.Model, .. command[1..], "--threads", "1", "--json"]).Json();
}
