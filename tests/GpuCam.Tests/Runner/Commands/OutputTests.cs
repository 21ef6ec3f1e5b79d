using System.Text.Json;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>Results on standard output, everything for people on standard error, one JSON object on request.</summary>
public sealed class OutputTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Devices_are_one_object_that_names_the_build_and_what_each_backend_has()
    {
        Outcome outcome = Gpucam.Run(_folder.Path, "devices", "--json");
        Assert.Equal("", outcome.Errors);
        JsonElement answer = outcome.Json();
        Assert.Matches(@"^ILGPU 1\.5\.3$", answer.GetProperty("build").GetString());
        JsonElement[] devices = [.. answer.GetProperty("devices").EnumerateArray()];
        foreach (string backend in (string[])["cuda", "opencl", "cpu", "simd"])
        {
            Assert.Contains(devices, device => device.GetProperty("backend").GetString() == backend);
        }

        foreach (JsonElement device in devices)
        {
            if (!device.GetProperty("available").GetBoolean())
            {
                Assert.NotEqual("", device.GetProperty("reason").GetString());
            }
        }
    }

    [Fact]
    public void Evaluation_is_one_object_or_a_table()
    {
        string[] command = ["eval", "--model", trained.Run, "--digits", "synthetic", "--distractors", "2", "--count", "20"];
        JsonElement answer = Gpucam.Call([.. command, "--json"]).Json();
        Assert.Equal(20, answer.GetProperty("images").GetInt32());
        long[][] confusion = [.. answer.GetProperty("confusion").EnumerateArray()
            .Select(row => (long[])[.. row.EnumerateArray().Select(cell => cell.GetInt64())])];
        Assert.Equal(20, confusion.Sum(row => row.Sum()));
        Assert.Equal(answer.GetProperty("accuracy").GetDouble(), Enumerable.Range(0, 10).Sum(i => confusion[i][i]) / 20.0, 12);
        Assert.Equal(20, answer.GetProperty("maps")[0].GetProperty("localisation").GetProperty("count").GetInt32());

        Outcome table = Gpucam.Call(command).Succeeded();
        Assert.Contains("accuracy", table.Output, StringComparison.Ordinal);
        Assert.Contains("pointing game", table.Output, StringComparison.Ordinal);
        Assert.Contains("synthetic digits", table.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("synthetic digits", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_prints_its_result_alone_on_standard_output()
    {
        Outcome outcome = Gpucam.Run(_folder.Path, TinyRun.Train("run", "--steps", "4")).Succeeded();
        string line = Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches("^accuracy [0-9.]+ % on 20 test images after 4 steps; model: .*last.safetensors$", line);
        string[] progress = outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, progress.Count(text => text.StartsWith("step ", StringComparison.Ordinal)));
        Assert.DoesNotContain('\u001b', outcome.Errors);
    }

    [Fact]
    public void Maps_are_listed_with_their_predictions()
    {
        Outcome outcome = Gpucam.Call("cam", "--model", trained.Run, trained.Image, "--out", _folder["cams"]).Succeeded();
        Assert.Equal("", outcome.Errors);
        Assert.StartsWith($"{trained.Image}: ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder["cams"], "img_1", "montage.png"), outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_are_written_and_their_folder_printed()
    {
        Outcome outcome = Gpucam.Call("data", "make", "--out", _folder["samples"], "--count", "3", "--digits", "synthetic", "--size", "32")
            .Succeeded();
        Assert.Equal(_folder["samples"] + "\n", outcome.Output);
        Assert.Equal(
            ["boxes.csv", "img_1.png", "img_2.png", "img_3.png", "labels.txt"],
            Directory.EnumerateFiles(_folder["samples"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Usage:", "--help")]
    [InlineData("--optimizer", "train", "--help")]
    [InlineData("--box-threshold", "cam", "--help")]
    public void Help_goes_to_standard_output(string fragment, params string[] arguments)
    {
        Outcome outcome = Gpucam.Call(arguments).Succeeded();
        Assert.Equal("", outcome.Errors);
        Assert.Contains(fragment, outcome.Output, StringComparison.Ordinal);
    }
}
