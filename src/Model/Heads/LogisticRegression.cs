namespace GpuCam.Model;

/// <summary>
/// Multinomial logistic regression on the features x of N pictures. On standardised features <c>z = (x - mean) / deviation</c>, channel
/// by channel, it minimises over W [K, C] and b [C]
/// <code>1/N Σ_n (log Σ_c exp(z_n W + b)_c - (z_n W + b)_label(n)) + λ/2 ‖W‖²</code>
/// whose gradient is <c>zᵀ r / N + λ W</c> and <c>Σ r / N</c>, with r the softmax less 1 at the label. It is convex: with λ above 0 there
/// is one W, found by <see cref="Lbfgs"/>. Standardising makes one λ mean the same for every channel and every network; for use, mean and
/// deviation are folded into weight and bias (<see cref="Fold"/>). A channel that never changes has no say.
/// </summary>
/// <remarks>
/// Sums over channels and over pictures go in their order whatever the number of threads: rows of logits and rows of the gradient are
/// dealt out to threads, and no sum is.
/// </remarks>
public sealed class LogisticRegression
{
    private const int PicturesTogether = 64, ChannelsTogether = 32, TermsTogether = 256;
    private readonly float[] _features;
    private readonly int[] _labels;
    private readonly double[] _mean, _scale;
    private readonly int _pictures, _columns;
    private readonly double[] _weight, _residuals, _losses;

    /// <summary>A problem; features are copied.</summary>
    /// <param name="features">[pictures, channels].</param>
    /// <param name="labels">The class of each picture.</param>
    /// <param name="classes">How many there are.</param>
    /// <exception cref="GpuCamException">A feature is not finite.</exception>
    public LogisticRegression(ReadOnlySpan<float> features, ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfZero(labels.Length);
        (_pictures, Classes, Channels) = (labels.Length, classes, features.Length / labels.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(features.Length, Channels * _pictures);
        _labels = labels.ToArray();
        (_mean, _scale) = Standardise(features, Channels);
        _features = new float[features.Length];
        for (int i = 0; i < features.Length; i++)
        {
            _features[i] = (float)((features[i] - _mean[i % Channels]) * _scale[i % Channels]);
        }

        _columns = RowProducts.Padded(classes);
        _weight = new double[Channels * _columns];
        _residuals = new double[_pictures * _columns];
        _losses = new double[_pictures];
    }

    /// <summary>Features of a picture.</summary>
    public int Channels { get; }

    /// <summary>Classes.</summary>
    public int Classes { get; }

    /// <summary>Threads that a step of a fit may take; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Numbers to find: W, row by row of a channel, then b.</summary>
    public int Length => (Channels + 1) * Classes;

    /// <summary>Goes from <paramref name="parameters"/> to the minimum, which it leaves there.</summary>
    /// <param name="parameters">Zeros, or those of another penalty.</param>
    /// <param name="penalty">λ.</param>
    /// <param name="options">When to end.</param>
    /// <param name="token">Ends the work between two steps.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public LbfgsResult Fit(double[] parameters, double penalty, LbfgsOptions? options = null, CancellationToken token = default) =>
        Lbfgs.Minimise((x, gradient) => Evaluate(x, penalty, gradient), parameters, options, token);

    /// <summary>The value to minimise; writes its gradient.</summary>
    public double Evaluate(double[] parameters, double penalty, double[] gradient)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradient);
        for (int k = 0; k < Channels; k++)
        {
            parameters.AsSpan(k * Classes, Classes).CopyTo(_weight.AsSpan(k * _columns, Classes));
        }

        int weights = Channels * Classes;
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Threads > 0 ? Threads : -1 };
        Parallel.For(0, Parts(_pictures, PicturesTogether), threads, part => Residuals(part, parameters.AsSpan(weights)));
        Parallel.For(0, Parts(Channels, ChannelsTogether), threads, part => Gradient(part, parameters, penalty, gradient));
        Span<double> bias = gradient.AsSpan(weights);
        bias.Clear();
        double loss = 0;
        for (int n = 0; n < _pictures; n++)
        {
            loss += _losses[n];
            Sums.Add(bias, 1, _residuals.AsSpan(n * _columns, Classes));
        }

        for (int c = 0; c < Classes; c++)
        {
            bias[c] /= _pictures;
        }

        ReadOnlySpan<double> weight = parameters.AsSpan(0, weights);
        return (loss / _pictures) + (penalty / 2 * Sums.Dot(weight, weight));
    }

    /// <summary>Weight and bias for features as they are: <c>x (W / deviation) + (b - mean · W / deviation)</c>.</summary>
    public HeadWeights Fold(double[] parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        float[] weight = new float[Channels * Classes], bias = new float[Classes];
        for (int c = 0; c < Classes; c++)
        {
            double shift = parameters[(Channels * Classes) + c];
            for (int k = 0; k < Channels; k++)
            {
                double folded = parameters[(k * Classes) + c] * _scale[k];
                weight[(c * Channels) + k] = (float)folded;
                shift -= folded * _mean[k];
            }

            bias[c] = (float)shift;
        }

        return new HeadWeights(weight, bias);
    }

    /// <summary>Softmax less 1 at the label, and the loss, of some pictures.</summary>
    private void Residuals(int part, ReadOnlySpan<double> bias)
    {
        int first = part * PicturesTogether, count = Math.Min(PicturesTogether, _pictures - first);
        Span<double> rows = _residuals.AsSpan(first * _columns, count * _columns);
        for (int n = 0; n < count; n++)
        {
            bias.CopyTo(rows[(n * _columns)..]);
            rows.Slice((n * _columns) + Classes, _columns - Classes).Clear();
        }

        RowProducts.Add(_features.AsSpan(first * Channels), Channels, 1, count, Channels, _weight, rows, _columns);
        for (int n = 0; n < count; n++)
        {
            _losses[first + n] = Softmax(rows.Slice(n * _columns, Classes), _labels[first + n]);
        }
    }

    /// <summary>Turns logits into softmax less 1 at the label; returns the cross-entropy.</summary>
    private static double Softmax(Span<double> row, int label)
    {
        double most = double.NegativeInfinity, sum = 0, own = row[label];
        foreach (double logit in row)
        {
            most = Math.Max(most, logit);
        }

        for (int c = 0; c < row.Length; c++)
        {
            sum += row[c] = Math.Exp(row[c] - most);
        }

        for (int c = 0; c < row.Length; c++)
        {
            row[c] /= sum;
        }

        row[label] -= 1;
        return most + Math.Log(sum) - own;
    }

    /// <summary>The gradient of the weights of some channels.</summary>
    private void Gradient(int part, double[] parameters, double penalty, double[] gradient)
    {
        int first = part * ChannelsTogether, count = Math.Min(ChannelsTogether, Channels - first);
        double[] sums = new double[count * _columns];
        for (int n = 0; n < _pictures; n += TermsTogether)
        {
            int terms = Math.Min(TermsTogether, _pictures - n);
            RowProducts.Add(
                _features.AsSpan((n * Channels) + first), 1, Channels, count, terms, _residuals.AsSpan(n * _columns), sums, _columns);
        }

        for (int k = 0; k < count; k++)
        {
            for (int c = 0; c < Classes; c++)
            {
                int at = ((first + k) * Classes) + c;
                gradient[at] = (sums[(k * _columns) + c] / _pictures) + (penalty * parameters[at]);
            }
        }
    }

    private static int Parts(int count, int together) => (count + together - 1) / together;

    /// <summary>Means, and 1 / deviation: 0 for a channel that never changes.</summary>
    private static (double[] Mean, double[] Scale) Standardise(ReadOnlySpan<float> features, int channels)
    {
        int pictures = features.Length / channels;
        double[] mean = new double[channels], scale = new double[channels];
        for (int i = 0; i < features.Length; i++)
        {
            if (!float.IsFinite(features[i]))
            {
                throw new GpuCamException(
                    $"a feature of picture {i / channels} is {features[i]}: look for non-finite weights in the network");
            }

            mean[i % channels] += features[i] / (double)pictures;
        }

        for (int i = 0; i < features.Length; i++)
        {
            double difference = features[i] - mean[i % channels];
            scale[i % channels] += difference * difference / pictures;
        }

        for (int k = 0; k < channels; k++)
        {
            double deviation = Math.Sqrt(scale[k]);
            scale[k] = deviation > 1e-6 * Math.Abs(mean[k]) && deviation > 1e-30 ? 1 / deviation : 0;
        }

        return (mean, scale);
    }
}
