namespace GpuCam.Runner.Data;

/// <summary>
/// The digits as pen strokes in a unit square, x to the right and y down: polylines, arcs already cut into short lines.
/// Each digit has one or more forms, as people write them.
/// </summary>
internal static class StrokeFont
{
    private const int ArcStepDegrees = 15;

    /// <summary>For each digit, its forms; a form is a list of strokes, a stroke a list of points.</summary>
    public static IReadOnlyList<IReadOnlyList<Point[][]>> Forms { get; } =
    [
        [
            [Arc(0.5, 0.5, 0.26, 0.4, -100, 260)],
            [Arc(0.5, 0.5, 0.32, 0.38, -80, 290)],
        ],
        [
            [Line(0.5, 0.1, 0.5, 0.9)],
            [Line(0.36, 0.26, 0.53, 0.1, 0.53, 0.9)],
            [Line(0.34, 0.28, 0.52, 0.1, 0.52, 0.88), Line(0.32, 0.88, 0.72, 0.88)],
        ],
        [
            [[.. Arc(0.48, 0.33, 0.25, 0.22, -170, 40), .. Line(0.22, 0.88, 0.78, 0.88)]],
            [[.. Arc(0.48, 0.32, 0.23, 0.21, -160, 50), .. Line(0.36, 0.74), .. Arc(0.32, 0.8, 0.1, 0.08, -60, -300),
                .. Line(0.52, 0.8, 0.82, 0.88)]],
        ],
        [
            [[.. Arc(0.45, 0.3, 0.24, 0.2, -150, 80), .. Arc(0.45, 0.69, 0.28, 0.21, -80, 150)]],
            [[.. Line(0.24, 0.12, 0.72, 0.12, 0.44, 0.44), .. Arc(0.44, 0.67, 0.28, 0.22, -80, 150)]],
        ],
        [
            [Line(0.58, 0.1, 0.2, 0.62, 0.82, 0.62), Line(0.62, 0.36, 0.62, 0.92)],
            [Line(0.28, 0.12, 0.24, 0.52, 0.74, 0.52), Line(0.72, 0.12, 0.68, 0.9)],
            [[.. Line(0.3, 0.12), .. Arc(0.48, 0.36, 0.24, 0.2, 170, 20), .. Line(0.74, 0.12)], Line(0.73, 0.2, 0.66, 0.9)],
        ],
        [
            [[.. Line(0.76, 0.12, 0.34, 0.12, 0.3, 0.48), .. Arc(0.48, 0.66, 0.27, 0.23, -130, 150)]],
            [[.. Line(0.36, 0.14, 0.32, 0.46), .. Arc(0.46, 0.66, 0.26, 0.23, -120, 140)], Line(0.36, 0.14, 0.78, 0.1)],
        ],
        [
            [[.. Arc(0.68, 0.62, 0.42, 0.5, -90, -180), .. Arc(0.5, 0.67, 0.24, 0.21, 180, -180)]],
            [[.. Line(0.56, 0.1), .. Arc(0.6, 0.64, 0.34, 0.42, -130, -180), .. Arc(0.48, 0.7, 0.22, 0.19, 180, -170)]],
        ],
        [
            [Line(0.22, 0.14, 0.78, 0.14, 0.42, 0.9)],
            [Line(0.22, 0.2, 0.26, 0.14, 0.76, 0.14, 0.54, 0.5, 0.46, 0.9)],
            [Line(0.22, 0.14, 0.78, 0.14, 0.44, 0.9), Line(0.38, 0.52, 0.74, 0.5)],
        ],
        [
            [Arc(0.5, 0.29, 0.2, 0.19, 90, 450), Arc(0.5, 0.69, 0.25, 0.21, -90, 270)],
            [[.. Arc(0.5, 0.3, 0.22, 0.2, -30, -240), .. Arc(0.5, 0.7, 0.24, 0.2, -60, 240), .. Line(0.68, 0.2)]],
        ],
        [
            [[.. Arc(0.48, 0.33, 0.23, 0.22, 0, -360), .. Line(0.72, 0.5, 0.66, 0.92)]],
            [[.. Arc(0.48, 0.32, 0.22, 0.21, 0, -360), .. Arc(0.42, 0.6, 0.28, 0.3, -10, 120)]],
            [[.. Arc(0.47, 0.3, 0.22, 0.19, -20, -350), .. Line(0.7, 0.14, 0.68, 0.5, 0.58, 0.92)]],
        ],
    ];

    private static Point[] Line(params ReadOnlySpan<double> coordinates)
    {
        var points = new Point[coordinates.Length / 2];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = new Point((float)coordinates[2 * i], (float)coordinates[2 * i + 1]);
        }

        return points;
    }

    /// <summary>Part of an ellipse; 0 degrees is right, 90 is down.</summary>
    private static Point[] Arc(double centreX, double centreY, double radiusX, double radiusY, int from, int to)
    {
        int steps = Math.Max(1, Math.Abs(to - from) / ArcStepDegrees);
        var points = new Point[steps + 1];
        for (int i = 0; i <= steps; i++)
        {
            double angle = (from + (to - from) * (double)i / steps) * Math.PI / 180;
            points[i] = new Point((float)(centreX + radiusX * Math.Cos(angle)), (float)(centreY + radiusY * Math.Sin(angle)));
        }

        return points;
    }

    /// <summary>A place in the unit square.</summary>
    internal readonly record struct Point(float X, float Y);
}
