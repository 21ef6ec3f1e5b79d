using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Experiments;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Experiments;

/// <summary>Concepts of a table, and where they are seen.</summary>
public sealed class ConceptTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_concept_that_can_be_seen_is_found_and_one_with_few_pictures_is_left_out()
    {
        for (int i = 0; i < 40; i++)
        {
            var picture = new Image8(32, 32);
            picture.FillRectangle(4 + (i % 8), 6, 12, 12, Rgb.FromGrey((byte)(i % 2 == 0 ? 255 : 20)));
            PngWriter.WriteFile(_folder[$"pictures/{i}.png"], picture);
        }

        File.WriteAllLines(_folder["words.tsv"], Enumerable.Range(0, 40).Select(i =>
            $"{i}.png\t{(i % 2 == 0 ? "bright" : "dim")}\t{(i == 7 ? "rare" : "")}"));
        string[] command = ["experiment", "concepts", "--model", trained.Model, "--table", _folder["words.tsv"], "--data",
            _folder["pictures"], "--out", _folder["out"], "--top", "3", "--threads", "1"];
        JsonElement answer = Gpucam.Call([.. command, "--least", "3", "--json"]).Json();
        JsonElement[] concepts = [.. answer.GetProperty("concepts").EnumerateArray()];
        Assert.Equal(["bright", "dim"], concepts.Select(concept => concept.GetProperty("name").GetString()));
        Assert.Equal("rare", answer.GetProperty("left_out")[0].GetString());
        foreach (JsonElement concept in concepts)
        {
            Assert.Equal(1, concept.GetProperty("average_precision").GetDouble());
            Assert.Equal(3, concept.GetProperty("top").GetArrayLength());
            Assert.All(concept.GetProperty("top").EnumerateArray(), top => Assert.True(top.GetProperty("has_it").GetBoolean()));
            Assert.True(ImageReader.ReadFile(_folder[$"out/{concept.GetProperty("picture").GetString()}"]).Width > 3 * 32);
        }

        Assert.True(JsonElement.DeepEquals(answer, JsonDocument.Parse(File.ReadAllText(_folder["out/concepts.json"])).RootElement));
        Assert.Contains("1_dim.png", Gpucam.Call(command).Succeeded().Output, StringComparison.Ordinal);
        Gpucam.Call([.. command, "--least", "30"]).Refused("words.tsv", "--least");
        Gpucam.Call([.. command, "--penalty", "0"]).Refused("--penalty 0", "above 0");
    }

    [Theory]
    [InlineData("", "no picture has a concept")]
    [InlineData("a.png\t\n", "no picture has a concept")]
    [InlineData("a.png\tx\na.png\ty\n", "line 2: a.png has a line already")]
    [InlineData("a.png\tx\n\ty\n", "line 2: there is no picture before the first tab")]
    [InlineData("a.png\tx\nb.png\ty\n", "1 of its pictures are not in")]
    public void What_is_wrong_with_a_table_is_named(string text, string fault)
    {
        PngWriter.WriteFile(_folder["a.png"], new Image8(32, 32));
        File.WriteAllText(_folder["table.tsv"], text);
        Gpucam.Call("experiment", "concepts", "--model", trained.Model, "--table", _folder["table.tsv"], "--out", _folder["out"])
            .Refused("table.tsv", fault);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Theory]
    [InlineData("110", 1)]
    [InlineData("101", 5 / 6.0)]
    [InlineData("01", 0.5)]
    [InlineData("00", 0)]
    public void Average_precision_is_the_mean_of_the_precision_at_each_hit(string ranked, double precision) =>
        Assert.Equal(precision, ConceptExperiment.AveragePrecision([.. ranked.Select(c => c == '1')]), 12);
}
