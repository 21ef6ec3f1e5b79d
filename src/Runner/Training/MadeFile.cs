using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>A picture or a map for a run's folder, made by any rank and written by rank 0.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="Stays">Whether one that is there already stays.</param>
internal sealed record MadeFile(string Name, byte[] Bytes, bool Stays = false)
{
    /// <summary>A PNG file.</summary>
    public static MadeFile Png(string name, Image8 image, bool stays = false) =>
        new(name, Written(stream => PngWriter.Write(image, stream)), stays);

    /// <summary>An array of NumPy's, [size, size].</summary>
    public static MadeFile Npy(string name, ReadOnlySpan<float> values, int size)
    {
        float[] copy = values.ToArray();
        return new MadeFile(name, Written(stream => Reports.Npy.Write(stream, copy, [size, size])));
    }

    /// <summary>Writes what this rank and the others have made, on rank 0. Collective.</summary>
    /// <returns>What came with the files: a list of each rank, in their order; empty on others than rank 0.</returns>
    /// <param name="job">The job.</param>
    /// <param name="root">The folder.</param>
    /// <param name="own">What this rank has made, and what is to be said of it.</param>
    public static T[] WriteAll<T>(RankJob job, string root, Made<T> own)
    {
        Made<T>[] all = job.Gather(own) ?? [];
        MadeFile[] files = [.. all.SelectMany(made => made.Files)];
        job.OnFirst(() => AllCores.For(files.Length, i =>
        {
            string path = Path.Combine(root, files[i].Name);
            if (!(files[i].Stays && File.Exists(path)))
            {
                AtomicFile.WriteAllBytes(path, files[i].Bytes, flushed: false);
            }
        }));
        return [.. all.SelectMany(made => made.Entries)];
    }

    private static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }
}

/// <summary>What a rank has made of some images.</summary>
/// <param name="Entries">What the lists of the run's folder say of each.</param>
/// <param name="Files">Their files.</param>
internal sealed record Made<T>(IReadOnlyList<T> Entries, IReadOnlyList<MadeFile> Files);
