using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Writes samples in the layout of the TensorFlow original: <c>img_1.png</c> to <c>img_N.png</c>, <c>labels.txt</c> with a line
/// <c>index TAB label</c> for each, and <c>boxes.csv</c> where boxes are known.
/// </summary>
public static class ImageFolder
{
    /// <summary>
    /// Writes the samples of a source as such a folder, on all cores. Its labels come last: a folder that was not finished
    /// is never taken for a good one.
    /// </summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="source">What to write, all of it.</param>
    /// <param name="written">Gets the number of images written so far, now and then.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="GpuCamException">The folder cannot be written, or holds something already.</exception>
    public static void Write(string path, ISampleSource source, Action<int>? written = null, CancellationToken cancellation = default)
    {
        using FolderLock held = FolderLock.TryTake(path)
            ?? throw new GpuCamException($"{path}: another gpucam writes there; give a new folder");
        CheckEmpty(path);
        int[] labels = new int[source.Count];
        var boxes = new Box?[source.Count];
        int done = 0;
        AllCores.For(
            source.Count,
            i =>
            {
                float[] image = new float[source.Size * source.Size * source.Channels];
                source.Fill(i, image, out labels[i], out boxes[i], []);
                var picture = Image8.FromFloats(image, source.Size, source.Size, source.Channels);
                PngWriter.WriteFile(ImageFolderFiles.PathOf(path, i + 1), picture);
                int total = Interlocked.Increment(ref done);
                if (total % 1000 == 0)
                {
                    written?.Invoke(total);
                }
            },
            cancellation);
        ImageFolderTables.WriteBoxes(path, boxes);
        ImageFolderTables.WriteLabels(path, labels);
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
}
