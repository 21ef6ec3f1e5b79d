using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Reads a file that <see cref="OnnxExport"/> wrote and compares it, on one image of random numbers, with what it was written from.
/// </summary>
public static class OnnxExportCheck
{
    /// <summary>Largest difference that passes, as a share of the largest value.</summary>
    public const double Tolerance = 1e-4;

    private const ulong Seed = 17;

    /// <summary>
    /// Runs the file on the host and compares every output of the network, and the maps of some classes: the predicted one, the first
    /// and the last, or as many of the best as the file has.
    /// </summary>
    /// <param name="execution">What was written.</param>
    /// <param name="exported">What <see cref="OnnxExport.Write"/> returned.</param>
    /// <param name="path">The file.</param>
    /// <returns>The largest difference as a share of the largest value, output by output.</returns>
    /// <exception cref="GpuCamException">The file cannot be read, or an output differs by more than <see cref="Tolerance"/>.</exception>
    public static IReadOnlyDictionary<string, double> Compare(Execution execution, OnnxExported exported, string path)
    {
        ArgumentNullException.ThrowIfNull(execution);
        ArgumentNullException.ThrowIfNull(exported);
        Graph graph = execution.Graph;
        using var images = new NoiseImages(execution);
        float[][] outputs = Run(execution, images);
        int[] classes = ClassesOf(exported, outputs[0]);
        List<string> names = [.. graph.Outputs.Select(output => output.Name)];
        if (exported.Cam is { } cam)
        {
            names.Add(cam);
        }

        var read = OnnxNetwork.Read(path, new OnnxImportOptions
        {
            Outputs = names,
            KeepsEnding = true,
            Constants = exported.Chosen is not { } chosen ? []
                : new Dictionary<string, OnnxConstant> { [chosen] = new([1, classes.Length], [.. classes.Select(index => (long)index)]) },
        });
        using OnnxFile? file = read.File;       // closed before it gets another name
        using var host = new HostDevice(Backend.Simd);
        using var again = new Execution(host, new Network(read.Graph, []));
        using var same = new NoiseImages(again);
        float[][] actual = Run(again, same);
        var differences = outputs.Select((output, i) => (names[i], Difference(names[i], output, actual[i])))
            .ToDictionary(output => output.Item1, output => output.Item2);
        if (exported.Cam is not null)
        {
            float[] maps = Maps(execution, exported, classes);
            differences[names[^1]] = Difference(names[^1], maps, Channels(actual[^1], maps.Length / classes.Length, classes, exported));
        }

        return differences;
    }

    /// <summary>All outputs for one image.</summary>
    private static float[][] Run(Execution execution, NoiseImages images)
    {
        execution.Forward(images.Tensors);
        return [.. execution.Graph.Outputs.Select(output => execution.Activation(output.Name).ToArray())];
    }

    /// <summary>What the file's maps are compared for: of all classes a few.</summary>
    private static int[] ClassesOf(OnnxExported exported, float[] logits)
    {
        double[] scores = ClassScore.PerClass(logits);
        int[] best = [.. Enumerable.Range(0, scores.Length).OrderByDescending(index => scores[index])];
        return exported.Options.Top is { } top ? best[..top] : [.. new[] { best[0], 0, scores.Length - 1 }.Distinct()];
    }

    /// <summary>This program's own maps of the image of the last pass, one after the other.</summary>
    private static float[] Maps(Execution execution, OnnxExported exported, int[] classes)
    {
        var method = new ClassActivationMapping();
        using var engine = new CamEngine(execution);
        return [.. classes.SelectMany(index => exported.Options.ResizeMaps
            ? engine.MapToImage(method, engine.DefaultLayer, [index]).ToArray()
            : engine.Map(method, engine.DefaultLayer, [index]).ToArray())];
    }

    /// <summary>The maps of some classes, out of memory that has channels last.</summary>
    private static float[] Channels(float[] maps, int area, int[] classes, OnnxExported exported)
    {
        int channels = maps.Length / area;
        return [.. classes.SelectMany((index, place) =>
            Enumerable.Range(0, area).Select(cell => maps[(cell * channels) + (exported.Chosen is null ? index : place)]))];
    }

    private static double Difference(string name, float[] expected, float[] actual)
    {
        double largest = expected.Max(Math.Abs), difference = 0;
        if (!double.IsFinite(largest))
        {
            throw new GpuCamException($"'{name}' is not finite for an image of noise: the network cannot be compared with what is written; "
                + "give one with sound weights");
        }

        foreach ((float a, float b) in expected.Zip(actual))
        {
            difference = Math.Max(difference, float.IsFinite(b) ? Math.Abs((double)a - b) : double.PositiveInfinity);
        }

        double share = difference == 0 ? 0 : difference / largest;
        return actual.Length == expected.Length && share <= Tolerance ? share : throw new GpuCamException(
            $"'{name}' of the written file differs from the network by {share:g2} of its largest value: this is a fault of gpucam, "
            + "and the file is not kept; please report it");
    }

    /// <summary>An image of noise, the same for a network and for what was written of it.</summary>
    private sealed class NoiseImages : IDisposable
    {
        public NoiseImages(Execution execution)
        {
            Tensors = [.. execution.Graph.Inputs.Select(input => new Tensor(execution.Device, input.Name, input.Shape))];
            for (int i = 0; i < Tensors.Count; i++)
            {
                var random = new CounterRandom(Seed, RandomPurpose.Weights, (ulong)i);
                Tensors[i].CopyFrom([.. Enumerable.Range(0, Tensors[i].Count).Select(counter => random.Normal((uint)counter))]);
            }
        }

        public IReadOnlyList<Tensor> Tensors { get; }

        public void Dispose()
        {
            foreach (Tensor tensor in Tensors)
            {
                tensor.Dispose();
            }
        }
    }
}
