using System.Diagnostics;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Training;

/// <summary>A network whose features are taken, and where they are kept.</summary>
internal sealed record FeatureSource(Execution Network, string Value, FeatureCache Cache);

/// <summary>
/// Runs pictures once through networks and keeps one value of each. They are decoded once for all networks, ahead of them where a network
/// has a processor of its own. Pictures go in the same batches however often the pass is stopped, so that the bits are the same.
/// </summary>
internal sealed class FeaturePass(
    IReadOnlyList<DataPicture> pictures, IReadOnlyList<FeatureSource> sources, ImageOrientation orientation, Action<string> say)
{
    private const int Batch = 16;
    private static readonly TimeSpan s_word = TimeSpan.FromSeconds(5), s_save = TimeSpan.FromMinutes(1);

    /// <summary>Pictures that ran through the networks in this process.</summary>
    public int Done { get; private set; }

    /// <summary>Seconds that it took.</summary>
    public double Seconds { get; private set; }

    /// <summary>Takes what is missing; false if it was cancelled, with what was done so far in the files.</summary>
    /// <exception cref="GpuCamException">A picture cannot be read.</exception>
    public bool Run(CancellationToken cancellation)
    {
        int[] missing =
        [
            .. Enumerable.Range(0, pictures.Count).Chunk(Batch)
                .Where(batch => batch.Any(i => sources.Any(source => !source.Cache.Has(i)))).SelectMany(batch => batch),
        ];
        int kept = pictures.Count - missing.Length;
        if (kept > 0)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"features {kept:N0} of {pictures.Count:N0} pictures are kept from before"));
        }

        if (missing.Length == 0)
        {
            return true;
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            return Run(missing, start, cancellation);
        }
        finally
        {
            foreach (FeatureSource source in sources)
            {
                source.Cache.Save();
            }

            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private bool Run(int[] missing, long start, CancellationToken cancellation)
    {
        Network network = sources[0].Network.Network;
        var options = new PictureLoaderOptions(network.Preprocessing!, network.Channels, network.Graph.MixesImages ? 1 : Batch)
        {
            Ahead = sources[0].Network.Device is not HostDevice,
            Orientation = orientation,
            ShownSide = 1,
        };
        ListedPicture[] listed = [.. missing.Select(i => new ListedPicture(pictures[i].Path, pictures[i].Id))];
        Classifier[] classifiers = [.. sources.Select(source => new Classifier(source.Network))];
        long word = start, save = start;
        try
        {
            using var loader = new PictureLoader(listed, options);
            while (!cancellation.IsCancellationRequested)
            {
                using PictureBatch? batch = loader.Take(CancellationToken.None);
                if (batch is null)
                {
                    return true;
                }

                Take(batch, missing, classifiers);
                if (Stopwatch.GetElapsedTime(word) >= s_word)
                {
                    word = Stopwatch.GetTimestamp();
                    double speed = Done / Stopwatch.GetElapsedTime(start).TotalSeconds;
                    say(string.Create(CultureInfo.InvariantCulture,
                        $"features {Done:N0} of {missing.Length:N0} pictures, {speed:0} a second, "
                        + $"{(missing.Length - Done) / speed:0} s to go"));
                }

                if (Stopwatch.GetElapsedTime(save) >= s_save)
                {
                    save = Stopwatch.GetTimestamp();
                    foreach (FeatureSource source in sources)
                    {
                        source.Cache.Save();
                    }
                }
            }

            return Done == missing.Length;
        }
        finally
        {
            foreach (Classifier classifier in classifiers)
            {
                classifier.Dispose();
            }
        }
    }

    private void Take(PictureBatch batch, int[] missing, Classifier[] classifiers)
    {
        if (batch.Pictures.FirstOrDefault(picture => picture.Error is not null) is { } bad)
        {
            throw new GpuCamException(bad.Error!);
        }

        var shape = new Shape(batch.Count, batch.Height, batch.Width, batch.Channels);
        for (int s = 0; s < sources.Count; s++)
        {
            if (batch.Pictures.All(picture => sources[s].Cache.Has(missing[picture.Index])))
            {
                continue;
            }

            classifiers[s].Logits(batch.Inputs, shape);
            float[] features = sources[s].Network.Activation(sources[s].Value).ToArray();
            int channels = sources[s].Cache.Channels;
            foreach (LoadedPicture picture in batch.Pictures)
            {
                sources[s].Cache.Set(missing[picture.Index], features.AsSpan(picture.Row * channels, channels));
            }
        }

        Done += batch.Count;
    }
}
