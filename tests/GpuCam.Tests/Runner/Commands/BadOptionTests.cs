using System.CommandLine;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

public sealed class BadOptionTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Options of <c>train</c>, and what the error must say beside the option and the value.</summary>
    public static TheoryData<string, string, string> BadTrainOptions => new()
    {
        { "--preset", "fast", "quick, reference, original" },
        { "--digits", "roman", "auto, mnist, fashion-mnist, synthetic" },
        { "--protocol", "lax", "strict or seed" },
        { "--optimizer", "lion", "sgd, momentum, adam" },
        { "--schedule", "step", "constant, cosine, one-cycle" },
        { "--resize", "bicubic", "half-pixel, legacy" },
        { "--backend", "vulkan", "auto, cuda, opencl, cpu, simd" },
        { "--backend", "3", "auto, cuda, opencl, cpu, simd" },
        { "--precision", "fp16", "fp32, tf32 or bf16" },
        { "--precision", "TF32", "fp32, tf32 or bf16" },
        { "--device", "7", "available: " },
        { "--device", "-1", "available: " },
        { "--threads", "-1", "1 to 1024" },
        { "--threads", "1025", "1 to 1024" },
        { "--size", "27", "28 to 1024" },
        { "--size", "1025", "28 to 1024" },
        { "--channels", "2", "1 or 3" },
        { "--widths", "8", "two numbers" },
        { "--widths", "8,x", "'x' is no number" },
        { "--widths", "0,8", "1 to 4096" },
        { "--distractors", "-1", "0 to 1000" },
        { "--distractors", "1001", "0 to 1000" },
        { "--seed", "-1", "a whole number from 0 on" },
        { "--batch", "0", "1 to 65536" },
        { "--batch", "65537", "1 to 65536" },
        { "--shards", "-1", "0 to 64, the images in a batch" },
        { "--steps", "0", "at least 1" },
        { "--steps", "1.5", "a whole number" },
        { "--steps", "99999999999", "a whole number" },
        { "--epochs", "0", "above 0" },
        { "--epochs", "NaN", "above 0" },
        { "--time", "5 minutes", "90s, 5m or 1h" },
        { "--time", "0s", "90s, 5m or 1h" },
        { "--time", "-1s", "90s, 5m or 1h" },
        { "--lr", "0", "above 0" },
        { "--lr", "NaN", "above 0" },
        { "--lr", "Infinity", "above 0" },
        { "--lr", "fast", "a number" },
        { "--lr", "0,01", "a decimal point" },
        { "--augment", "-1", "0 to 2" },
        { "--augment", "NaN", "0 to 2" },
        { "--weight-decay", "-0.1", "from 0 on" },
        { "--weight-decay", "NaN", "from 0 on" },
        { "--pooling-gain", "3", "power of two" },
        { "--pooling-gain", "0", "power of two" },
        { "--pooling", "sum", "average, max" },
        { "--pools", "0", "1 or 2" },
        { "--pools", "3", "1 or 2" },
        { "--canvas", "20:1", "SIZE from 28 to 32" },
        { "--canvas", "64:1", "SIZE from 28 to 32" },
        { "--canvas", "28:0.5", "add up to 0.5" },
        { "--canvas", "28:NaN", "SIZE:SHARE" },
        { "--canvas", "large", "SIZE:SHARE" },
        { "--every", "0", "at least 1" },
        { "--eval-images", "0", "1 to 1000000" },
        { "--eval-images", "2000000000", "1 to 1000000" },
        { "--final-eval-images", "0", "1 to 1000000" },
        { "--heatmaps", "-1", "0 to 1000000" },
        { "--heatmaps", "2000000000", "0 to 1000000" },
        { "--keep", "0", "at least 1" },
        { "--head-rate", "0", "above 0" },
        { "--head-rate", "NaN", "above 0" },
        { "--penalty", "1", "--freeze features" },
        { "--train-per-class", "30", "--data" },
        { "--test-per-class", "50", "--data" },
        { "--labels", "labels.csv", "--data" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadTrainOptions))]
    public void Training_with_a_bad_option_says_so_before_it_fetches_or_writes_anything(string option, string value, string remedy)
    {
        // MNIST is asked for, with a cache that is not there: had it been fetched first, the cache would be.
        string[] steps = option is "--epochs" ? [] : ["--steps", "12"];
        string[] arguments = ["train", "--size", "32", "--digits", "mnist", .. steps];
        int given = Array.IndexOf(arguments, option);
        if (given >= 0)
        {
            arguments[given + 1] = value;
        }
        else
        {
            arguments = [.. arguments, option, value];
        }

        Outcome outcome = Gpucam.Call([.. arguments, "--out", _folder["run"], "--cache", _folder["cache"]]);
        string error = outcome.Refused(remedy);
        if (option is not "--device")
        {
            Assert.Contains($"{option} {value}", error, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Every_numeric_option_of_train_is_among_them()
    {
        Command train = CommandLine.CreateRoot().Subcommands.Single(command => command.Name == "train");
        IEnumerable<string> numeric = train.Options
            .Where(option => (Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType) is var type
                && (type.IsPrimitive && type != typeof(bool)))
            .Select(option => option.Name);
        Assert.Empty(numeric.Except(BadTrainOptions.Select(row => (string)row[0])));
    }

    [Theory]
    [InlineData("--count", "0", "at least 1")]
    [InlineData("--count", "2000000000", "at most 1000000000")]
    [InlineData("--method", "grad", "gradcam")]
    [InlineData("--method", "cam,", "gradcam")]
    [InlineData("--layer", "conv9", "conv1, relu1, pool1, conv2, relu2, pool2")]
    [InlineData("--layer", "conv1", "give --layer pool2")]
    [InlineData("--layer", "conv2+pool9", "unknown layer 'pool9': maps can be made of conv1, relu1, pool1, conv2, relu2, pool2")]
    [InlineData("--smooth", "blur", "none, aug or eigen")]
    [InlineData("--top-channels", "-1", "0 (all) or more")]
    [InlineData("--samples", "0", "at least 1")]
    [InlineData("--noise", "-1", "0 or more")]
    [InlineData("--gamma", "NaN", "give a number")]
    [InlineData("--metrics", "speed", "boxes or faithfulness or all")]
    [InlineData("--split", "train", "test or validation")]
    [InlineData("--threshold-from", "test", "validation or none")]
    [InlineData("--validation-count", "0", "at least 1")]
    [InlineData("--threshold-step", "0", "from 0.0001 to 0.5")]
    [InlineData("--threshold-step", "0.3", "from 0.0001 to 0.5")]
    [InlineData("--threshold-step", "NaN", "from 0.0001 to 0.5")]
    [InlineData("--boxes-per-class", "2,x", "for example 2,2,1")]
    [InlineData("--faithfulness-count", "0", "at least 1")]
    [InlineData("--score-count", "-1", "at least 1")]
    [InlineData("--size", "3", "at least 4 pixels")]
    [InlineData("--size", "27", "28 to 4096")]
    [InlineData("--distractors", "-1", "0 to 10000")]
    [InlineData("--seed", "x", "a whole number from 0 on")]
    [InlineData("--protocol", "lax", "strict or seed")]
    [InlineData("--digits", "roman", "auto, mnist, fashion-mnist, synthetic")]
    [InlineData("--resize", "bicubic", "half-pixel or legacy")]
    [InlineData("--backend", "vulkan", "auto, cuda, opencl, cpu, simd")]
    [InlineData("--precision", "half", "fp32, tf32 or bf16")]
    [InlineData("--device", "7", "available: ")]
    [InlineData("--threads", "-2", "1 to 1024")]
    public void Evaluation_with_a_bad_option_says_so_before_it_fetches_anything(string option, string value, string remedy)
    {
        Gpucam.Call("eval", "--model", trained.Model, option, value, "--cache", _folder["cache"]).Refused(value, remedy);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("--method", "grad",
        "choose from cam, gradcam, counterfactual, gradcam++, hirescam, xgradcam, layercam, eigencam, scorecam, ")]
    [InlineData("--method", "gradcam,,cam", "choose from cam, ")]
    [InlineData("--noise", "NaN", "0 or more")]
    [InlineData("--gamma", "Infinity", "give a number")]
    [InlineData("--layer", "conv2+pool2", "method cam needs the layer that is pooled, pool2; give --layer pool2")]
    [InlineData("--layer", "pool2+gap", "conv1, relu1, pool1, conv2, relu2, pool2")]
    [InlineData("--smooth", "blur", "none, aug or eigen")]
    [InlineData("--top-channels", "-1", "0 (all) or more")]
    [InlineData("--samples", "0", "at least 1")]
    [InlineData("--seed", "-1", "a whole number from 0 on")]
    [InlineData("--layer", "conv9", "pool2")]
    [InlineData("--layer", "conv1", "pool2")]
    [InlineData("--class", "ten", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")]
    [InlineData("--class", "10", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")]
    [InlineData("--class", "-1", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9")]
    [InlineData("--top", "0", "at least 1")]
    [InlineData("--box-threshold", "1.5", "0 to 1")]
    [InlineData("--box-threshold", "NaN", "0 to 1")]
    [InlineData("--size", "3", "at least 4 pixels")]
    [InlineData("--size", "40", "the network takes 40 x 40")]
    [InlineData("--resize", "bicubic", "half-pixel or legacy")]
    [InlineData("--backend", "vulkan", "auto, cuda, opencl, cpu, simd")]
    [InlineData("--precision", "half", "fp32, tf32 or bf16")]
    [InlineData("--device", "7", "available: ")]
    public void Drawing_maps_with_a_bad_option_says_so_and_writes_nothing(string option, string value, string remedy)
    {
        Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--out", _folder["cams"], option, value).Refused(value, remedy);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("--count", "0", "1 to 10000000")]
    [InlineData("--count", "2000000000", "1 to 10000000")]
    [InlineData("--size", "27", "28 to 4096")]
    [InlineData("--distractors", "-1", "0 to 10000")]
    [InlineData("--protocol", "lax", "strict or seed")]
    [InlineData("--digits", "roman", "auto, mnist, fashion-mnist, synthetic")]
    public void Making_samples_with_a_bad_option_says_so_and_writes_nothing(string option, string value, string remedy)
    {
        Gpucam.Call("data", "make", "--out", _folder["samples"], "--cache", _folder["cache"], option, value).Refused(value, remedy);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("--seconds", "0", "above 0")]
    [InlineData("--seconds", "NaN", "above 0")]
    [InlineData("--channels", "2", "1 or 3")]
    [InlineData("--batch", "0", "1 to 1024")]
    [InlineData("--backend", "vulkan", "auto, cuda, opencl, cpu, simd")]
    [InlineData("--precision", "half", "fp32, tf32 or bf16")]
    [InlineData("--device", "7", "available: ")]
    public void A_benchmark_with_a_bad_option_says_so(string option, string value, string remedy) =>
        Gpucam.Call("bench", option, value).Refused(value, remedy);

    [Fact]
    public void Options_that_contradict_each_other_are_named()
    {
        Gpucam.Call(TinyRun.Train(_folder["run"], "--epochs", "1")).Refused("--steps", "--epochs");
        Gpucam.Call(TinyRun.Train(_folder["run"], "--pooling", "max", "--pooling-gain", "32"))
            .Refused("--pooling-gain 32", "--pooling max");
        Gpucam.Call("train", "--data", trained.Samples, "--size", "32", "--fit", "none", "--out", _folder["run"])
            .Refused("--size", "--fit none");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_data_set_that_is_not_known_is_named() =>
        Gpucam.Call("data", "get", "letters", "--cache", _folder["cache"]).Refused("letters", "mnist, fashion-mnist");

    [Fact]
    public void A_batch_that_no_array_can_hold_is_refused() =>
        Gpucam.Call(TinyRun.Train(_folder["run"], "--batch", "65536", "--size", "1024")).Refused("--batch 65536", "--size 1024");
}
