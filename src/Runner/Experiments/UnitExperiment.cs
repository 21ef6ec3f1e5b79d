using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// Class-specific units (arXiv 1512.04150, section 5): the channels of the pooled layer, ranked by a class's weights, with the images
/// and the regions that excite each most: the receptive field of the strongest cell, or where that is as large as the image, what lies
/// above half of the unit's maximum around that cell.
/// </summary>
internal sealed class UnitExperiment : IDisposable
{
    private const int Batch = 50;
    private const float Half = 0.5f;
    private readonly RankJob _job;
    private readonly Execution _network;
    private readonly ISampleSource _source;
    private readonly int _class;
    private readonly Classifier _classifier;
    private readonly string _layer;
    private readonly ReceptiveField _field;
    private readonly Unit[] _units;
    private readonly List<Part> _parts = [];

    /// <summary>
    /// The <paramref name="units"/> units with the largest weights of class <paramref name="classIndex"/>, each with its
    /// <paramref name="top"/> images.
    /// </summary>
    public UnitExperiment(RankJob job, Execution network, ISampleSource source, int classIndex, int units, int top)
    {
        _job = job;
        _network = network;
        _source = source;
        _class = classIndex;
        _classifier = new Classifier(network);
        _layer = network.Network.DefaultValue!.Name;
        _field = ReceptiveField.Of(network.Graph, _layer);
        float[] ofClass = WeightsOf(network, classIndex);
        _units = [.. Ranking.Top(ofClass, units).Select(k => new Unit(k, ofClass[k], top))];
    }

    /// <summary>How many units there are.</summary>
    /// <exception cref="GpuCamException">No linear layer weights them.</exception>
    public static int CountOf(Network network) => network.Tail is { Classifier: not null, Features: var features }
        ? features.Shape.C
        : throw new GpuCamException("units are ranked by the weights of a linear layer behind a global pooling, and this network ends in "
            + $"{network.Ending}; give one with such a layer");

    /// <summary>Weights of a class; one logit stands for class 1, and turned round for class 0.</summary>
    private static float[] WeightsOf(Execution network, int classIndex)
    {
        int units = CountOf(network.Network), classes = network.Network.LogitCount;
        string name = network.Network.Tail!.Classifier!.Name;
        float[] weight = network.Parameters.Single(parameter => parameter.Name == name).Value.ToArray();
        int column = classes == 1 ? 0 : classIndex, sign = classes == 1 && classIndex == 0 ? -1 : 1;
        return [.. Enumerable.Range(0, units).Select(k => sign * weight[(k * classes) + column])];
    }

    /// <summary>Looks through the first <paramref name="count"/> samples, which ranks share.</summary>
    /// <returns>What was found, on rank 0; null on others.</returns>
    public UnitResults? Run(int count, string model, string picture)
    {
        count = Math.Min(count, _source.Count);
        RankedPass.Over(_job, _source, count, Batch, batch => _parts.Add(Look(batch)));
        IReadOnlyList<Part>? parts = RankTurns.InOrder(_job, _parts);
        Candidate[][][]? best = _job.Gather(_units.Select(unit => unit.Best.ToArray()).ToArray());
        if (parts is null || best is null)
        {
            return null;
        }

        bool[] inClass = [.. parts.SelectMany(part => part.InClass)];
        IReadOnlyList<string> names = _network.Network.ClassNames;
        return new UnitResults(
            UnitResults.CurrentFormat, model, DeviceCatalog.NameOf(_network.Device.Precision), names[_class], _layer, _field,
            IsWide ? Half : null, count, picture,
            [.. _units.Select((unit, u) =>
            {
                unit.Merge(best.SelectMany(rank => rank[u]));
                float[] features = [.. parts.SelectMany(part => part.Features[u])];
                return unit.Result(_class, names, Mean(features, inClass, of: true), Mean(features, inClass, of: false), _source);
            })]);
    }

    public void Dispose() => _classifier.Dispose();

    /// <summary>Whether a cell depends on all of an image, so that its receptive field says nothing of where it looks.</summary>
    private bool IsWide => _field.Size >= Math.Max(_source.Height, _source.Width);

    private Part Look(SampleBatch batch)
    {
        _classifier.Logits(batch.UsedImages, batch.Count);
        float[] maps = _network.Activation(_layer).ToArray();
        float[] features = _network.Activation(_network.Network.PooledName).ToArray();
        (_, int height, int width, int channels) = _network.Activation(_layer).Shape;
        for (int n = 0; n < batch.Count; n++)
        {
            foreach (Unit unit in _units)
            {
                float[] map = new float[height * width];
                for (int p = 0; p < map.Length; p++)
                {
                    map[p] = maps[(((n * map.Length) + p) * channels) + unit.Channel];
                }

                int best = Ranking.IndexOfMax(map);
                if (unit.PlaceOf(map[best]) is { } place)
                {
                    Box region = IsWide ? Region(map, height, width) : _field.At(best % width, best / width);
                    unit.Keep(place, new Candidate(map[best], batch.Indices[n], batch.Labels[n], region, batch.Boxes[n]));
                }
            }
        }

        int[] images = [.. Enumerable.Range(0, batch.Count)];
        return new Part(
            [.. images.Select(n => batch.Labels[n] == _class)],
            [.. _units.Select(unit => images.Select(n => features[(n * channels) + unit.Channel]).ToArray())]);
    }

    /// <summary>Mean over the images of the class, or over all others; null if there are none.</summary>
    private static double? Mean(float[] features, bool[] inClass, bool of)
    {
        double[] some = [.. features.Where((_, n) => inClass[n] == of).Select(feature => (double)feature)];
        return some.Length > 0 ? some.Sum() / some.Length : null;
    }

    /// <summary>
    /// The box around what lies above half of the maximum and touches it, of the map enlarged to the image; all of it where nothing does.
    /// </summary>
    private Box Region(float[] map, int height, int width)
    {
        (int wide, int high) = (_source.Width, _source.Height);
        float[] large = new PictureGeometry(wide, high, wide, high, wide, high, 0, 0).MapToPicture(map, height, width);
        int top = Ranking.IndexOfMax(large);
        return new MapComponents().AboveShareOfMax(large, wide, Half).Select(component => (Box?)component.Box)
            .FirstOrDefault(box => box!.Value.Contains(top % wide, top / wide)) ?? new Box(0, 0, wide - 1, high - 1);
    }

    private sealed record Candidate(float Activation, int Image, int Label, Box Region, Box? Truth);

    /// <summary>A batch's pooled features, by unit, and which of its images are of the class.</summary>
    private sealed record Part(bool[] InClass, float[][] Features);

    private sealed class Unit(int channel, float weight, int top)
    {
        private readonly List<Candidate> _best = [];

        public int Channel => channel;

        /// <summary>The images that excite it most, the first one most.</summary>
        public IReadOnlyList<Candidate> Best => _best;

        /// <summary>Where an image belongs among the best, of equals behind the earlier one; null where it does not.</summary>
        public int? PlaceOf(float activation)
        {
            int place = _best.FindIndex(other => activation > other.Activation);
            place = place < 0 ? _best.Count : place;
            return place < top ? place : null;
        }

        /// <summary>Keeps an image at its place.</summary>
        public void Keep(int place, Candidate candidate)
        {
            _best.Insert(place, candidate);
            if (_best.Count > top)
            {
                _best.RemoveAt(top);
            }
        }

        /// <summary>Takes the best of what all ranks found.</summary>
        public void Merge(IEnumerable<Candidate> found)
        {
            Candidate[] all = [.. found.OrderBy(candidate => candidate.Image)];
            _best.Clear();
            foreach (Candidate candidate in all)
            {
                if (PlaceOf(candidate.Activation) is { } place)
                {
                    Keep(place, candidate);
                }
            }
        }

        public UnitResult Result(
            int classIndex, IReadOnlyList<string> names, double? meanInClass, double? meanElsewhere, ISampleSource source)
        {
            UnitExcitement[] best = [.. _best.Select(c => new UnitExcitement(
                c.Image, (source as PictureSource)?.PictureOf(c.Image).Id, names[c.Label], c.Activation, c.Region, IsOnTarget(c)))];
            double? onTarget = Array.TrueForAll(best, e => e.OnTarget is not null) ? best.Average(e => e.OnTarget == true ? 1 : 0) : null;
            return new UnitResult(
                channel, weight, meanInClass, meanElsewhere, _best.Average(c => c.Label == classIndex ? 1.0 : 0), onTarget, best);
        }

        private static bool? IsOnTarget(Candidate candidate) =>
            candidate.Truth?.Contains((candidate.Region.X0 + candidate.Region.X1) / 2, (candidate.Region.Y0 + candidate.Region.Y1) / 2);
    }
}
