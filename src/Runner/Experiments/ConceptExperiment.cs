using System.Globalization;
using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Experiments;

/// <summary>How concepts are learned and shown.</summary>
/// <param name="Penalty">λ of the logistic regression.</param>
/// <param name="Least">Pictures with a concept, and without it, that are needed on either side of the split.</param>
/// <param name="Top">Pictures to draw for each.</param>
/// <param name="Seed">Seed of the split.</param>
internal sealed record ConceptOptions(double Penalty, int Least, int Top, ulong Seed);

/// <summary>
/// Concept localisation (arXiv 1512.04150, section 4.2): for every concept a linear head on pooled features that tells pictures with it
/// from all others, and with the head's weights the map of what belongs to it. Heads are trained with image labels alone. The ranks of a
/// job share first the pictures, then the concepts, each of which is learned and drawn by itself.
/// </summary>
internal sealed class ConceptExperiment(
    RankJob job, IDevice device, NetworkRequest request, ConceptTable table, ImageOrientation orientation, ConceptOptions options,
    Action<string> report)
{
    private const double TrainShare = 0.7;

    /// <summary>Learns the concepts, and writes their pictures into <paramref name="folder"/>.</summary>
    /// <returns>What was found, on rank 0; null on others.</returns>
    public ConceptResults? Run(string model, string tableName, string folder)
    {
        var shuffled = new RandomPermutation(table.Pictures.Count, options.Seed, RandomPurpose.PictureSplit, 0);
        int[] order = [.. Enumerable.Range(0, table.Pictures.Count).Select(i => shuffled[i])];
        int trained = (int)Math.Round(TrainShare * order.Length);
        (int[] train, int[] test) = ([.. order[..trained].Order()], [.. order[trained..].Order()]);
        int[] kept = [.. Enumerable.Range(0, table.Concepts.Count).Where(c => IsEnough(train, c) && IsEnough(test, c))];
        if (kept.Length == 0)
        {
            throw new GpuCamException($"{tableName}: no concept has {options.Least} pictures with it and as many without among those to "
                + $"learn from ({train.Length}) and those to test on ({test.Length}); give more pictures, or a smaller --least");
        }

        string[] names = [.. kept.Select(c => table.Concepts[c])];
        using Execution network = NetworkLoader.Load(request with { Head = null }, device, body =>
        {
            PooledFeatures.LayerOf(body);
            Value features = HeadNetwork.FeaturesOf(body);
            int length = names.Length * features.Shape.C;
            return HeadNetwork.Attach(body, features, names, new HeadWeights(new float[length], new float[names.Length]));
        });
        var source = PictureSource.For(table.Pictures, network.Network, orientation, tableName);
        report($"features of {table.Pictures.Count} pictures");
        var all = PooledFeatures.Of(job, network, source, int.MaxValue);
        LabelledFeatures features = all.By(network.Network.Tail!.Pooling);
        HeadWeights head = Learn(features, train, kept);
        HeadNetwork.SetHead(network, head);

        using var pen = new ConceptPictures(network, source);
        int channels = features.Channels;
        float[][] logits = [.. test.Select(n => head.Logits(features.Features.AsSpan(n * channels, channels)))];
        var results = new List<ConceptResult>();
        for (int first = 0; first < kept.Length; first += job.Size)
        {
            int own = first + job.Rank;
            Drawn? drawing = job.Together(() => own < kept.Length ? Draw(own) : null);
            Drawn?[]? drawn = job.Gather(drawing);
            job.OnFirst(() =>
            {
                foreach (Drawn concept in drawn!.OfType<Drawn>())
                {
                    AtomicFile.WriteAllBytes(Path.Combine(folder, concept.Result.Picture), concept.Png, flushed: false);
                    results.Add(concept.Result);
                }
            });
        }

        return !job.IsFirst ? null : new ConceptResults(
            ConceptResults.CurrentFormat, model, DeviceCatalog.NameOf(device.Precision), tableName,
            PooledFeatures.LayerOf(network.Network).Name, train.Length, test.Length, results.Average(result => result.AveragePrecision),
            results, [.. table.Concepts.Except(names)]);

        Drawn Draw(int own)
        {
            int concept = kept[own];
            double[] scores = [.. logits.Select(row => (double)row[own])];
            bool[] has = [.. test.Select(n => table.Of[n].Contains(concept))];
            int[] ranked = [.. Enumerable.Range(0, test.Length).OrderByDescending(t => scores[t]).ThenBy(t => t)];
            int[] top = [.. ranked.Take(options.Top)];
            double precision = AveragePrecision([.. ranked.Select(t => has[t])]);
            double chance = has.Average(h => h ? 1.0 : 0);
            string title = string.Create(
                CultureInfo.InvariantCulture, $"{names[own]}: average precision {precision:0.0 %}, by chance {chance:0.0 %}");
            (byte[] png, Box?[] boxes) = pen.Draw(own, title, [.. top.Select(t => (test[t], has[t], 1 / (1 + Math.Exp(-scores[t]))))]);
            return new Drawn(png, new ConceptResult(
                names[own], train.Count(n => table.Of[n].Contains(concept)), has.Count(h => h), precision,
                $"{OutsideNames.Class(own, names[own])}.png",
                [.. top.Select((t, at) => new ConceptPicture(
                    table.Pictures[test[t]].Id, 1 / (1 + Math.Exp(-scores[t])), has[t], boxes[at]))]));
        }
    }

    /// <summary>
    /// Mean over those that have it of the share that has it among all as high or higher: 1 where they all come first.
    /// </summary>
    public static double AveragePrecision(IReadOnlyList<bool> ranked)
    {
        double sum = 0;
        int hits = 0;
        for (int i = 0; i < ranked.Count; i++)
        {
            if (ranked[i])
            {
                hits++;
                sum += (double)hits / (i + 1);
            }
        }

        return hits == 0 ? 0 : sum / hits;
    }

    private bool IsEnough(int[] pictures, int concept)
    {
        int with = pictures.Count(n => table.Of[n].Contains(concept));
        return with >= options.Least && pictures.Length - with >= options.Least;
    }

    /// <summary>One against the rest, each on its own: the logit of yes less that of no.</summary>
    private HeadWeights Learn(LabelledFeatures features, int[] train, int[] kept)
    {
        report($"{kept.Length} heads");
        int channels = features.Channels, each = channels + 1;
        float[] learned = features.Of(train).Features;
        var own = new List<float>();
        new RankTurns(job, kept.Length).Run(i =>
        {
            int[] labels = [.. train.Select(n => table.Of[n].Contains(kept[i]) ? 1 : 0)];
            var regression = new LogisticRegression(learned, labels, 2) { Threads = AllCores.Count };
            double[] parameters = new double[regression.Length];
            regression.Fit(parameters, options.Penalty);
            HeadWeights both = regression.Fold(parameters);
            for (int k = 0; k < channels; k++)
            {
                own.Add(both.Weight[channels + k] - both.Weight[k]);
            }

            own.Add(both.Bias[1] - both.Bias[0]);
            return new Turn(1);
        });
        float[] all = RankTurns.Everywhere<float>(job, CollectionsMarshal.AsSpan(own), each);
        return new HeadWeights(
            [.. Enumerable.Range(0, kept.Length).SelectMany(i => all[(i * each)..((i * each) + channels)])],
            [.. Enumerable.Range(0, kept.Length).Select(i => all[(i * each) + channels])]);
    }

    /// <summary>The picture of a concept, and what is said of it.</summary>
    private sealed record Drawn(byte[] Png, ConceptResult Result);
}
