namespace GpuCam.Model;

/// <summary>
/// What each pixel along one axis of a scaled picture is made of: neighbouring pixels of the source and their weights, which add up to
/// 1. The support widens with the ratio when the picture shrinks; what reaches beyond the source is left out, as in Pillow's resize.
/// </summary>
internal sealed class AxisFilter
{
    private readonly int[] _first;
    private readonly int[] _taps;
    private readonly float[] _weights;
    private readonly int _most;

    /// <summary>The weights of an axis.</summary>
    /// <param name="filter">The shape.</param>
    /// <param name="source">Pixels of the source.</param>
    /// <param name="start">Where the first scaled pixel begins, in pixels of the source.</param>
    /// <param name="step">Pixels of the source for one scaled pixel.</param>
    /// <param name="count">Scaled pixels.</param>
    public AxisFilter(PictureFilter filter, int source, double start, double step, int count)
    {
        (Func<double, double> shape, double radius) = ShapeOf(filter);
        bool nearest = filter == PictureFilter.Nearest;
        double widening = nearest ? 1 : Math.Max(1, step), support = radius * widening;
        _most = nearest ? 1 : Math.Min(source, (int)Math.Ceiling(support) * 2 + 1);
        _first = new int[count];
        _taps = new int[count];
        _weights = new float[(long)count * _most];
        Begin = source;
        double[] weights = new double[_most];
        for (int i = 0; i < count; i++)
        {
            double middle = start + ((i + 0.5) * step);
            int first = (int)Math.Max(0, Math.Floor(middle - support + 0.5));
            int end = (int)Math.Min(source, Math.Floor(middle + support + 0.5));
            if (nearest || end <= first)
            {
                first = (int)Math.Clamp(Math.Floor(middle), 0, source - 1);
                end = first + 1;
            }

            end = Math.Min(end, first + _most);
            double sum = 0;
            for (int k = 0; k < end - first; k++)
            {
                weights[k] = nearest ? 1 : shape((first + k + 0.5 - middle) / widening);
                sum += weights[k];
            }

            for (int k = 0; k < end - first; k++)
            {
                // A middle outside of the source meets no weight; the edge goes on there.
                _weights[((long)i * _most) + k] = (float)(sum > 0 ? weights[k] / sum : k == 0 ? 1 : 0);
            }

            (_first[i], _taps[i]) = (first, end - first);
            Begin = Math.Min(Begin, first);
            End = Math.Max(End, end);
        }
    }

    /// <summary>Scaled pixels.</summary>
    public int Count => _first.Length;

    /// <summary>The first pixel of the source that is needed.</summary>
    public int Begin { get; }

    /// <summary>One behind the last that is needed.</summary>
    public int End { get; }

    /// <summary>The first pixel of the source that pixel <paramref name="i"/> is made of.</summary>
    public int First(int i) => _first[i];

    /// <summary>The weights of that and the following pixels.</summary>
    public ReadOnlySpan<float> Weights(int i) => _weights.AsSpan(i * _most, _taps[i]);

    private static (Func<double, double> Shape, double Radius) ShapeOf(PictureFilter filter) => filter switch
    {
        PictureFilter.Bicubic => (Cubic, 2),
        PictureFilter.Lanczos => (x => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0, 3),
        _ => (x => Math.Max(0, 1 - Math.Abs(x)), 1),
    };

    /// <summary>Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -1/2.</summary>
    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * a
            : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
