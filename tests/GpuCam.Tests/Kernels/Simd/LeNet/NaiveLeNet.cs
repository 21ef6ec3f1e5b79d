using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>The network's training step as its definition, in double, one image after the other.</summary>
internal sealed class NaiveLeNet
{
    public NaiveLeNet(LeNetShape shape, LeNetArrays weights, float[] images, int[] labels)
    {
        int count = labels.Length, cells = shape.Rows2 * shape.Columns2;
        Gradients = new LeNetGradients(shape);
        var first = Conv2DGeometry.Same(new Shape(1, shape.Height, shape.Width, shape.InChannels), 5, shape.Channels1);
        var second = Conv2DGeometry.Same(new Shape(1, shape.Rows1, shape.Columns1, shape.Channels1), 5, shape.Channels2);
        for (int n = 0; n < count; n++)
        {
            double[] x = Array.ConvertAll(images[(n * first.X.Count)..((n + 1) * first.X.Count)], v => (double)v);
            (double[] middle, int[] won1) = Pool(first, NaiveConv2D.Run(first, x, weights.Conv1, weights.Bias1,
                new double[first.Y.Count]).Y);
            (double[] maps, int[] won2) = Pool(second, NaiveConv2D.Run(second, middle, weights.Conv2, weights.Bias2,
                new double[second.Y.Count]).Y);
            Maps.AddRange(maps);

            double[] features = new double[shape.Channels2];
            for (int i = 0; i < maps.Length; i++)
            {
                features[i % shape.Channels2] += maps[i] / cells;
            }

            double[] dLogits = Head(shape, weights, features, labels[n], count);

            double[] dy2 = new double[second.Y.Count];
            double[] dFeatures = new double[shape.Channels2];
            for (int c = 0; c < shape.Channels2; c++)
            {
                for (int k = 0; k < shape.Classes; k++)
                {
                    dFeatures[c] += dLogits[k] * weights.Classifier[(c * shape.Classes) + k];
                    Gradients.Classifier[(c * shape.Classes) + k] += dLogits[k] * features[c];
                }
            }

            for (int k = 0; k < shape.Classes; k++)
            {
                Gradients.ClassifierBias[k] += dLogits[k];
            }

            for (int i = 0; i < won2.Length; i++)
            {
                if (won2[i] >= 0)
                {
                    dy2[won2[i]] += dFeatures[i % shape.Channels2] / cells;
                }
            }

            (_, double[] dMiddle, double[] dConv2) = NaiveConv2D.Run(second, middle, weights.Conv2, weights.Bias2, dy2);
            double[] dy1 = new double[first.Y.Count];
            for (int i = 0; i < won1.Length; i++)
            {
                if (won1[i] >= 0)
                {
                    dy1[won1[i]] += dMiddle[i];
                }
            }

            Gradients.Add(dConv2, dy2, NaiveConv2D.Run(first, x, weights.Conv1, weights.Bias1, dy1).DWeight, dy1);
        }
    }

    public List<double> Maps { get; } = [];

    public List<double> Logits { get; } = [];

    public List<double> Losses { get; } = [];

    public LeNetGradients Gradients { get; }

    private double[] Head(LeNetShape shape, LeNetArrays weights, double[] features, int label, int count)
    {
        double[] logits = new double[shape.Classes];
        for (int k = 0; k < shape.Classes; k++)
        {
            logits[k] = weights.ClassifierBias[k];
            for (int c = 0; c < features.Length; c++)
            {
                logits[k] += features[c] * weights.Classifier[(c * shape.Classes) + k];
            }
        }

        Logits.AddRange(logits);
        double sum = logits.Sum(Math.Exp);
        Losses.Add(Math.Log(sum) - logits[label]);
        return [.. logits.Select((v, k) => ((Math.Exp(v) / sum) - (k == label ? 1 : 0)) / count)];
    }

    /// <summary>ReLU and 2x2 max-pool: values, and where each came from (-1: from nowhere).</summary>
    private static (double[] Values, int[] Won) Pool(Conv2DGeometry g, double[] y)
    {
        int rows = g.OH / 2, columns = g.OW / 2;
        double[] values = new double[rows * columns * g.OC];
        int[] won = new int[values.Length];
        Array.Fill(won, -1);
        for (int i = 0; i < 4 * values.Length; i++)
        {
            int cell = i % values.Length, oc = cell % g.OC, corner = i / values.Length;
            int row = (2 * (cell / g.OC / columns)) + (corner / 2), column = (2 * (cell / g.OC % columns)) + (corner % 2);
            int at = (((row * g.OW) + column) * g.OC) + oc;
            if (y[at] > values[cell])
            {
                (values[cell], won[cell]) = (y[at], at);
            }
        }

        return (values, won);
    }
}

/// <summary>Sums of gradients, in double.</summary>
internal sealed class LeNetGradients(LeNetShape shape)
{
    public double[] Conv1 { get; } = new double[25 * shape.InChannels * shape.Channels1];

    public double[] Bias1 { get; } = new double[shape.Channels1];

    public double[] Conv2 { get; } = new double[25 * shape.Channels1 * shape.Channels2];

    public double[] Bias2 { get; } = new double[shape.Channels2];

    public double[] Classifier { get; } = new double[shape.Channels2 * shape.Classes];

    public double[] ClassifierBias { get; } = new double[shape.Classes];

    public void Add(double[] conv2, double[] dy2, double[] conv1, double[] dy1)
    {
        AddTo(Conv2, conv2);
        AddTo(Bias2, dy2);
        AddTo(Conv1, conv1);
        AddTo(Bias1, dy1);
    }

    private static void AddTo(double[] target, double[] source)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i % target.Length] += source[i];
        }
    }
}
