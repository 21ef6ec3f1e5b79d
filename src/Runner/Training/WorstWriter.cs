using System.Globalization;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>
/// Draws the images that an evaluation was worst at into a run's folder <c>worst</c>: the image, the map of its true class over it, and
/// that of the class that it was taken for; <c>worst.json</c>, written last, lists them. The ranks of a job take the batches by turns, and
/// rank 0 writes.
/// </summary>
internal sealed class WorstWriter(RankJob job, Execution network, ISampleSource source, TrainSettings settings, RunFolder folder)
    : IDisposable
{
    private const int Batch = 10, MostLetters = 40;
    private readonly ResizeMode _resize = OptionNames.Resize.Parse(settings.Resize);
    private readonly Classifier _classifier = new(network);
    private readonly CamEngine _engine = new(network, OptionNames.Resize.Parse(settings.Resize));
    private readonly ClassTable _classes = new(network.Network.ClassNames);

    private string Root => folder.File(WorstRecord.FolderName);

    /// <summary>Draws them as the network has them after <paramref name="step"/>, in place of those of an earlier evaluation.
    /// Collective.</summary>
    /// <param name="step">Steps trained.</param>
    /// <param name="worst">What to draw; null for nothing, since this is not the last evaluation.</param>
    /// <exception cref="GpuCamException">A file cannot be written.</exception>
    public void Write(int step, WorstImages? worst)
    {
        if (worst is null)
        {
            return;
        }

        job.OnFirst(Clear);
        IReadOnlyList<ImageAnswer> answers = job.Broadcast(worst.Images);
        ImageAnswer[][] batches = [.. answers.Chunk(Batch)];
        var images = new List<WorstImage>();
        for (int first = 0; first < batches.Length; first += job.Size)
        {
            int own = first + job.Rank;
            Made<WorstImage> made = job.Together(() => own < batches.Length ? Draw(batches[own]) : new Made<WorstImage>([], []));
            images.AddRange(MadeFile.WriteAll(job, Root, made));
        }

        job.OnFirst(() => AtomicFile.WriteAllText(Path.Combine(Root, WorstRecord.FileName), RunnerJson.Line(new WorstRecord(
            WorstRecord.CurrentFormat, step, OptionNames.Resize.NameOf(_resize), MapComponents.PaperShare, images,
            Places(worst.HighestLoss), Places(worst.SurestErrors), Places(worst.LowestIou))) + "\n"));

        int[] Places(IReadOnlyList<ImageAnswer> list) =>
            [.. list.Select(answer => answers.Index().First(other => other.Item.Index == answer.Index).Index)];
    }

    public void Dispose()
    {
        _engine.Dispose();
        _classifier.Dispose();
    }

    /// <summary>What an earlier evaluation left, its list first.</summary>
    private void Clear()
    {
        try
        {
            if (Directory.Exists(Root))
            {
                File.Delete(Path.Combine(Root, WorstRecord.FileName));
                foreach (string path in Directory.EnumerateFiles(Root, "*.png").ToArray())
                {
                    File.Delete(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputException.Of($"{Root}: cannot be cleared ({e.Message.TrimEnd('.')}); remove what is in it, then continue with "
                + "--resume", e);
        }
    }

    private Made<WorstImage> Draw(ImageAnswer[] answers)
    {
        int count = answers.Length, area = source.Height * source.Width, length = area * source.Channels;
        float[] images = new float[count * length];
        var boxes = new Box?[count];
        AllCores.For(count, n => source.Fill(answers[n].Index, images.AsSpan(n * length, length), out _, out boxes[n], []));
        float[] logits = _classifier.Logits(images, count).ToArray();
        float[] ofTruth = Maps([.. answers.Select(answer => answer.Label)]);
        float[] ofAnswer = Maps([.. answers.Select(answer => answer.Predicted)]);

        int classes = logits.Length / count;
        var drawn = new WorstImage[count];
        var files = new List<MadeFile>[count];
        AllCores.For(count, n =>
        {
            ImageAnswer answer = answers[n];
            double[] probabilities = Ranking.Softmax(logits.AsSpan(n * classes, classes));
            Image8 picture = source.Shown(answer.Index);
            var pen = new Pen(this, answer, picture, boxes[n]);
            string input = pen.Save("input", picture);
            WorstMap truth = pen.Draw("true", answer.Label, ofTruth.AsSpan(n * area, area), probabilities[answer.Label]);
            WorstMap[] said = answer.Predicted == answer.Label ? []
                : [pen.Draw("predicted", answer.Predicted, ofAnswer.AsSpan(n * area, area), probabilities[answer.Predicted])];
            files[n] = pen.Files;
            drawn[n] = new WorstImage(
                answer.Index, NameOf(source, answer.Index), picture.Width, picture.Height, input, _classes.Label(answer.Label),
                _classes.Label(answer.Predicted), answer.Loss, boxes[n], [truth, .. said]);
        });
        return new Made<WorstImage>(drawn, [.. files.SelectMany(own => own)]);
    }

    private static string NameOf(ISampleSource source, int index) => source is PictureSource pictures
        ? pictures.PictureOf(index).Id : string.Create(CultureInfo.InvariantCulture, $"test image {index}");

    private float[] Maps(int[] classes) => _engine.MapToImage(CamMethods.Usual(_engine), _engine.DefaultLayer, classes).ToArray();

    /// <summary>Draws one image's pictures.</summary>
    private sealed class Pen(WorstWriter writer, ImageAnswer answer, Image8 picture, Box? truth)
    {
        private readonly MapPacker _packer = new(picture.Width, picture.Height, writer._resize);
        private readonly MapComponents _components = new();

        /// <summary>What was drawn so far.</summary>
        public List<MadeFile> Files { get; } = [];

        public string Save(string what, Image8 image)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{answer.Index}_{what}.png");
            Files.Add(MadeFile.Png(name, image));
            return name;
        }

        public WorstMap Draw(string what, int label, ReadOnlySpan<float> map, double probability)
        {
            string name = writer._classes.Label(label);
            Box? box = _components.AboveShareOfMax(map, picture.Width) is [MapComponent largest, ..] ? largest.Box : null;
            var options = new HeatmapOptions
            {
                Caption = string.Create(
                    CultureInfo.InvariantCulture, $"{what} {Commands.Printable.Name(name, MostLetters)} ({probability:0.0 %})"),
                TrueBox = truth,
                PredictedBox = box,
                Background = writer.Background,
            };
            string file = Save($"{what}_{OutsideNames.Class(label, writer.NameOf(label))}", Heatmap.Draw(picture, map, options));
            double? iou = truth is { } t ? box?.IntersectionOverUnion(t) ?? 0 : null;
            return new WorstMap(name, probability, file, _packer.Pack(map), MapRange.Of(map).Explanation, box, iou);
        }
    }

    private ImageBackground Background => settings.ShownBackground;

    private string NameOf(int label) => network.Network.ClassNames[label];
}
