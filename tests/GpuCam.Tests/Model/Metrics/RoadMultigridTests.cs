using System.Numerics;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class RoadMultigridTests
{
    private const float Beside = 1f / 6;
    private const float Diagonal = 1f / 12;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(5, 4)]
    [InlineData(4, 7)]
    [InlineData(9, 8)]
    public void A_cycle_is_what_dense_matrices_say(int width, int height)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            var hole = new Hole(width, height, seed);
            float[] right = hole.Random(seed + 10);
            double[] expected = Cycle(hole.Matrix(), [.. hole.Pixels.Select(i => (double)right[i])], width, height);
            float[] actual = hole.Cycle(right);
            for (int p = 0; p < expected.Length; p++)
            {
                if (hole.Removed[hole.Pixels[p]] > 0)
                {
                    Assert.Equal(expected[p], actual[hole.Pixels[p]], 1e-4 * (1 + Math.Abs(expected[p])));
                }
            }
        }
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(23, 19)]
    [InlineData(1, 13)]
    public void A_cycle_is_symmetric_and_positive(int width, int height)
    {
        var hole = new Hole(width, height, 3);
        float[] a = hole.Random(1), b = hole.Random(2);
        double ab = Dot(a, hole.Cycle(b)), ba = Dot(b, hole.Cycle(a));
        Assert.Equal(ab, ba, 1e-4 * (1 + Math.Abs(ab)));
        Assert.True(Dot(a, hole.Cycle(a)) > 0);
    }

    /// <summary>One V-cycle, on matrices written out: blocks of 2x2, damped Jacobi before and after, what comes up times 1.4.</summary>
    private static double[] Cycle(double[,] matrix, double[] right, int width, int height)
    {
        int n = right.Length;
        if (n == 1)
        {
            return [matrix[0, 0] == 0 ? 0 : right[0] / matrix[0, 0]];
        }

        int coarseWidth = (width + 1) / 2, coarseHeight = (height + 1) / 2;
        int BlockOf(int i) => (i / width / 2 * coarseWidth) + (i % width / 2);
        double[] value = new double[n];
        Sweep();
        double[] left = Left(), coarseRight = new double[coarseWidth * coarseHeight];
        double[,] coarse = new double[coarseRight.Length, coarseRight.Length];
        for (int i = 0; i < n; i++)
        {
            coarseRight[BlockOf(i)] += left[i];
            for (int j = 0; j < n; j++)
            {
                coarse[BlockOf(i), BlockOf(j)] += matrix[i, j];
            }
        }

        double[] answer = Cycle(coarse, coarseRight, coarseWidth, coarseHeight);
        for (int i = 0; i < n; i++)
        {
            value[i] += 1.4 * answer[BlockOf(i)];
        }

        Sweep();
        return value;

        double[] Left() => [.. right.Select((r, i) => r - Enumerable.Range(0, n).Sum(j => matrix[i, j] * value[j]))];

        void Sweep()
        {
            double[] rest = Left();
            for (int i = 0; i < n; i++)
            {
                value[i] += Math.Abs(matrix[i, i]) < 1e-9 ? 0 : 0.8 * rest[i] / matrix[i, i];
            }
        }
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    /// <summary>Some of an image's pixels removed, on the imputer's grid.</summary>
    private sealed class Hole
    {
        private readonly RoadMultigrid _multigrid;
        private readonly int _width;
        private readonly float[] _ground;

        public Hole(int width, int height, int seed)
        {
            _width = width;
            Pixels = [.. Enumerable.Range(0, width * height).Select(i => (((i / width) + 1) * (width + 2)) + (i % width) + 1)];
            Removed = new float[((height + 3) * (width + 2)) + Vector<float>.Count];
            _ground = new float[Removed.Length];
            var random = new Random(seed);
            foreach (int i in Pixels)
            {
                Removed[i] = random.NextDouble() < 0.8 ? 1 : 0;
            }

            Removed[Pixels[^1]] = Pixels.Length > 1 ? 0 : 1;
            for (int p = 0; p < Pixels.Length; p++)
            {
                _ground[Pixels[p]] = Removed[Pixels[p]]
                    * Enumerable.Range(0, Pixels.Length).Sum(q => Weight(p, q) * (1 - Removed[Pixels[q]]));
            }

            if (Pixels.Length == 1)
            {
                _ground[Pixels[0]] = 0.25f;     // what neighbours outside would weigh
            }

            _multigrid = new RoadMultigrid(width, height);
            _multigrid.SetMatrix(Removed, _ground, Beside, Diagonal);
        }

        public float[] Removed { get; }

        /// <summary>Where the pixels are in the grid.</summary>
        public int[] Pixels { get; }

        public double[,] Matrix()
        {
            double[,] matrix = new double[Pixels.Length, Pixels.Length];
            for (int p = 0; p < Pixels.Length; p++)
            {
                matrix[p, p] += _ground[Pixels[p]];
                for (int q = 0; q < Pixels.Length; q++)
                {
                    double weight = Weight(p, q) * Removed[Pixels[p]] * Removed[Pixels[q]];
                    matrix[p, q] -= weight;
                    matrix[p, p] += weight;
                }
            }

            return matrix;
        }

        /// <summary>Random values at the removed pixels.</summary>
        public float[] Random(int seed)
        {
            var random = new Random(seed);
            return [.. Removed.Select(removed => removed * ((2 * random.NextSingle()) - 1))];
        }

        /// <summary>The answer, 0 where nothing was removed.</summary>
        public float[] Cycle(float[] right)
        {
            right.AsSpan(0, Math.Min(right.Length, _multigrid.Residual.Length)).CopyTo(_multigrid.Residual);
            _multigrid.Cycle();
            return [.. Removed.Select((removed, i) => removed > 0 ? _multigrid.Correction[i] : 0)];
        }

        private float Weight(int p, int q)
        {
            (int dx, int dy) = (Math.Abs((p % _width) - (q % _width)), Math.Abs((p / _width) - (q / _width)));
            return dx + dy == 1 ? Beside : dx == 1 && dy == 1 ? Diagonal : 0;
        }
    }
}
