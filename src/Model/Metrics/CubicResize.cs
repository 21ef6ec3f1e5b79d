namespace GpuCam.Model;

/// <summary>
/// A map scaled as the public evaluation code of arXiv 2001.07437 scales its own, by OpenCV's <c>INTER_CUBIC</c>: Keys' cubic with
/// a = -3/4 over four neighbours, also where it shrinks, weights in single and sums in double precision, edges repeated.
/// </summary>
public static class CubicResize
{
    /// <summary>The scaled map, min-max normalised; all zeros where it is constant or not finite.</summary>
    /// <param name="map">[rows, columns].</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="newRows">Rows of the result.</param>
    /// <param name="newColumns">Columns of the result.</param>
    public static double[] Normalized(ReadOnlySpan<double> map, int rows, int columns, int newRows, int newColumns)
    {
        (int[] across, float[] acrossWeights) = Taps(columns, newColumns);
        (int[] down, float[] downWeights) = Taps(rows, newRows);
        double[] wide = new double[rows * newColumns];
        for (int i = 0; i < wide.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, newColumns);
            for (int k = 0; k < 4; k++)
            {
                wide[i] += map[(y * columns) + across[(4 * x) + k]] * acrossWeights[(4 * x) + k];
            }
        }

        double[] scaled = new double[newRows * newColumns];
        (double least, double greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        for (int i = 0; i < scaled.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, newColumns);
            for (int k = 0; k < 4; k++)
            {
                scaled[i] += wide[(down[(4 * y) + k] * newColumns) + x] * downWeights[(4 * y) + k];
            }

            (least, greatest) = (Math.Min(least, scaled[i]), Math.Max(greatest, scaled[i]));
        }

        double extent = greatest - least;
        return double.IsFinite(extent) && extent > 0
            ? Array.ConvertAll(scaled, value => (value - least) / extent) : new double[scaled.Length];
    }

    private static (int[] Places, float[] Weights) Taps(int from, int to)
    {
        const float a = -0.75f;
        int[] places = new int[4 * to];
        float[] weights = new float[4 * to];
        double step = 1 / ((double)to / from);
        for (int i = 0; i < to; i++)
        {
            float at = (float)(((i + 0.5) * step) - 0.5);
            int first = (int)MathF.Floor(at);
            float x = at - first, y = 1 - x;
            weights[4 * i] = ((((a * (x + 1)) - (5 * a)) * (x + 1)) + (8 * a)) * (x + 1) - (4 * a);
            weights[(4 * i) + 1] = (((((a + 2) * x) - (a + 3)) * x) * x) + 1;
            weights[(4 * i) + 2] = (((((a + 2) * y) - (a + 3)) * y) * y) + 1;
            weights[(4 * i) + 3] = 1 - weights[4 * i] - weights[(4 * i) + 1] - weights[(4 * i) + 2];
            for (int k = 0; k < 4; k++)
            {
                places[(4 * i) + k] = Math.Clamp(first - 1 + k, 0, from - 1);
            }
        }

        return (places, weights);
    }
}
