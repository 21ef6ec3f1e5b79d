using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.BrowserTests;

/// <summary>A run folder with the files that a report reads, of any size and with any names, without the training.</summary>
internal sealed class MadeUpRun
{
    public const int Size = 100, MapSize = 25, Every = 100;
    private readonly BilinearInverse _resize;

    public MadeUpRun(
        string folder, int images, int steps, string resize = "half-pixel", Func<string, string>? text = null, int classes = 5)
    {
        text ??= plain => plain;
        Folder = folder;
        Images = images;
        Steps = steps;
        ClassNames = [.. Enumerable.Range(0, classes).Select(i => text($"class {i}"))];
        _resize = new BilinearInverse(new ResizeAxis(MapSize, Size, resize == "legacy" ? 0 : 1));
        var run = new RunFolder(folder);
        File.WriteAllText(run.RunJson, RunnerJson.Pretty(new RunRecord
        {
            Format = RunRecord.CurrentFormat, Version = "0.1.0", Build = text("ILGPU 1.5.3"), Device = text("host"),
            Samples = text("samples"),
            Command = text("gpucam train"), Started = DateTimeOffset.UnixEpoch,
            Settings = new TrainSettings { Preset = text("quick"), Resize = resize, Data = text("data") },
        }));
        for (int i = 0; i < images; i++)
        {
            WriteImage(run, i);
        }

        for (int s = 0; s < steps; s++)
        {
            WriteEvaluation(run, s);
        }

        WriteConfusion(run);
        WriteWorst(run);
    }

    public string Folder { get; }

    public int Images { get; }

    public int Steps { get; }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The true box of image <paramref name="i"/>.</summary>
    public static Box BoxOf(int i) => new(10 + (i % 60), 20, 29 + (i % 60), 45);

    /// <summary>
    /// The loss of image <paramref name="i"/> in the end: neither in the order of the images nor in that of their overlaps.
    /// </summary>
    public static double LossOf(int i) => ((i * 7) % 11) + (i * 0.001);

    public static string MapFile(string folder, int image, int step) => Path.Combine(folder, $"img_{image + 1}", $"cam_{step * Every}.npy");

    /// <summary>A hill that wanders to the middle of the true box while a run goes on, and a hollow.</summary>
    private float[] Map(int image, int step)
    {
        Box box = BoxOf(image);
        double late = (step + 1.0) / Steps;
        double cx = 50 + (late * (((box.X0 + box.X1) / 2.0) - 50)) + (3 * (image % 7)), cy = 50 + (late * (((box.Y0 + box.Y1) / 2.0) - 50));
        double[,] small = new double[MapSize, MapSize];
        for (int y = 0; y < MapSize; y++)
        {
            for (int x = 0; x < MapSize; x++)
            {
                small[y, x] = (900 * Math.Exp(-(Math.Pow((4 * x) + 2 - cx, 2) + Math.Pow((4 * y) + 2 - cy, 2)) / 250)) - (
                    120 * Math.Exp(-(x + y) / 6.0)) + Math.Sin(x * y);
            }
        }

        return Enlarge(small);
    }

    private float[] Enlarge(double[,] small)
    {
        double[,] wide = new double[MapSize, Size];
        double[] line = new double[MapSize], longLine = new double[Size];
        for (int y = 0; y < MapSize; y++)
        {
            for (int x = 0; x < MapSize; x++)
            {
                line[x] = small[y, x];
            }

            _resize.Enlarge(line, longLine);
            for (int x = 0; x < Size; x++)
            {
                wide[y, x] = longLine[x];
            }
        }

        float[] map = new float[Size * Size];
        for (int x = 0; x < Size; x++)
        {
            for (int y = 0; y < MapSize; y++)
            {
                line[y] = wide[y, x];
            }

            _resize.Enlarge(line, longLine);
            for (int y = 0; y < Size; y++)
            {
                map[(y * Size) + x] = (float)longLine[y];
            }
        }

        return map;
    }

    /// <summary>
    /// Ten mistakes of class 2, of which eight are taken for class 0; and one of each other class but the last. Of many classes most have
    /// few images.
    /// </summary>
    private void WriteConfusion(RunFolder run)
    {
        var counts = new Classification(ClassNames.Count);
        float[] logits = new float[ClassNames.Count];
        for (int label = 0; label < ClassNames.Count - 1; label++)
        {
            for (int i = 0; i < (label < 100 ? 90 + label : 12); i++)
            {
                bool wrong = i < (label == 2 ? 10 : 1);
                int predicted = !wrong ? label : label == 2 && i >= 2 ? 0 : label + 1;
                logits[predicted] = 1;
                counts.Add(logits, label);
                logits[predicted] = 0;
            }
        }

        IEnumerable<int> all = Enumerable.Range(0, ClassNames.Count);
        EvaluationRecord.Write(run, (Steps - 1) * Every, ClassNames, new EvaluationResult
        {
            Images = (int)counts.Count, Accuracy = counts.Accuracy, Loss = 0.3, ImagesPerSecond = 1000, Maps = [],
            ClassAccuracy = [.. all.Select(counts.AccuracyOf)],
            ClassImages = [.. all.Select(counts.CountOf)],
            Mistakes = Mistakes.Of(counts),
            Confusion = ClassNames.Count > EvaluationResult.MostInMatrix
                ? null : [.. all.Select(label => (long[])[.. all.Select(predicted => counts.Confusion(label, predicted))])],
        });
    }

    /// <summary>The images of the gallery, each a mistake but the first, at their last step.</summary>
    private void WriteWorst(RunFolder run)
    {
        string root = run.File(WorstRecord.FolderName);
        var packer = new MapPacker(Size, Size, ResizeMode.HalfPixel);
        var images = new WorstImage[Math.Min(4, Images)];
        for (int i = 0; i < images.Length; i++)
        {
            (string truth, string said) = (ClassNames[2], i == 0 ? ClassNames[2] : ClassNames[i % 2]);
            string input = $"{i}_input.png";
            Directory.CreateDirectory(root);
            File.Copy(Path.Combine(run.ImageFolder(i + 1), "input.png"), Path.Combine(root, input));
            WorstMap map = new(truth, 0.1, $"{i}_true.png", packer.Pack(Map(i, Steps - 1)), null, BoxOf(i), 0.2 * i);
            WorstMap other = new(said, 0.8, $"{i}_predicted.png", packer.Pack(Map(i, 0)), null, null, 0);
            IReadOnlyList<WorstMap> maps = i == 0 ? [map] : [map, other];
            images[i] = new WorstImage(i, $"test image {i}", Size, Size, input, truth, said, 3 - i, BoxOf(i), maps);
        }

        int[] all = [.. Enumerable.Range(0, images.Length)];
        AtomicFile.WriteAllText(Path.Combine(root, WorstRecord.FileName), RunnerJson.Line(new WorstRecord(
            WorstRecord.CurrentFormat, (Steps - 1) * Every, "half-pixel", 0.2f, images, all, all[1..], all)));
    }

    private void WriteImage(RunFolder run, int i)
    {
        var picture = new Image8(Size, Size);
        Box box = BoxOf(i);
        picture.FillRectangle(box.X0, box.Y0, box.Width, box.Height, Rgb.FromGrey(220));
        picture.FillRectangle(70, 80, 8, 8, Rgb.FromGrey(150));
        PngWriter.WriteFile(Path.Combine(run.ImageFolder(i + 1), "input.png"), picture);
        for (int s = 0; s < Steps; s++)
        {
            Npy.WriteFile(MapFile(Folder, i, s), Map(i, s), [Size, Size]);
        }
    }

    private void WriteEvaluation(RunFolder run, int s)
    {
        int step = s * Every;
        double done = (s + 1.0) / Steps;
        RunFolder.Append(run.Metrics, RunnerJson.Line(new
        {
            Step = step,
            Images = 64L * step,
            Canvas = Size,
            LearningRate = 0.01 * (1 - done),
            TrainLoss = s == 0 ? (double?)null : 2 * (1.01 - done),
            TrainAccuracy = s == 0 ? (double?)null : done,
            TestImages = 500,
            TestLoss = 2.3 * (1.05 - done),
            TestAccuracy = 0.9 * done,
            GtKnown = 0.8 * done,
            MaxBoxAcc = 0.85 * done,
            PointingGame = 0.95 * done,
        }));
        RunFolder.Append(run.Timing, RunnerJson.Line(new
        {
            Step = step,
            Seconds = s * 1.5,
            ImagesPerSecond = 4000.5 + s,
            TestImagesPerSecond = 2000.5,
            PeakMemoryMib = 200
        }));
        RunFolder.Append(run.Heatmaps, RunnerJson.Line(new HeatmapEntry(step, [.. Enumerable.Range(0, Images).Select(i =>
            new HeatmapImage(
                ClassNames[(i * 2) % 5], ClassNames[i % 4 == 0 ? 1 : (i * 2) % 5], 0.5 + (done / 3), LossOf(i) / done, BoxOf(i)))])));
    }
}
