using System.Numerics;

namespace GpuCam.Model;

/// <summary>
/// What makes <see cref="RoadImputer"/>'s conjugate gradients need a dozen rounds where the diagonal alone needs hundreds: one V-cycle of
/// multigrid by aggregation. Every level's unknowns are 2x2 blocks of the finer one's, its matrix their Galerkin product: the weights
/// between two blocks are added up, and so are the weights that tie a block to known pixels. One damped Jacobi sweep goes down and one
/// up, so that the cycle is a symmetric operator. Constant blocks make a coarse matrix too stiff, hence the overcorrection (D. Braess,
/// "Towards algebraic multigrid for elliptic problems of second order", 1995).
/// </summary>
internal sealed class RoadMultigrid
{
    private const float Damping = 0.8f;
    private const float Overcorrection = 1.4f;
    private readonly Level[] _levels;

    /// <summary>Levels for an image, from its pixels down to a single block.</summary>
    public RoadMultigrid(int width, int height)
    {
        var levels = new List<Level> { new(width, height) };
        while (levels[^1] is { IsSingle: false } finer)
        {
            levels.Add(new Level((finer.Width + 1) / 2, (finer.Height + 1) / 2));
        }

        _levels = [.. levels];
    }

    /// <summary>What to solve for, on the imputer's grid; the margin is to stay 0.</summary>
    public float[] Residual => _levels[0].Right;

    /// <summary>The answer of <see cref="Cycle"/>, on the imputer's grid; means nothing at known pixels.</summary>
    public float[] Correction => _levels[0].Value;

    /// <summary>Takes the matrix.</summary>
    /// <param name="removed">1 for an unknown pixel, else 0, on the imputer's grid.</param>
    /// <param name="ground">Sum of an unknown pixel's weights to known ones; 0 for known pixels.</param>
    /// <param name="beside">Weight of horizontal and vertical neighbours.</param>
    /// <param name="diagonal">Weight of diagonal neighbours.</param>
    public void SetMatrix(ReadOnlySpan<float> removed, ReadOnlySpan<float> ground, float beside, float diagonal)
    {
        _levels[0].SetFinest(removed, ground, beside, diagonal);
        for (int i = 1; i < _levels.Length; i++)
        {
            _levels[i].SetAggregated(_levels[i - 1]);
        }
    }

    /// <summary><see cref="Correction"/> from <see cref="Residual"/>.</summary>
    public void Cycle()
    {
        int last = _levels.Length - 1;
        for (int i = 0; i < last; i++)
        {
            _levels[i].Descend(_levels[i + 1]);
        }

        _levels[last].Divide();
        for (int i = last - 1; i >= 0; i--)
        {
            _levels[i].Ascend(_levels[i + 1]);
        }
    }

    /// <summary>A grid with a margin whose coefficients stay 0; rows are <c>Width + 2</c> apart.</summary>
    private sealed class Level
    {
        private readonly int _stride;
        private readonly int _end;
        private readonly float[] _east;         // weight between a point and its right neighbour
        private readonly float[] _south;
        private readonly float[] _southEast;
        private readonly float[] _southWest;
        private readonly float[] _ground;       // weight between a point and known pixels
        private readonly float[] _sum;          // all weights of a point: the matrix's diagonal
        private readonly float[] _inverse;      // of the sum; 0 where nothing is unknown
        private readonly float[] _left;         // of the right-hand side, see FindLeft

        public Level(int width, int height)
        {
            (Width, Height, _stride) = (width, height, width + 2);
            int rows = height + (height % 2);       // blocks take two rows, the last one's second may lie in the margin
            _end = (rows + 1) * _stride;
            int length = ((rows + 2) * _stride) + Vector<float>.Count;
            (_east, _south, _southEast, _southWest) = (new float[length], new float[length], new float[length], new float[length]);
            (_ground, _sum, _inverse) = (new float[length], new float[length], new float[length]);
            (Right, Value, _left) = (new float[length], new float[length], new float[length]);
        }

        public int Width { get; }

        public int Height { get; }

        public bool IsSingle => Width == 1 && Height == 1;

        /// <summary>The right-hand side.</summary>
        public float[] Right { get; }

        public float[] Value { get; }

        public void SetFinest(ReadOnlySpan<float> removed, ReadOnlySpan<float> ground, float beside, float diagonal)
        {
            for (int i = _stride + 1; i < _end; i++)
            {
                float own = removed[i];
                _east[i] = own * removed[i + 1] * beside;
                _south[i] = own * removed[i + _stride] * beside;
                _southEast[i] = own * removed[i + _stride + 1] * diagonal;
                _southWest[i] = own * removed[i + _stride - 1] * diagonal;
                _ground[i] = ground[i];
            }

            AddUp();
        }

        public void SetAggregated(Level finer)
        {
            int below = finer._stride;
            for (int y = 0; y < Height; y++)
            {
                int i = ((y + 1) * _stride) + 1;
                int upper = (((2 * y) + 1) * below) + 1, lower = upper + below;     // the block's two rows
                for (int x = 0; x < Width; x++, i++, upper += 2, lower += 2)
                {
                    _east[i] = finer._east[upper + 1] + finer._east[lower + 1] + finer._southEast[upper + 1] + finer._southWest[upper + 2];
                    _south[i] = finer._south[lower] + finer._south[lower + 1] + finer._southEast[lower] + finer._southWest[lower + 1];
                    _southEast[i] = finer._southEast[lower + 1];
                    _southWest[i] = finer._southWest[lower];
                    _ground[i] = finer._ground[upper] + finer._ground[upper + 1] + finer._ground[lower] + finer._ground[lower + 1];
                }
            }

            AddUp();
        }

        /// <summary>The first sweep, from 0, and what it leaves over to the coarser level.</summary>
        public void Descend(Level coarser)
        {
            for (int i = _stride + 1; i < _end; i += Vector<float>.Count)
            {
                (Damping * At(_inverse, i) * At(Right, i)).CopyTo(Value, i);
            }

            FindLeft();
            for (int y = 0; y < coarser.Height; y++)
            {
                Span<float> sums = coarser.Right.AsSpan(((y + 1) * coarser._stride) + 1, coarser.Width);
                ReadOnlySpan<float> upper = _left.AsSpan((((2 * y) + 1) * _stride) + 1, 2 * sums.Length),
                    lower = _left.AsSpan((((2 * y) + 2) * _stride) + 1, 2 * sums.Length);
                for (int x = 0; x < sums.Length; x++)
                {
                    sums[x] = upper[2 * x] + upper[(2 * x) + 1] + lower[2 * x] + lower[(2 * x) + 1];
                }
            }
        }

        /// <summary>Adds the coarser level's answer, then sweeps once more.</summary>
        public void Ascend(Level coarser)
        {
            for (int y = 0; y < coarser.Height; y++)
            {
                ReadOnlySpan<float> blocks = coarser.Value.AsSpan(((y + 1) * coarser._stride) + 1, coarser.Width);
                Span<float> upper = Value.AsSpan((((2 * y) + 1) * _stride) + 1, 2 * blocks.Length),
                    lower = Value.AsSpan((((2 * y) + 2) * _stride) + 1, 2 * blocks.Length);
                for (int x = 0; x < blocks.Length; x++)
                {
                    float more = Overcorrection * blocks[x];
                    upper[2 * x] += more;
                    upper[(2 * x) + 1] += more;
                    lower[2 * x] += more;
                    lower[(2 * x) + 1] += more;
                }
            }

            FindLeft();
            for (int i = _stride + 1; i < _end; i += Vector<float>.Count)
            {
                (At(Value, i) + (Damping * At(_inverse, i) * At(_left, i))).CopyTo(Value, i);
            }
        }

        /// <summary>The answer of a single point.</summary>
        public void Divide()
        {
            int i = _stride + 1;
            Value[i] = _inverse[i] * Right[i];
        }

        private void AddUp()
        {
            for (int i = _stride + 1; i < _end; i++)
            {
                float sum = _ground[i] + _east[i] + _east[i - 1] + _south[i] + _south[i - _stride]
                    + _southEast[i] + _southEast[i - _stride - 1] + _southWest[i] + _southWest[i - _stride + 1];
                _sum[i] = sum;
                _inverse[i] = sum > 0 ? 1 / sum : 0;
            }
        }

        /// <summary>
        /// What is left of the right-hand side: it minus the matrix times the values. Most of a cycle's time is spent here.
        /// </summary>
        private void FindLeft()
        {
            for (int i = _stride + 1; i < _end; i += Vector<float>.Count)
            {
                Vector<float> beside = (At(_east, i) * At(Value, i + 1)) + (At(_east, i - 1) * At(Value, i - 1));
                Vector<float> middle = (At(_south, i) * At(Value, i + _stride)) + (At(_south, i - _stride) * At(Value, i - _stride));
                Vector<float> falling = (At(_southEast, i) * At(Value, i + _stride + 1))
                    + (At(_southEast, i - _stride - 1) * At(Value, i - _stride - 1));
                Vector<float> rising = (At(_southWest, i) * At(Value, i + _stride - 1))
                    + (At(_southWest, i - _stride + 1) * At(Value, i - _stride + 1));
                (At(Right, i) - (At(_sum, i) * At(Value, i)) + ((beside + middle) + (falling + rising))).CopyTo(_left, i);
            }
        }

        private static Vector<float> At(float[] grid, int i) => new(grid, i);
    }
}
