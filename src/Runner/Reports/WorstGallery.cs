using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Reports;

/// <summary>The images that the last evaluation of a run was worst at, as a page holds them.</summary>
/// <param name="Step">The step of that evaluation.</param>
/// <param name="Maps">The images, each with the map of its true class, and behind it that of the class it was taken for.</param>
/// <param name="HighestLoss">Images, the worst first: indices into those of <paramref name="Maps"/>.</param>
/// <param name="SurestErrors">The same.</param>
/// <param name="LowestIou">The same.</param>
internal sealed record WorstGallery(
    int Step, GalleryData Maps, IReadOnlyList<int> HighestLoss, IReadOnlyList<int> SurestErrors, IReadOnlyList<int> LowestIou)
{
    /// <summary>Reads the files; null where a run has none, such as one that is under way or was made by an earlier version.</summary>
    /// <exception cref="GpuCamException">One is damaged, or a picture is missing.</exception>
    public static WorstGallery? Read(RunFolder folder, ImageBackground background)
    {
        string root = folder.File(WorstRecord.FolderName), file = Path.Combine(root, WorstRecord.FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        WorstRecord record = Parse(file);
        var images = new GalleryImage[record.Images.Count];
        AllCores.For(images.Length, i =>
        {
            WorstImage image = record.Images[i];
            // The list may come from elsewhere; it must not reach for files outside its folder.
            string picture = Path.Combine(root, Path.GetFileName(image.Input));
            images[i] = GalleryFrames.ReadImage(picture, image.Name, background) with { Truth = image.Class };
        });
        GalleryItem[] items = [.. record.Images.SelectMany((image, i) => image.Maps.Select(map => new GalleryItem(
            i, map.Class, GalleryFrame.Corners(image.Box),
            [new GalleryFrame(map.Map, map.Note, GalleryFrame.Corners(map.Box), map.Iou, image.Predicted, map.Probability, image.Loss)])))];
        var maps = new GalleryData(record.BoxThreshold, [new AxisEntry(record.Resize, record.Step)], images, items);
        return new WorstGallery(record.Step, maps, record.HighestLoss, record.SurestErrors, record.LowestIou);
    }

    private static WorstRecord Parse(string file)
    {
        try
        {
            WorstRecord record = RunnerJson.Read<WorstRecord>(File.ReadAllText(file));
            return record is { Format: WorstRecord.CurrentFormat, Images: not null, HighestLoss: not null }
                && record is { SurestErrors: not null, LowestIou: not null }
                && record.Images.All(image => image is { Input: not null, Class: not null, Maps.Count: > 0 })
                && record.HighestLoss.Concat(record.SurestErrors).Concat(record.LowestIou).All(i => i >= 0 && i < record.Images.Count)
                ? record
                : throw new JsonException($"it is no {WorstRecord.CurrentFormat}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{file}: {e.Message.Split(" Path:")[0].TrimEnd('.')}; remove the file, or train again", e);
        }
    }
}
