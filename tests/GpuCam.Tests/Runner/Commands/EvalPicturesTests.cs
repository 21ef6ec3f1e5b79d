using System.Text.Json;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>eval on pictures of several sizes with boxes and masks: its figures, its tables, and maps that go out and come back.</summary>
public sealed class EvalPicturesTests : IDisposable
{
    private static readonly string s_model = Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/peers/resnet/opset13.onnx");
    private static readonly string[] s_figures =
        ["best50", "best30", "best_any", "chosen_any", "pixel_average_precision", "pointing_game", "count"];

    private readonly TemporaryFolder _folder = new();

    public EvalPicturesTests()
    {
        var random = new Random(4);
        var rows = new List<string> { "file,label,split,x0,y0,x1,y1,mask" };
        for (int i = 0; i < 14; i++)
        {
            (int width, int height) = (20 + (3 * i), 44 - (2 * i));
            byte[] pixels = new byte[width * height];
            random.NextBytes(pixels);
            PngWriter.WriteFile(_folder[$"set/in {i % 2}/{i}.png"], Image8.FromGrey(pixels, width, height));
            PngWriter.WriteFile(
                _folder[$"set/masks/{i}.png"], Image8.FromGrey([.. pixels.Select((_, p) => (byte)(p % width > 9 ? 1 : 0))], width, height));
            string split = i < 2 ? "train" : i < 7 ? "val" : "test";
            rows.Add($"in {i % 2}/{i}.png,{i % 2},{split},2,3,{width - 3},{height - 9},masks/{i}.png");
            if (i % 3 == 0)
            {
                rows.Add($"in {i % 2}/{i}.png,{i % 2},{split},0,0,{width / 2},{height / 2},");
            }
        }

        rows.Add("in 0/none.png,0,test,,,,,");
        PngWriter.WriteFile(_folder["set/in 0/none.png"], Image8.FromGrey(new byte[900], 30, 30));
        _folder.Write("set/labels.csv", string.Join('\n', rows) + "\n");
    }

    private string Set => _folder["set"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("papers", "stretch", "in 1/9", 47, 26)]
    [InlineData("papers", "crop", "in 1/9", 47, 26)]
    [InlineData("wsolevaluation", "stretch", "in 1/9.png", 224, 224)]
    [InlineData("wsolevaluation", "crop", "in 1/9.png", 224, 224)]
    public void Maps_that_are_written_and_read_have_the_figures_of_those_that_are_made(
        string rules, string fit, string name, int width, int height)
    {
        JsonElement made = Eval("--fit", fit, "--rules", rules, "--write-score-maps", _folder["maps"], "--json").Json();
        Assert.Equal(8, made.GetProperty("images").GetInt32());
        Assert.Equal(rules == "papers" ? null : rules, made.TryGetProperty("rules", out JsonElement said) ? said.GetString() : null);
        JsonElement row = made.GetProperty("maps")[0], expected = row.GetProperty("localisation");
        Assert.Equal((5, 7), (row.GetProperty("validation_images").GetInt32(), expected.GetProperty("count").GetInt32()));

        (float[] map, int[] shape) = Npy.ReadFile(_folder[$"maps/{name}.npy"]);
        Assert.Equal([height, width], shape);
        Assert.Equal((0f, 1f), (map.Min(), map.Max()));
        Assert.Equal(13, Directory.EnumerateFiles(_folder["maps"], "*", SearchOption.AllDirectories).Count());

        JsonElement read = Gpucam.Call("eval", "--score-maps", _folder["maps"], "--data", Set, "--rules", rules, "--threshold-step", "0.01",
            "--json").Json();
        JsonElement found = read.GetProperty("maps")[0].GetProperty("localisation");
        foreach (string figure in s_figures)
        {
            Assert.Equal(WithoutPlaces(expected.GetProperty(figure)), WithoutPlaces(found.GetProperty(figure)));
        }

        Assert.False(found.GetProperty("chosen").TryGetProperty("top1", out _));

        // Without the top-1 and top-5 figures, which take a network.
        static string WithoutPlaces(JsonElement figure) => figure.ValueKind != JsonValueKind.Object ? figure.GetRawText()
            : string.Join(", ", figure.EnumerateObject().Where(of => of.Name is not ("top1" or "top5" or "heuristic")));
    }

    [Fact]
    public void Every_picture_and_map_is_a_row_and_every_map_one_of_the_table()
    {
        string csv = _folder["out/found.csv"];
        Outcome outcome = Eval("--csv", csv, "--json", "--threads", "1");
        JsonElement maps = outcome.Json().GetProperty("maps");
        string[] lines = File.ReadAllLines(csv);
        string[][] rows = [.. lines.Skip(1).Select(line => line.Split(','))];
        Assert.Equal(8 * maps.GetArrayLength(), rows.Length);
        Assert.All(rows, row => Assert.Equal(lines[0].Split(',').Length, row.Length));
        Assert.Equal(["in 0/10.png", "cam", "last", "trained", "a"], rows[0][..5]);
        string[][] own = [.. rows.Where(row => row[1] == "cam" && row[0] != "in 0/none.png")];
        JsonElement expected = maps[0].GetProperty("localisation");
        Assert.Equal(expected.GetProperty("chosen").GetProperty("gt_known50").GetDouble(), own.Average(row => int.Parse(row[17])), 12);
        Assert.Equal(expected.GetProperty("paper").GetProperty("gt_known50").GetDouble(), own.Average(row => int.Parse(row[23])), 12);
        Assert.Equal(
            expected.GetProperty("chosen").GetProperty("top1").GetDouble(), own.Average(row => row[5] == "1" ? int.Parse(row[17]) : 0), 12);
        Assert.All(own, row => Assert.Equal(row[4], row[5 + int.Parse(row[5])]));
        Assert.All(rows.Where(row => row[0] == "in 0/none.png"), row => Assert.Equal("", row[17]));

        string[] table = File.ReadAllLines(_folder["out/found.table.csv"]);
        Assert.Equal(1 + maps.GetArrayLength(), table.Length);
        Assert.StartsWith("cam,last,trained,7,", table[1], StringComparison.Ordinal);

        // Neither the number of threads nor a second time changes a byte.
        JsonElement again = Eval("--csv", _folder["again.csv"], "--json", "--threads", "3").Json();
        Assert.Equal(maps.GetRawText(), again.GetProperty("maps").GetRawText());
        Assert.Equal(lines, File.ReadAllLines(_folder["again.csv"]));
    }

    [Fact]
    public void Pictures_with_masks_alone_have_one_figure()
    {
        string labels = _folder["set/labels.csv"];
        string[] rows = [.. File.ReadAllLines(labels).Select(line => line.Split(',')).Where(row => row[7] != "")
            .Select(row => row[0] == "file" ? string.Join(',', row) : $"{row[0]},{row[1]},{row[2]},,,,,{row[7]}")];
        File.WriteAllLines(labels, rows);
        Outcome text = Eval().Succeeded();
        Assert.Contains("in % of the pixels: no image has a box", text.Output, StringComparison.Ordinal);
        Assert.Contains("PxAP", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pointing  ", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_do_not_go_together_are_refused_before_anything_is_written()
    {
        string[] own = ["--model", s_model, "--size", "24", "--preprocess", "unit"];
        Gpucam.Call(["eval", .. own, "--data", Set, "--score-maps", Set]).Refused("--model makes maps and --score-maps reads them");
        Gpucam.Call("eval", "--score-maps", Set).Refused("--score-maps needs --data");
        Gpucam.Call("eval", "--score-maps", _folder["none"], "--data", Set).Refused(_folder["none"], "there is no such folder");
        Gpucam.Call("eval").Refused("'--model' is required");
        Eval("--rules", "mine").Refused("--rules mine is not known; choose papers or wsolevaluation");
        Eval("--write-score-maps", _folder["maps"], "--method", "gradcam,hirescam").Refused("one --method and one --layer");
        Eval("--write-score-maps", _folder["maps"], "--metrics", "faithfulness").Refused("leave --metrics faithfulness out");
        Eval("--write-score-maps", Set).Refused(Set, "not an empty folder");
        Gpucam.Call("eval", "--score-maps", _folder["set"], "--data", Set).Refused("13 of 13 score maps cannot be used");
        Assert.False(Directory.Exists(_folder["maps"]));
    }

    private Outcome Eval(params string[] options) => Gpucam.Call(
        ["eval", "--model", s_model, "--size", "24", "--preprocess", "unit", "--classes", _folder.Write("names.txt", "a\nb\nc\nd\ne\n"),
        "--data", Set, "--threshold-step", "0.01", .. options]);
}
