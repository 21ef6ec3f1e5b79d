namespace GpuCam.Model;

/// <summary>A scale of 256 colours over [0, 1].</summary>
public sealed class ColorMap
{
    private readonly Rgb[] _table = new Rgb[256];

    internal ColorMap(string name, Func<double, (double R, double G, double B)> colour)
    {
        Name = name;
        for (int i = 0; i < _table.Length; i++)
        {
            (double r, double g, double b) = colour(i / 255.0);
            _table[i] = new Rgb(Rgb.ToByte((float)r), Rgb.ToByte((float)g), Rgb.ToByte((float)b));
        }
    }

    /// <summary>The name on the command line.</summary>
    public string Name { get; }

    /// <summary>All 256 colours: red, green and blue of each.</summary>
    public byte[] ToBytes() => [.. _table.SelectMany(colour => (byte[])[colour.R, colour.G, colour.B])];

    /// <summary>
    /// The colour at t; outside [0, 1] that of the nearer end, NaN as 0. Quantised as matplotlib does: entry floor(256 t).
    /// </summary>
    public Rgb At(float t) => _table[float.IsNaN(t) ? 0 : (int)Math.Clamp(t * 256f, 0f, 255f)];
}

/// <summary>The colour scales for maps.</summary>
public static class ColorMaps
{
    // Corners of the three piecewise linear curves of "jet", as matplotlib defines it (after MATLAB).
    private static readonly (double T, double V)[] s_jetRed = [(0, 0), (0.35, 0), (0.66, 1), (0.89, 1), (1, 0.5)];
    private static readonly (double T, double V)[] s_jetGreen = [(0, 0), (0.125, 0), (0.375, 1), (0.64, 1), (0.91, 0), (1, 0)];
    private static readonly (double T, double V)[] s_jetBlue = [(0, 0.5), (0.11, 1), (0.34, 1), (0.65, 0), (1, 0)];

    // "viridis" (Smith, van der Walt, Firing; public domain) at nine even places; a cubic between them stays within 3 of 255.
    private static readonly uint[] s_viridisKnots =
        [0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21908C, 0x27AD81, 0x5DC863, 0xAADC32, 0xFDE725];

    /// <summary>Blue, cyan, yellow, red: the customary scale of class activation maps. Not safe for colour-blind readers.</summary>
    public static ColorMap Jet { get; } = new("jet", t => (Broken(s_jetRed, t), Broken(s_jetGreen, t), Broken(s_jetBlue, t)));

    /// <summary>Dark violet to yellow, evenly growing lightness: safe for colour-blind readers and in grey print.</summary>
    public static ColorMap Viridis { get; } = new("viridis", t => (Smooth(t, 16), Smooth(t, 8), Smooth(t, 0)));

    /// <summary>
    /// For signed maps: blue at 0, near white in the middle, vermilion at 1, straight lines in OKLab (Ottosson 2020). Both ends are
    /// from the palette of Okabe and Ito, told apart with every kind of colour blindness.
    /// </summary>
    public static ColorMap Diverging { get; } = new("diverging", MakeDiverging);

    /// <summary>All scales.</summary>
    public static IReadOnlyList<ColorMap> All { get; } = [Jet, Viridis, Diverging];

    /// <summary>The scale of that name.</summary>
    /// <exception cref="GpuCamException">There is none; the message lists them.</exception>
    public static ColorMap ByName(string name) => All.FirstOrDefault(map => map.Name == name)
        ?? throw new GpuCamException($"there is no colour map '{name}'; choose one of {string.Join(", ", All.Select(map => map.Name))}");

    private static double Broken((double T, double V)[] corners, double t)
    {
        int i = 1;
        while (i < corners.Length - 1 && t > corners[i].T)
        {
            i++;
        }

        (double t0, double v0) = corners[i - 1];
        (double t1, double v1) = corners[i];
        return v0 + ((v1 - v0) * (t - t0) / (t1 - t0));
    }

    /// <summary>Catmull-Rom through the knots of one channel.</summary>
    private static double Smooth(double t, int shift)
    {
        double place = t * (s_viridisKnots.Length - 1);
        int i = Math.Min((int)place, s_viridisKnots.Length - 2);
        double f = place - i;
        double p1 = Knot(i), p2 = Knot(i + 1);
        double p0 = i > 0 ? Knot(i - 1) : (2 * p1) - p2;
        double p3 = i < s_viridisKnots.Length - 2 ? Knot(i + 2) : (2 * p2) - p1;
        return p1 + (0.5 * f * (p2 - p0 + (f * ((2 * p0) - (5 * p1) + (4 * p2) - p3 + (f * ((3 * (p1 - p2)) + p3 - p0))))));
        double Knot(int k) => ((s_viridisKnots[k] >> shift) & 255) / 255.0;
    }

    private static (double R, double G, double B) MakeDiverging(double t)
    {
        (double L, double A, double B) end = OkLab.From(t < 0.5 ? 0x0072B2u : 0xD55E00u), middle = OkLab.From(0xF7F7F7u);
        double share = Math.Abs((2 * t) - 1);
        return OkLab.ToRgb(
            middle.L + (share * (end.L - middle.L)),
            middle.A + (share * (end.A - middle.A)),
            middle.B + (share * (end.B - middle.B)));
    }
}
