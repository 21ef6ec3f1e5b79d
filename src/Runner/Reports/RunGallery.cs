using System.Collections.Concurrent;
using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Reports;

/// <summary>The images of a run, <c>img_1</c> and on, with their maps at every evaluation.</summary>
internal sealed class RunGallery(
    RunFolder folder, IReadOnlyList<int> evaluated, IReadOnlyList<HeatmapEntry> entries, string resize, ImageBackground background)
{
    /// <summary>More text of maps than this makes a page slow to open.</summary>
    public const long MaxMapText = 12_000_000;

    private const int MaxImages = 200;
    private readonly Dictionary<int, HeatmapEntry> _entries = entries.GroupBy(entry => entry.Step)
        .ToDictionary(group => group.Key, group => group.Last());

    /// <summary>What was left out.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Reads the files on all cores; null when there are no maps.</summary>
    public GalleryData? Read()
    {
        int count = 0;
        while (count < MaxImages && File.Exists(Input(count + 1)))
        {
            count++;
        }

        int[] steps = count == 0 ? [] : [.. Steps()];
        if (steps.Length == 0)
        {
            return null;
        }

        if (File.Exists(Input(count + 1)))
        {
            Notes.Add($"The gallery holds the first {count} images.");
        }

        GalleryImage[] images =
            [.. Enumerable.Range(1, count).Select(number => GalleryFrames.ReadImage(Input(number), $"img_{number}", background))];
        steps = Thin(steps, images);

        var items = new GalleryItem[count];
        var readers = new ConcurrentBag<GalleryFrames>();
        AllCores.For(count, i =>
        {
            if (!readers.TryTake(out GalleryFrames? reader))
            {
                reader = Reader(images[0]);
            }

            items[i] = Item(i, steps, reader);
            readers.Add(reader);
        });

        return new GalleryData(MapComponents.PaperShare, [.. steps.Select(step => new AxisEntry(resize, step))], images, items);
    }

    private GalleryFrames Reader(GalleryImage image) =>
        new(image.Width, image.Height, OptionNames.Resize.Parse(resize), MapComponents.PaperShare);

    private GalleryItem Item(int index, int[] steps, GalleryFrames reader)
    {
        HeatmapImage? last = Answer(steps[^1], index);
        var frames = new GalleryFrame?[steps.Length];
        for (int i = 0; i < frames.Length; i++)
        {
            string path = Map(index + 1, steps[i]);
            if (!File.Exists(path))
            {
                continue;
            }

            HeatmapImage? answer = Answer(steps[i], index);
            frames[i] =
                reader.Read(path, last?.Box) with { Predicted = answer?.Predicted, Probability = answer?.Probability, Loss = answer?.Loss };
        }

        return new GalleryItem(index, last?.Class ?? "", GalleryFrame.Corners(last?.Box), frames);
    }

    private HeatmapImage? Answer(int step, int index) =>
        _entries.TryGetValue(step, out HeatmapEntry? entry) && index < entry.Images.Count ? entry.Images[index] : null;

    /// <summary>Steps that have maps; where the run has metrics, only those that were evaluated to the end.</summary>
    private IEnumerable<int> Steps()
    {
        IEnumerable<int> drawn = Directory.EnumerateFiles(folder.ImageFolder(1), "cam_*.npy")
            .Select(path => int.TryParse(Path.GetFileNameWithoutExtension(path)["cam_".Length..], NumberStyles.None,
                CultureInfo.InvariantCulture, out int step) ? step : -1)
            .Where(step => step >= 0);
        return (evaluated.Count == 0 ? drawn : drawn.Intersect(evaluated)).Order();
    }

    /// <summary>Evenly spaced steps, first and last included, so that the page does not grow beyond <see cref="MaxMapText"/>.</summary>
    private int[] Thin(int[] steps, GalleryImage[] images)
    {
        long text = Reader(images[0]).Read(Map(1, steps[^1]), null).Map.Q?.Length ?? 0;
        int most = (int)Math.Max(2, MaxMapText / (images.Length * (text + 200)));
        if (steps.Length <= most)
        {
            return steps;
        }

        Notes.Add($"The slider holds {most} of {steps.Length} evaluations, evenly spaced.");
        return [.. Enumerable.Range(0, most).Select(i => steps[(int)((long)i * (steps.Length - 1) / (most - 1))])];
    }

    private string Input(int number) => Path.Combine(folder.ImageFolder(number), "input.png");

    private string Map(int number, int step) =>
        Path.Combine(folder.ImageFolder(number), string.Create(CultureInfo.InvariantCulture, $"cam_{step}.npy"));
}
