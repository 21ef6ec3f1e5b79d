using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Cams;

/// <summary>
/// One image in a network, naive and in double precision: activations, logits behind changed activations, gradients by central
/// differences (in double the step can be so small that no ReLU or max-pool changes its mind), and the maps by their formulas.
/// </summary>
internal sealed class ReferenceMaps
{
    private readonly IReadOnlyList<Node> _layers;
    private readonly Dictionary<string, double[]> _parameters;
    private readonly Shape[] _shapes;
    private readonly double[][] _activations;

    public ReferenceMaps(Execution network, Shape image, ReadOnlySpan<float> x)
    {
        _layers = network.Graph.Nodes;
        _parameters = network.Parameters.ToDictionary(p => p.Name, p => Array.ConvertAll(p.Value.ToArray(), v => (double)v));
        _shapes = new Shape[_layers.Count + 1];
        _activations = new double[_layers.Count + 1][];
        (_shapes[0], _activations[0]) = (image, Array.ConvertAll(x.ToArray(), v => (double)v));
        for (int i = 0; i < _layers.Count; i++)
        {
            _shapes[i + 1] = _layers[i].Infer([_shapes[i]]);
            _activations[i + 1] = Step(i, _activations[i]);
        }
    }

    public double[] Logits => _activations[^1];

    public Shape ShapeOf(string layer) => _shapes[IndexOf(layer)];

    public double[] Activation(string layer) => _activations[IndexOf(layer)];

    /// <summary>The logits with other values in place of a layer's output.</summary>
    public double[] LogitsFrom(string layer, double[] values)
    {
        for (int i = IndexOf(layer); i < _layers.Count; i++)
        {
            values = Step(i, values);
        }

        return values;
    }

    /// <summary>Central differences of sum(direction * logits) in the direction of every value of a layer's output.</summary>
    public double[] Gradient(string layer, double[] direction)
    {
        const double H = 1e-6;
        double[] values = [.. Activation(layer)];
        if (IndexOf(layer) < _layers.Count && _layers[IndexOf(layer)] is MaxPool2DNode)
        {
            BreakTies(values, ShapeOf(layer));
        }

        double[] gradient = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double kept = values[i];
            values[i] = kept + H;
            double above = Dot(LogitsFrom(layer, values), direction);
            values[i] = kept - H;
            gradient[i] = (above - Dot(LogitsFrom(layer, values), direction)) / (2 * H);
            values[i] = kept;
        }

        return gradient;
    }

    public double[] OneHot(int label)
    {
        double[] direction = new double[Logits.Length];
        direction[label] = 1;
        return direction;
    }

    /// <summary>sum_k weight_k A_k(p), with a weight per channel or per element.</summary>
    public double[] Weighted(string layer, double[] weights)
    {
        double[] a = Activation(layer);
        int k = ShapeOf(layer).C;
        double[] map = new double[a.Length / k];
        for (int i = 0; i < a.Length; i++)
        {
            map[i / k] += a[i] * weights[weights.Length == k ? i % k : i];
        }

        return map;
    }

    /// <summary>Channel c's values at all pixels.</summary>
    public double[] Channel(string layer, int c)
    {
        int k = ShapeOf(layer).C;
        return [.. Activation(layer).Where((_, i) => i % k == c)];
    }

    /// <summary>Half-pixel bilinear resize of a map.</summary>
    public static double[] Resize(double[] map, int height, int width, int newHeight, int newWidth)
    {
        double[] result = new double[newHeight * newWidth];
        for (int i = 0; i < result.Length; i++)
        {
            double y = Math.Max(0, (((i / newWidth) + 0.5) * height / newHeight) - 0.5);
            double x = Math.Max(0, (((i % newWidth) + 0.5) * width / newWidth) - 0.5);
            int top = (int)y, left = (int)x, bottom = Math.Min(top + 1, height - 1), right = Math.Min(left + 1, width - 1);
            (double v, double u) = (y - top, x - left);
            result[i] = ((1 - v) * (((1 - u) * map[(top * width) + left]) + (u * map[(top * width) + right])))
                + (v * (((1 - u) * map[(bottom * width) + left]) + (u * map[(bottom * width) + right])));
        }

        return result;
    }

    /// <summary>To 0 … 1; zeros for a constant.</summary>
    public static double[] Normalize(double[] map)
    {
        (double min, double max) = (map.Min(), map.Max());
        return [.. map.Select(v => max > min ? (v - min) / (max - min) : 0)];
    }

    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    /// <summary>
    /// Where ReLU left a window of zeros, max-pooling has a kink. The network lets the first pixel win; so does this tilt.
    /// </summary>
    private static void BreakTies(double[] values, Shape shape)
    {
        const double Tilt = 1e-5;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] -= Tilt * ((i / shape.C / shape.W % 2 * 2) + (i / shape.C % shape.W % 2));
        }
    }

    private int IndexOf(string layer) =>
        layer == GraphLayers.Image ? 0 : Enumerable.Range(0, _layers.Count).Single(i => _layers[i].Name == layer) + 1;

    private double[] Step(int index, double[] x) => _layers[index] switch
    {
        Conv2DNode layer => Convolve(layer, x, _shapes[index], _shapes[index + 1]),
        ReluNode => [.. x.Select(v => Math.Max(0, v))],
        MaxPool2DNode => Pool(x, _shapes[index], _shapes[index + 1]),
        GlobalAveragePoolNode =>
        [.. Enumerable.Range(0, _shapes[index].C).Select(c => x.Where((_, i) => i % _shapes[index].C == c).Average())],
        LinearNode layer => Multiply(layer, x),
        var layer => throw new NotSupportedException(layer.Name),
    };

    private double[] Multiply(LinearNode layer, double[] x)
    {
        double[] weight = _parameters[$"{layer.Name}.weight"];
        double[]? bias = _parameters.GetValueOrDefault($"{layer.Name}.bias");
        int outputs = weight.Length / x.Length;
        return [.. Enumerable.Range(0, outputs).Select(o => x.Select((v, i) => v * weight[(i * outputs) + o]).Sum() + (bias?[o] ?? 0))];
    }

    private static double[] Pool(double[] x, Shape from, Shape to)
    {
        double[] y = new double[to.Count];
        for (int i = 0; i < y.Length; i++)
        {
            (int c, int w, int h) = (i % to.C, i / to.C % to.W, i / to.C / to.W);
            y[i] = Enumerable.Range(0, 4).Max(q => x[((((2 * h) + (q / 2)) * from.W) + (2 * w) + (q % 2)) * from.C + c]);
        }

        return y;
    }

    private double[] Convolve(Conv2DNode layer, double[] x, Shape from, Shape to)
    {
        double[] weight = _parameters[$"{layer.Name}.weight"], bias = _parameters[$"{layer.Name}.bias"];
        int size = (int)Math.Sqrt(weight.Length / from.C / to.C);
        double[] y = new double[to.Count];
        for (int i = 0; i < y.Length; i++)
        {
            (int oc, int w, int h) = (i % to.C, i / to.C % to.W, i / to.C / to.W);
            double sum = bias[oc];
            for (int tap = 0; tap < size * size; tap++)
            {
                (int ih, int iw) = (h + (tap / size) - (size / 2), w + (tap % size) - (size / 2));
                if (ih < 0 || iw < 0 || ih >= from.H || iw >= from.W)
                {
                    continue;
                }

                for (int ic = 0; ic < from.C; ic++)
                {
                    sum += x[(((ih * from.W) + iw) * from.C) + ic] * weight[(((tap * from.C) + ic) * to.C) + oc];
                }
            }

            y[i] = sum;
        }

        return y;
    }
}
