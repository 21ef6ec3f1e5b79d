using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// Class-specific units (arXiv 1512.04150, section 5): the channels of the pooled layer, ranked by a class's weights, with the images
/// and the receptive fields that excite each most.
/// </summary>
internal sealed class UnitExperiment : IDisposable
{
    private const int Batch = 50;
    private readonly Execution _network;
    private readonly ISampleSource _source;
    private readonly int _class;
    private readonly Classifier _classifier;
    private readonly string _layer;
    private readonly ReceptiveField _field;
    private readonly Unit[] _units;
    private readonly int[] _seen = new int[2];

    /// <summary>
    /// The <paramref name="units"/> units with the largest weights of class <paramref name="classIndex"/>, each with its
    /// <paramref name="top"/> images.
    /// </summary>
    public UnitExperiment(Execution network, ISampleSource source, int classIndex, int units, int top)
    {
        _network = network;
        _source = source;
        _class = classIndex;
        _classifier = new Classifier(network);
        _layer = network.Network.DefaultValue!.Name;
        _field = ReceptiveField.Of(network.Graph, _layer);
        int classes = network.Network.LogitCount;
        float[] weight = network.Parameters.Single(parameter => parameter.Kind == ParameterKind.LinearWeight).Value.ToArray();
        float[] ofClass = [.. Enumerable.Range(0, weight.Length / classes).Select(k => weight[(k * classes) + classIndex])];
        _units = [.. Ranking.Top(ofClass, units).Select(k => new Unit(k, ofClass[k], top))];
    }

    /// <summary>Looks through the first <paramref name="count"/> samples.</summary>
    public UnitResults Run(int count, string model, string picture)
    {
        count = Math.Min(count, _source.Count);
        BatchLoader.Pass(_source, count, Batch, Look);

        IReadOnlyList<string> names = _network.Network.ClassNames;
        return new UnitResults(
            UnitResults.CurrentFormat, model, DeviceCatalog.NameOf(_network.Device.Precision), names[_class], _layer, _field, count,
            picture, [.. _units.Select(unit => unit.Result(_class, names, _seen))]);
    }

    public void Dispose() => _classifier.Dispose();

    private void Look(SampleBatch batch)
    {
        _classifier.Logits(batch.UsedImages, batch.Count);
        float[] maps = _network.Activation(_layer).ToArray();
        float[] features = _network.Activation(_network.Network.PooledName).ToArray();
        (_, int height, int width, int channels) = _network.Activation(_layer).Shape;
        for (int n = 0; n < batch.Count; n++)
        {
            bool inClass = batch.Labels[n] == _class;
            _seen[inClass ? 0 : 1]++;
            foreach (Unit unit in _units)
            {
                unit.Sums[inClass ? 0 : 1] += features[(n * channels) + unit.Channel];
                int best = 0;
                for (int p = 1; p < height * width; p++)
                {
                    if (At(p) > At(best))
                    {
                        best = p;
                    }
                }

                unit.Offer(At(best), batch.Indices[n], batch.Labels[n], _field.At(best % width, best / width), batch.Boxes[n]);
                float At(int pixel) => maps[(((n * height * width) + pixel) * channels) + unit.Channel];
            }
        }
    }

    private sealed record Candidate(float Activation, int Image, int Label, Box Field, Box? Truth);

    private sealed class Unit(int channel, float weight, int top)
    {
        private readonly List<Candidate> _best = [];

        public int Channel => channel;

        /// <summary>Of the pooled feature: in the class, elsewhere.</summary>
        public double[] Sums { get; } = new double[2];

        /// <summary>Keeps an image if it is among the best; of equals the earlier one.</summary>
        public void Offer(float activation, int image, int label, Box field, Box? truth)
        {
            int place = _best.FindIndex(other => activation > other.Activation);
            place = place < 0 ? _best.Count : place;
            if (place >= top)
            {
                return;
            }

            _best.Insert(place, new Candidate(activation, image, label, field, truth));
            if (_best.Count > top)
            {
                _best.RemoveAt(top);
            }
        }

        public UnitResult Result(int classIndex, IReadOnlyList<string> names, int[] seen)
        {
            UnitExcitement[] best =
                [.. _best.Select(c => new UnitExcitement(c.Image, names[c.Label], c.Activation, c.Field, IsOnTarget(c)))];
            double? onTarget = Array.TrueForAll(best, e => e.OnTarget is not null) ? best.Average(e => e.OnTarget == true ? 1 : 0) : null;
            return new UnitResult(
                channel, weight, Mean(0), Mean(1), _best.Average(c => c.Label == classIndex ? 1.0 : 0), onTarget, best);
            double? Mean(int part) => seen[part] > 0 ? Sums[part] / seen[part] : null;
        }

        private static bool? IsOnTarget(Candidate candidate) =>
            candidate.Truth?.Contains((candidate.Field.X0 + candidate.Field.X1) / 2, (candidate.Field.Y0 + candidate.Field.Y1) / 2);
    }
}
