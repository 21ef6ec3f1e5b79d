using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>A network whose features are taken, and where they are kept: on rank 0, null on others.</summary>
internal sealed record FeatureSource(Execution Network, string Value, FeatureCache? Cache);

/// <summary>
/// Runs pictures once through networks and keeps one value of each. They are decoded once for all networks, ahead of them where a network
/// has a processor of its own. Pictures go in the same batches however often the pass is stopped and however many ranks take them by turns,
/// so that the bits are the same. After each batch rank 0 gets what all have, and all learn whether to go on.
/// </summary>
internal sealed class FeaturePass(
    RankJob job, IReadOnlyList<DataPicture> pictures, IReadOnlyList<FeatureSource> sources, ImageOrientation orientation,
    Action<string> say)
{
    private const int Batch = 16;
    private static readonly TimeSpan s_word = TimeSpan.FromSeconds(5), s_save = TimeSpan.FromMinutes(1);

    private enum Course
    {
        GoesOn,
        Complete,
        Stopped,
    }

    /// <summary>Pictures that ran through the networks, as far as this process knows: all of them on rank 0.</summary>
    public int Done { get; private set; }

    /// <summary>Seconds that it took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Takes what is missing; false if it was cancelled, with what was done so far in the files. Collective.</summary>
    /// <exception cref="GpuCamException">A picture cannot be read.</exception>
    public bool Run(CancellationToken cancellation)
    {
        bool[][] known = job.Broadcast<bool[][]>(
            [.. sources.Select(source => pictures.Select((_, i) => source.Cache?.Has(i) ?? false).ToArray())]);
        int[][] missing = [.. Enumerable.Range(0, pictures.Count).Chunk(Batch).Where(batch => batch.Any(i => known.Any(of => !of[i])))];
        int all = missing.Sum(batch => batch.Length), kept = pictures.Count - all;
        if (kept > 0)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"features {kept:N0} of {pictures.Count:N0} pictures are kept from before"));
        }

        if (all == 0)
        {
            return true;
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            return Run([.. job.Own(missing.Length).SelectMany(batch => missing[batch])], known, all, start, cancellation);
        }
        finally
        {
            Save();
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private bool Run(int[] own, bool[][] known, int all, long start, CancellationToken cancellation)
    {
        Network network = sources[0].Network.Network;
        var options = new PictureLoaderOptions(network.Preprocessing!, network.Channels, network.Graph.MixesImages ? 1 : Batch)
        {
            Ahead = sources[0].Network.Device is not HostDevice,
            Orientation = orientation,
            ShownSide = 1,
        };
        ListedPicture[] listed = [.. own.Select(i => new ListedPicture(pictures[i].Path, pictures[i].Id))];
        Classifier[] classifiers = [.. sources.Select(source => new Classifier(source.Network))];
        long word = start, save = start;
        try
        {
            using var loader = new PictureLoader(listed, options);
            Course course = Course.GoesOn;
            while (course == Course.GoesOn)
            {
                byte[] taken = job.Together(() => Take(loader, own, known, classifiers, cancellation));
                byte[][]? messages = job.Communicator.Gather(taken);
                course = job.Broadcast(messages is null ? default : Keep(messages, all));
                if (Stopwatch.GetElapsedTime(word) >= s_word)
                {
                    word = Stopwatch.GetTimestamp();
                    double speed = Done / Stopwatch.GetElapsedTime(start).TotalSeconds;
                    say(string.Create(CultureInfo.InvariantCulture,
                        $"features {Done:N0} of {all:N0} pictures, {speed:0} a second, {(all - Done) / speed:0} s to go"));
                }

                if (Stopwatch.GetElapsedTime(save) >= s_save)
                {
                    save = Stopwatch.GetTimestamp();
                    Save();
                }
            }

            return course == Course.Complete;
        }
        finally
        {
            foreach (Classifier classifier in classifiers)
            {
                classifier.Dispose();
            }
        }
    }

    private void Save()
    {
        foreach (FeatureSource source in sources)
        {
            source.Cache?.Save();
        }
    }

    /// <summary>
    /// The features of the next batch, for rank 0: whether to stop, whether this was the last, the number of pictures, and for each network
    /// that they are new to, its number, and of each picture its number and its features.
    /// </summary>
    private byte[] Take(PictureLoader loader, int[] own, bool[][] known, Classifier[] classifiers, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        using PictureBatch? batch = cancellation.IsCancellationRequested ? null : loader.Take(CancellationToken.None);
        writer.Write(cancellation.IsCancellationRequested);
        writer.Write(batch is null);
        writer.Write(batch?.Count ?? 0);
        if (batch is not null)
        {
            Take(batch, own, known, classifiers, writer);
        }

        return stream.ToArray();
    }

    private void Take(PictureBatch batch, int[] own, bool[][] known, Classifier[] classifiers, BinaryWriter writer)
    {
        if (batch.Pictures.FirstOrDefault(picture => picture.Error is not null) is { } bad)
        {
            throw new GpuCamException(bad.Error!);
        }

        var shape = new Shape(batch.Count, batch.Height, batch.Width, batch.Channels);
        for (int s = 0; s < sources.Count; s++)
        {
            if (batch.Pictures.All(picture => known[s][own[picture.Index]]))
            {
                continue;
            }

            classifiers[s].Logits(batch.Inputs, shape);
            float[] features = sources[s].Network.Activation(sources[s].Value).ToArray();
            int channels = features.Length / batch.Count;
            writer.Write(s);
            foreach (LoadedPicture picture in batch.Pictures)
            {
                writer.Write(own[picture.Index]);
                writer.Write(MemoryMarshal.AsBytes(features.AsSpan(picture.Row * channels, channels)));
            }
        }
    }

    /// <summary>Keeps, on rank 0, what the ranks have taken, and says how it goes on.</summary>
    private Course Keep(byte[][] messages, int all)
    {
        bool stops = false, ended = true;
        foreach (byte[] message in messages)
        {
            using var stream = new MemoryStream(message);
            using var reader = new BinaryReader(stream);
            stops |= reader.ReadBoolean();
            ended &= reader.ReadBoolean();
            int count = reader.ReadInt32();
            Done += count;
            while (stream.Position < stream.Length)
            {
                FeatureCache cache = sources[reader.ReadInt32()].Cache!;
                float[] features = new float[cache.Channels];
                for (int n = 0; n < count; n++)
                {
                    int picture = reader.ReadInt32();
                    stream.ReadExactly(MemoryMarshal.AsBytes(features.AsSpan()));
                    cache.Set(picture, features);
                }
            }
        }

        return Done == all || ended && !stops ? Course.Complete : stops ? Course.Stopped : Course.GoesOn;
    }
}
