using System.Text.Json;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>Training and tests on a folder of one's own: its classes, its boxes, its size.</summary>
public sealed class FolderOfImagesTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Samples => _folder["samples"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_image_that_has_a_box_counts_and_their_number_is_shown()
    {
        Make(200);
        string boxes = Path.Combine(Samples, "boxes.csv");
        // Images 141 to 200 are tested; a batch holds 50. The first of the first batch has no box, nor has any of the second.
        string[] rows = [.. File.ReadAllLines(boxes).Where(row => !row.StartsWith("141,", StringComparison.Ordinal))];
        File.WriteAllLines(boxes, rows);
        JsonElement test = Gpucam.Call([.. Eval, "--json"]).Json();
        Assert.Equal(59, test.GetProperty("maps")[0].GetProperty("localisation").GetProperty("count").GetInt32());
        Outcome text = Gpucam.Call(Eval).Succeeded();
        Assert.Contains("in % of the 59 of 60 images that have a box", text.Output, StringComparison.Ordinal);

        File.WriteAllLines(boxes, rows.Where((_, i) => i is 0 or (> 5 and < 190)));
        test = Gpucam.Call([.. Eval, "--json"]).Json();
        Assert.Equal(49, test.GetProperty("maps")[0].GetProperty("localisation").GetProperty("count").GetInt32());
        Assert.Equal(55, Validated(Gpucam.Call("eval", "--model", trained.Model, "--data", Samples, "--json").Json(), 60));

        Outcome train = Train().Succeeded();
        Assert.Matches("boxes [0-9.]+ % of 49  ", train.Errors);
        JsonElement entry = JsonDocument.Parse(File.ReadLines(_folder["run/metrics.jsonl"]).Last()).RootElement;
        Assert.Equal((60, 49), (entry.GetProperty("test_images").GetInt32(), entry.GetProperty("box_images").GetInt32()));
        Assert.DoesNotContain("box_images", File.ReadAllText(Path.Combine(trained.Run, "metrics.jsonl")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cat", "dog")]
    [InlineData("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q")]
    [InlineData("0", "1", "2")]
    public void Any_number_of_classes_goes_through_everything(params string[] classes)
    {
        Make(40);
        File.WriteAllLines(Path.Combine(Samples, "labels.txt"), Enumerable.Range(1, 40).Select(i => $"{i}\t{classes[i % classes.Length]}"));
        Train("--heatmaps", "1").Succeeded();
        JsonElement evaluation = JsonDocument.Parse(File.ReadAllText(_folder["run/evaluation.json"])).RootElement;
        Assert.Equal(classes, evaluation.GetProperty("class_names").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(classes.Length, evaluation.GetProperty("test").GetProperty("confusion").GetArrayLength());
        Assert.Contains($"{classes.Length} classes", Gpucam.Call("train", "--resume", "--out", _folder["run"]).Succeeded().Errors,
            StringComparison.Ordinal);
        Gpucam.Call("report", _folder["run"]).Succeeded();

        // A test folder in which a class is missing: labels go by their names.
        File.WriteAllLines(Path.Combine(Samples, "labels.txt"), Enumerable.Range(1, 40).Select(i => $"{i}\t{classes[1]}"));
        JsonElement test = Gpucam.Call("eval", "--model", _folder["run"], "--data", Samples, "--metrics", "all", "--count", "4",
            "--method", "cam,finercam,ablationcam", "--json").Json();
        Assert.Equal(classes.Length, test.GetProperty("class_accuracy").GetArrayLength());
        Assert.Equal(4, test.GetProperty("confusion")[1].EnumerateArray().Sum(cell => cell.GetInt32()));
        JsonElement cams = Gpucam.Call("cam", "--model", _folder["run"], Path.Combine(Samples, "img_1.png"), "--class", "true", "--out",
            _folder["cams"], "--json").Json();
        Assert.Equal(classes[1], cams.GetProperty("images")[0].GetProperty("maps")[0].GetProperty("class").GetString());
    }

    [Theory]
    [InlineData(20)]
    [InlineData(1025)]
    public void Images_of_a_size_that_cannot_be_are_blamed_on_the_folder(int size)
    {
        for (int i = 1; i <= 4; i++)
        {
            PngWriter.WriteFile(Path.Combine(Samples, $"img_{i}.png"), new Image8(size, size));
        }

        _folder.Write("samples/labels.txt", "1\t0\n2\t1\n3\t0\n4\t1\n");
        string error = Train().Refused($"{Samples}: its images have {size}x{size} pixels", "scale them");
        Assert.DoesNotContain("--", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private string[] Eval => ["eval", "--model", trained.Model, "--data", Samples, "--threshold-from", "none"];

    private static int Validated(JsonElement test, int images)
    {
        Assert.Equal(images, test.GetProperty("images").GetInt32());
        return test.GetProperty("maps")[0].GetProperty("validation_images").GetInt32();
    }

    private void Make(int count) =>
        Gpucam.Call("data", "make", "--out", Samples, "--count", $"{count}", "--digits", "synthetic", "--size", "32").Succeeded();

    private Outcome Train(params string[] settings) => Gpucam.Call([.. TinyRun.Merge(
        ["train", "--data", Samples, "--out", _folder["run"], "--widths", "4,8", "--batch", "8", "--steps", "2", "--every", "2",
        "--eval-images", "60", "--final-eval-images", "60", "--heatmaps", "0"], settings)]);
}
