using System.Globalization;

namespace GpuCam.MpiTests;

/// <summary>What ranks make and find out together is what one process does, byte for byte.</summary>
public sealed class ExperimentTests(ExperimentTests.Model model) : IClassFixture<ExperimentTests.Model>, IDisposable
{
    private const string Samples = "--digits synthetic --distractors 1 --count 120";
    private readonly TestFolder _folder = new();
    private string Out => _folder.Path("out");

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Samples_are_made_as_by_one_process() => AssertSame(
        3, ["data", "make", "--digits", "synthetic", "--size", "28", "--distractors", "1", "--count", "150", "--out", Out]);

    [MpiTheory]
    [InlineData("look-twice", $"{Samples} --margin 2")]
    [InlineData("units", $"{Samples} --class 3 --units 2 --top 3 --out OUT")]
    [InlineData("transfer", $"{Samples} --train-images 130 --epochs 2 --out OUT/head.safetensors")]
    [InlineData("transfer", "--data SAMPLES --fit stretch")]
    [InlineData("pooling", $"{Samples} --train-images 130")]
    [InlineData("concepts", "--table SAMPLES/concepts.tsv --least 2 --top 2 --out OUT")]
    public void An_experiment_finds_what_it_finds_in_one_process(string name, string options)
    {
        Directory.CreateDirectory(Out);
        string[] given = [.. options.Split(' ').Select(word => word.Replace("OUT", Out).Replace("SAMPLES", model.Samples))];
        AssertSame(2, ["experiment", name, "--model", model.Run, "--json", .. given]);
    }

    private void AssertSame(int ranks, string[] command)
    {
        string alone = SharedRun.Alone(command);
        if (Directory.Exists(Out))
        {
            Directory.Move(Out, _folder.Path("alone"));
        }

        Assert.Equal(alone, MpiRun.Run(_folder.Root, ranks, command).Succeeded().Output);
        if (Directory.Exists(_folder.Path("alone")) && Directory.EnumerateFiles(_folder.Path("alone")).Any())
        {
            SharedRun.AssertSame(_folder.Path("alone"), Out);
        }
    }

    /// <summary>A network that has hardly learned anything, and samples with a table of concepts.</summary>
    public sealed class Model : IDisposable
    {
        private readonly TestFolder _folder = new();

        public Model()
        {
            if (MpiRun.WhyNot is not null)
            {
                return;
            }

            SharedRun.Alone(
                "train", "--digits", "synthetic", "--size", "28", "--distractors", "1", "--widths", "4,8", "--batch", "8", "--steps", "4",
                "--every", "4", "--canvas", "28:1", "--eval-images", "10", "--final-eval-images", "10", "--heatmaps", "0", "--threads", "1",
                "--out", Run);
            SharedRun.Alone(
                "data", "make", "--out", Samples, "--digits", "synthetic", "--size", "28", "--distractors", "1", "--count", "140");
            File.WriteAllLines(
                Path.Combine(Samples, "concepts.tsv"),
                File.ReadLines(Path.Combine(Samples, "labels.txt")).Select(line => line.Split('\t')).Select(cells =>
                    $"img_{cells[0]}.png\t{(int.Parse(cells[1], CultureInfo.InvariantCulture) % 2 == 0 ? "even" : "odd")}\tis {cells[1]}"));
        }

        public string Run => _folder.Path("run");

        public string Samples => _folder.Path("samples");

        public void Dispose() => _folder.Dispose();
    }
}
