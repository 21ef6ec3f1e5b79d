using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>
/// LeNetGap's loss, forward only, naive and in double precision: the oracle for gradients. In double the step of a central
/// difference can be so small (1e-6) that no ReLU or max-pool changes its mind.
/// </summary>
internal sealed class ReferenceNetwork
{
    private readonly Execution _network;
    private readonly int[] _labels;

    public ReferenceNetwork(Execution network, Shape input, float[] x, int[] labels)
    {
        _network = network;
        _labels = labels;
        InputShape = input;
        X = Array.ConvertAll(x, v => (double)v);
        Parameters = network.Parameters.ToDictionary(p => p.Name, p => Array.ConvertAll(p.Value.ToArray(), v => (double)v));
    }

    public Shape InputShape { get; }

    public double[] X { get; }

    public Dictionary<string, double[]> Parameters { get; }

    /// <summary>Central difference of the loss in the direction of each of <paramref name="values"/>.</summary>
    public double[] Gradient(double[] values)
    {
        const double H = 1e-6;
        double[] gradient = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double kept = values[i];
            values[i] = kept + H;
            double above = Loss();
            values[i] = kept - H;
            gradient[i] = (above - Loss()) / (2 * H);
            values[i] = kept;
        }

        return gradient;
    }

    public double Loss()
    {
        double[] logits = Logits();
        int classes = logits.Length / _labels.Length;
        double sum = 0;
        for (int n = 0; n < _labels.Length; n++)
        {
            double[] row = logits[(n * classes)..((n + 1) * classes)];
            sum += Math.Log(row.Sum(Math.Exp)) - row[_labels[n]];
        }

        return sum / _labels.Length;
    }

    public double[] Logits()
    {
        (double[] a, Shape s) = ConvReluPool(X, InputShape, "conv1", 2);
        (a, s) = ConvReluPool(a, s, "conv2", _network.Network.Config.Pools);
        double[] features = Pool(a, s);
        double[] weight = Parameters["classifier.weight"];
        double[]? bias = Parameters.GetValueOrDefault("classifier.bias");
        int classes = weight.Length / s.C;
        double[] logits = new double[s.N * classes];
        for (int n = 0; n < s.N; n++)
        {
            for (int c = 0; c < classes; c++)
            {
                double sum = bias?[c] ?? 0;
                for (int k = 0; k < s.C; k++)
                {
                    sum += features[(n * s.C) + k] * weight[(k * classes) + c];
                }

                logits[(n * classes) + c] = sum;
            }
        }

        return logits;
    }

    private double[] Pool(double[] a, Shape s)
    {
        double[] features = new double[s.N * s.C];
        for (int i = 0; i < features.Length; i++)
        {
            IEnumerable<double> map = Enumerable.Range(0, s.Area).Select(p => a[(((i / s.C * s.Area) + p) * s.C) + (i % s.C)]);
            features[i] = _network.Network.Config.Pooling == GlobalPooling.Max ? map.Max() : map.Average();
        }

        return features;
    }

    /// <summary>With a <paramref name="pool"/> of 1 nothing is pooled.</summary>
    private (double[] Y, Shape Shape) ConvReluPool(double[] x, Shape s, string layer, int pool)
    {
        double[] weight = Parameters[$"{layer}.weight"];
        double[] bias = Parameters[$"{layer}.bias"];
        int size = _network.Network.Config.KernelSize;
        var y = new Shape(s.N, s.H / pool, s.W / pool, bias.Length);
        double[] pooled = new double[y.Count];
        for (int i = 0; i < pooled.Length; i++)
        {
            (int oc, int w, int h, int n) = (i % y.C, i / y.C % y.W, i / (y.C * y.W) % y.H, i / (y.C * y.W * y.H));
            for (int q = 0; q < pool * pool; q++)
            {
                pooled[i] = Math.Max(pooled[i], Convolve(n, (pool * h) + (q / pool), (pool * w) + (q % pool), oc));
            }
        }

        return (pooled, y);

        double Convolve(int n, int h, int w, int oc)
        {
            double sum = bias[oc];
            for (int kh = 0; kh < size; kh++)
            {
                for (int kw = 0; kw < size; kw++)
                {
                    (int ih, int iw) = (h + kh - (size / 2), w + kw - (size / 2));
                    if (ih < 0 || iw < 0 || ih >= s.H || iw >= s.W)
                    {
                        continue;
                    }

                    for (int ic = 0; ic < s.C; ic++)
                    {
                        sum += x[(((((n * s.H) + ih) * s.W) + iw) * s.C) + ic] * weight[(((((kh * size) + kw) * s.C) + ic) * y.C) + oc];
                    }
                }
            }

            return sum;
        }
    }
}
