using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Data;

/// <summary>
/// Writes samples in the layout of the TensorFlow original: <c>img_1.png</c> to <c>img_N.png</c>, <c>labels.txt</c> with a line
/// <c>index TAB label</c> for each, and <c>boxes.csv</c> where boxes are known.
/// </summary>
public static class ImageFolder
{
    // So many images are written at once: the rest waits for the slowest of them, and no rank of a job has many more than another.
    private const int Batch = 64;

    /// <summary>
    /// Writes the samples of a source as such a folder, on all cores of all ranks. Its labels come last: a folder that was not finished
    /// is never taken for a good one.
    /// </summary>
    /// <param name="job">Who writes: all ranks see the folder.</param>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="source">What to write, all of it.</param>
    /// <param name="written">Gets the number of images written so far, now and then.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="GpuCamException">The folder cannot be written, or holds something already.</exception>
    internal static void Write(
        RankJob job, string path, ISampleSource source, Action<long>? written = null, CancellationToken cancellation = default)
    {
        job.CheckShared(path);
        using FolderLock? held = job.Together(() => job.IsFirst ? Take(path) : null);
        var parts = new List<Part>();
        new RankTurns(job, (source.Count + Batch - 1) / Batch) { Done = written }.Run(
            turn =>
            {
                int first = turn * Batch, count = Math.Min(Batch, source.Count - first);
                var part = new Part(new int[count], new Box?[count]);
                parts.Add(part);
                AllCores.For(
                    count,
                    i =>
                    {
                        float[] image = new float[source.Height * source.Width * source.Channels];
                        source.Fill(first + i, image, out part.Labels[i], out part.Boxes[i], []);
                        var picture = Image8.FromFloats(image, source.Width, source.Height, source.Channels);
                        PngWriter.WriteFile(ImageFolderFiles.PathOf(path, first + i + 1), picture);
                    },
                    cancellation);
                return new Turn(count);
            },
            cancellation);
        IReadOnlyList<Part>? all = RankTurns.InOrder(job, parts);
        job.OnFirst(() =>
        {
            ImageFolderTables.WriteBoxes(path, [.. all!.SelectMany(part => part.Boxes)]);
            ImageFolderTables.WriteLabels(path, [.. all!.SelectMany(part => part.Labels)]);
        });
    }

    /// <summary>
    /// Throws a <see cref="GpuCamException"/> when there is something at <paramref name="path"/> that writing would mix with.
    /// </summary>
    public static void CheckEmpty(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path)
            && Directory.EnumerateFileSystemEntries(path).Any(entry => Path.GetFileName(entry) != FolderLock.FileName)))
        {
            throw new GpuCamException($"{path}: exists and is not an empty folder; give a new one");
        }
    }

    private static FolderLock Take(string path)
    {
        FolderLock held = FolderLock.TryTake(path)
            ?? throw new GpuCamException($"{path}: another gpucam writes there; give a new folder");
        try
        {
            CheckEmpty(path);
            return held;
        }
        catch (GpuCamException)
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>What is known of a batch.</summary>
    private sealed record Part(int[] Labels, Box?[] Boxes);
}
