using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Experiments;

/// <summary>The experiments on a network that has hardly learned anything, and samples drawn for the purpose.</summary>
public sealed class ExperimentTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private static readonly string[] s_data = ["--digits", "synthetic", "--distractors", "2", "--count", "30", "--threads", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_look_at_the_whole_image_sees_what_the_first_saw()
    {
        JsonElement same = LookTwice("--margin", "100");
        double whole = same.GetProperty("whole").GetDouble();
        foreach (string name in (string[])["cam_crop", "true_crop", "both"])
        {
            Assert.Equal(whole, same.GetProperty(name).GetDouble());
        }

        Assert.Equal((0, 0, 1), (same.GetProperty("repaired").GetDouble(), same.GetProperty("spoilt").GetDouble(),
            same.GetProperty("whole_digit").GetDouble()));
        Assert.Equal(Evaluate(trained.Model).GetProperty("accuracy").GetDouble(), whole);
    }

    [Fact]
    public void Two_looks_balance()
    {
        JsonElement looks = LookTwice("--margin", "1", "--canvas", "28", "--box-threshold", "0.5", "--second", trained.Model);
        double gain = looks.GetProperty("repaired").GetDouble() - looks.GetProperty("spoilt").GetDouble();
        Assert.Equal(looks.GetProperty("cam_crop").GetDouble() - looks.GetProperty("whole").GetDouble(), gain, 9);
        Assert.Equal(looks.GetProperty("whole").GetDouble(), looks.GetProperty("whole_second").GetDouble());
        Assert.InRange(looks.GetProperty("mean_iou").GetDouble(), 0, 1);
        Assert.Equal(28, looks.GetProperty("options").GetProperty("canvas").GetInt32());
        Assert.Contains("crop around the true box", Gpucam.Call(["experiment", "look-twice", "--model", trained.Run, .. s_data]).Succeeded()
            .Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_units_of_a_class_are_ranked_by_weight_and_their_images_by_activation()
    {
        string[] command = ["experiment", "units", "--model", trained.Model, "--class", "3", "--units", "3", "--top", "4", "--out",
            _folder["units"], .. s_data];
        JsonElement answer = Gpucam.Call([.. command, "--json"]).Json();
        Assert.True(JsonElement.DeepEquals(answer, JsonDocument.Parse(File.ReadAllText(_folder["units/units_3.json"])).RootElement));
        Assert.True(ImageReader.ReadFile(_folder["units/units_3.png"]).Width > 4 * 32);
        Assert.Equal(2, Directory.EnumerateFiles(_folder["units"]).Count());

        using var device = new HostDevice(Backend.Cpu, 1);
        using FileStream stream = File.OpenRead(trained.Model);
        using Execution network = ModelFile.Load(stream, "model", device);
        ISampleSource source = Corpus.Open(new CorpusOptions { Digits = "synthetic", Size = 32, Distractors = 2, TestCount = 30 }).Test;
        float[] weight = network.Parameters.Single(p => p.Name == "classifier.weight").Value.ToArray();
        Assert.Equal(
            Enumerable.Range(0, 8).Select(k => weight[(k * 10) + 3]).OrderDescending().Take(3),
            answer.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("weight").GetSingle()));
        foreach (JsonElement unit in answer.GetProperty("units").EnumerateArray())
        {
            int channel = unit.GetProperty("unit").GetInt32();
            (float Value, int Place)[] best = [.. Enumerable.Range(0, 30).Select(i => Strongest(network, source, i, channel))];
            JsonElement[] top = [.. unit.GetProperty("top").EnumerateArray()];
            int[] order = [.. Enumerable.Range(0, 30).OrderByDescending(i => best[i].Value).Take(4)];
            Assert.Equal(4, top.Length);
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(best[order[i]].Value, top[i].GetProperty("activation").GetSingle(), 1e-4f);
                int image = top[i].GetProperty("image").GetInt32();
                Assert.Equal(best[image].Value, top[i].GetProperty("activation").GetSingle(), 1e-4f);
                Assert.Equal((4 * (best[image].Place % 8)) - 6, top[i].GetProperty("box").GetProperty("x0").GetInt32());
                Assert.Equal((4 * (best[image].Place / 8)) - 6, top[i].GetProperty("box").GetProperty("y0").GetInt32());
            }
        }

        Assert.EndsWith("units_3.png\n", Gpucam.Call(command).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_head_is_a_model_like_any_other()
    {
        string file = _folder["head.safetensors"];
        string[] command = ["experiment", "transfer", "--model", trained.Model, "--train-images", "60", "--epochs", "3", "--out", file,
            "--threads", "1", "--digits", "synthetic", "--distractors", "2", "--count", "30"];
        JsonElement answer = Gpucam.Call([.. command, "--json"]).Json();
        JsonElement[] rows = [.. answer.GetProperty("rows").EnumerateArray()];
        Assert.Equal(3, rows.Length);
        Assert.Equal(Evaluate(trained.Model).GetProperty("accuracy").GetDouble(), rows[0].GetProperty("accuracy").GetDouble());
        JsonElement evaluated = Evaluate(file);
        Assert.Equal(evaluated.GetProperty("accuracy").GetDouble(), rows[1].GetProperty("accuracy").GetDouble());
        JsonElement localisation = evaluated.GetProperty("maps")[0].GetProperty("localisation");
        Assert.Equal(localisation.GetProperty("paper").GetProperty("gt_known50").GetDouble(), rows[1].GetProperty("gt_known").GetDouble());
        Assert.Equal(
            localisation.GetProperty("chosen").GetProperty("gt_known50").GetDouble(), rows[1].GetProperty("chosen_gt_known").GetDouble());
        Gpucam.Call("cam", "--model", file, trained.Image, "--out", _folder["cams"]).Succeeded();

        // The convolutions are the model's own; only the head is new.
        Dictionary<string, float[]> before = Tensors(trained.Model), after = Tensors(file);
        Assert.Equal(before.Keys.Append("classifier.bias").Order(), after.Keys.Order());
        foreach (string name in before.Keys)
        {
            Assert.Equal(name != "classifier.weight", before[name].AsSpan().SequenceEqual(after[name]));
        }

        // Fragments of the digits themselves are what there is without --clutter.
        byte[] bytes = File.ReadAllBytes(file);
        Gpucam.Call([.. command, "--clutter", "synthetic"]).Succeeded();
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Theory]
    [InlineData("pool2", "--pooling", "max")]
    [InlineData("relu2", "--pools", "1")]
    public void Every_command_takes_a_variant_of_the_network(string layer, string option, string value)
    {
        Gpucam.Call(TinyRun.Train(_folder["run"], option, value)).Succeeded();
        Assert.Equal(30, Evaluate(_folder["run"]).GetProperty("maps")[0].GetProperty("localisation").GetProperty("count").GetInt32());
        JsonElement manifest = Gpucam.Call("cam", "--model", _folder["run"], trained.Image, "--out", _folder["cams"], "--json").Json();
        Assert.Equal(layer, manifest.GetProperty("layer").GetString());
        Gpucam.Call(["experiment", "look-twice", "--model", _folder["run"], "--second", trained.Run, .. s_data]).Succeeded();
        JsonElement units = Gpucam.Call(
            ["experiment", "units", "--model", _folder["run"], "--class", "0", "--out", _folder["units"], .. s_data, "--json"]).Json();
        Assert.Equal(layer, units.GetProperty("layer").GetString());
        string[] transfer = ["experiment", "transfer", "--model", _folder["run"], "--train-images", "20", "--epochs", "1", "--out",
            _folder["head.safetensors"], .. s_data];
        Gpucam.Call(transfer).Succeeded();
        Evaluate(_folder["head.safetensors"]);
    }

    [Theory]
    [InlineData("look-twice", "--count", "0", "1 to 1000000")]
    [InlineData("look-twice", "--margin", "-1", "0 to 1000")]
    [InlineData("look-twice", "--canvas", "27", "28 to 1024")]
    [InlineData("look-twice", "--box-threshold", "NaN", "0 to 1")]
    [InlineData("look-twice", "--second", "nothing.safetensors", "cannot be read")]
    [InlineData("units", "--class", "ten", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")]
    [InlineData("units", "--units", "9", "1 to 8")]
    [InlineData("units", "--top", "0", "1 to 100")]
    [InlineData("units", "--count", "0", "1 to 1000000")]
    [InlineData("transfer", "--clutter", "letters", "auto, mnist, fashion-mnist, synthetic")]
    [InlineData("transfer", "--train-images", "0", "1 to 1000000")]
    [InlineData("transfer", "--epochs", "0", "1 to 10000")]
    [InlineData("transfer", "--lr", "NaN", "above 0")]
    [InlineData("transfer", "--count", "0", "1 to 1000000")]
    [InlineData("transfer", "--digits", "roman", "auto, mnist, fashion-mnist, synthetic")]
    public void A_bad_option_is_named_before_anything_is_fetched_or_written(string experiment, string option, string value, string remedy)
    {
        string[] needed = experiment == "units" && option != "--class" ? ["--class", "1"] : [];
        string[] output = experiment == "look-twice" ? [] : ["--out", _folder["out"]];
        Gpucam.Call(["experiment", experiment, "--model", trained.Model, "--cache", _folder["cache"], .. needed, .. output, option, value])
            .Refused(value, remedy);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_does_not_go_together_is_named()
    {
        Gpucam.Call("experiment", "transfer", "--model", trained.Model, "--out", trained.Model).Refused("--out", "the model itself");
        Gpucam.Call("experiment", "transfer", "--model", trained.Model, "--out", trained.Run).Refused("--out", "is a folder");
        Gpucam.Call("experiment", "transfer", "--model", trained.Model, "--out", _folder["x"], "--data", trained.Samples, "--clutter",
            "mnist").Refused("--clutter", "--data");
        using (var device = new HostDevice(Backend.Cpu, 1))
        using (Execution network = LeNetGap.Create(device, new NetworkConfig(1, 32, ["yes", "no"]) { Widths = [2, 2] }, 1))
        using (FileStream stream = File.Create(_folder["other.safetensors"]))
        {
            ModelFile.Save(stream, network);
        }

        Gpucam.Call(["experiment", "look-twice", "--model", trained.Model, "--second", _folder["other.safetensors"], .. s_data])
            .Refused("other.safetensors", "classes");
    }

    private static (float Value, int Place) Strongest(Execution network, ISampleSource source, int index, int channel)
    {
        using var classifier = new Classifier(network);
        float[] image = new float[32 * 32];
        source.Fill(index, image, out _, out _, []);
        classifier.Logits(image, 1);
        float[] map = [.. network.Activation("pool2").ToArray().Where((_, i) => i % 8 == channel)];
        int place = Ranking.IndexOfMax(map);
        return (map[place], place);
    }

    private static Dictionary<string, float[]> Tensors(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return SafetensorsReader.Read(stream, path).Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Values);
    }

    private static JsonElement Evaluate(string model) => Gpucam.Call(["eval", "--model", model, .. s_data, "--json"]).Json();

    private JsonElement LookTwice(params string[] options) =>
        Gpucam.Call(["experiment", "look-twice", "--model", trained.Model, .. s_data, .. options, "--json"]).Json();
}
