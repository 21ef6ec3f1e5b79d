using System.Numerics;

namespace GpuCam.Model;

/// <summary>
/// Fills removed pixels so that they give nothing away (ROAD, arXiv 2202.00449, section 4.2): each is the weighted mean of its eight
/// neighbours, 1/6 for those beside, above and below and 1/12 for the diagonal ones, over the weights inside the image. Removed
/// neighbours are unknown as well, so this is one sparse linear system per channel:
/// <c>sum_j w_ij x_i - sum_(j removed) w_ij x_j = sum_(j kept) w_ij v_j</c>. It is symmetric and positive definite as soon as
/// one pixel is kept, and solved by conjugate gradients with <see cref="RoadMultigrid"/> as preconditioner. Not for two threads at once.
/// </summary>
/// <remarks>
/// All arrays are grids with a margin, one pixel wide and below two, whose values stay 0; rows are <c>width + 2</c> apart.
/// </remarks>
public sealed class RoadImputer
{
    private const float Beside = 1f / 6;
    private const float Diagonal = 1f / 12;

    // Of the residual's length over all pixels: leaves an error far below the noise of 0.01 that is added afterwards.
    private const float Tolerance = 1e-5f;
    private const int MaximumRounds = 1000;

    private (int Width, int Height) _size;
    private int _stride;
    private float[] _removed = [];     // 1 for a removed pixel, else 0
    private float[] _weight = [];      // sum of the weights inside the image
    private float[] _inverse = [];     // 1 / weight; 0 in the margin
    private float[] _value = [];
    private float[] _residual = [];
    private float[] _direction = [];
    private float[] _product = [];
    private RoadMultigrid _multigrid = new(1, 1);

    /// <summary>Overwrites the removed pixels; if all are removed they become 0.</summary>
    /// <param name="image">HWC. What removed pixels hold is where the search begins: a good guess saves rounds.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="channels">Values per pixel.</param>
    /// <param name="removed">One flag per pixel.</param>
    public void Fill(Span<float> image, int width, int channels, ReadOnlySpan<bool> removed)
    {
        if (image.Length != removed.Length * channels || removed.Length % width != 0)
        {
            throw new ArgumentException(
                $"{image.Length} values are not {removed.Length} pixels with {channels} channels in rows of {width}", nameof(image));
        }

        Allocate(width, removed.Length / width);
        if (!removed.Contains(true))
        {
            return;
        }

        if (!removed.Contains(false))
        {
            image.Clear();
            return;
        }

        SetRemoved(removed);
        for (int channel = 0; channel < channels; channel++)
        {
            for (int y = 0; y < _size.Height; y++)
            {
                Span<float> row = _value.AsSpan(((y + 1) * _stride) + 1, width);
                for (int x = 0; x < width; x++)
                {
                    row[x] = image[(((y * width) + x) * channels) + channel];
                }
            }

            Solve();
            for (int y = 0; y < _size.Height; y++)
            {
                ReadOnlySpan<float> row = _value.AsSpan(((y + 1) * _stride) + 1, width);
                for (int x = 0; x < width; x++)
                {
                    if (removed[(y * width) + x])
                    {
                        image[(((y * width) + x) * channels) + channel] = row[x];
                    }
                }
            }
        }
    }

    private void Allocate(int width, int height)
    {
        if (_size == (width, height))
        {
            return;
        }

        _size = (width, height);
        _stride = width + 2;
        int length = ((height + 3) * _stride) + Vector<float>.Count;
        (_removed, _weight, _inverse, _value) = (new float[length], new float[length], new float[length], new float[length]);
        (_residual, _direction, _product) = (new float[length], new float[length], new float[length]);
        _multigrid = new RoadMultigrid(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int across = (x > 0 ? 1 : 0) + (x < width - 1 ? 1 : 0);
                int down = (y > 0 ? 1 : 0) + (y < height - 1 ? 1 : 0);
                int i = ((y + 1) * _stride) + x + 1;
                _weight[i] = ((across + down) * Beside) + (across * down * Diagonal);
                _inverse[i] = _weight[i] > 0 ? 1 / _weight[i] : 0;
            }
        }
    }

    private void SetRemoved(ReadOnlySpan<bool> removed)
    {
        for (int y = 0; y < _size.Height; y++)
        {
            for (int x = 0; x < _size.Width; x++)
            {
                _removed[((y + 1) * _stride) + x + 1] = removed[(y * _size.Width) + x] ? 1 : 0;
            }
        }

        // The product is free for now: each removed pixel's weights to kept ones.
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            (At(_removed, i) * Vector.Max(default, At(_weight, i) - Neighbours(_removed, i))).CopyTo(_product, i);
        }

        _multigrid.SetMatrix(_removed, _product, Beside, Diagonal);
    }

    /// <summary>Conjugate gradients from the values that are there.</summary>
    private void Solve()
    {
        float left = Begin(), product = 0;
        for (int round = 0; round < MaximumRounds && left > Tolerance * Tolerance; round++)
        {
            float next = Precondition();
            Turn(round == 0 ? 0 : next / product);
            product = next;
            left = Advance(product / Multiply());
        }
    }

    /// <summary>The residual; returns the square of its length, each pixel divided by its weight.</summary>
    private float Begin()
    {
        Vector<float> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            Vector<float> residual = At(_removed, i) * (Neighbours(_value, i) - (At(_weight, i) * At(_value, i)));
            residual.CopyTo(_residual, i);
            sum += residual * residual * At(_inverse, i);
        }

        return Vector.Sum(sum);
    }

    /// <summary>The residual's correction; returns the dot product of the two.</summary>
    private float Precondition()
    {
        _residual.AsSpan(0, End).CopyTo(_multigrid.Residual);
        _multigrid.Cycle();
        float[] correction = _multigrid.Correction;
        Vector<float> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            sum += At(_residual, i) * At(correction, i);
        }

        return Vector.Sum(sum);
    }

    /// <summary>The matrix times the direction; returns the product's dot product with the direction.</summary>
    private float Multiply()
    {
        Vector<float> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            Vector<float> product = At(_removed, i) * ((At(_weight, i) * At(_direction, i)) - Neighbours(_direction, i));
            product.CopyTo(_product, i);
            sum += product * At(_direction, i);
        }

        return Vector.Sum(sum);
    }

    /// <summary>Goes along the direction; returns what <see cref="Begin"/> does of the new residual.</summary>
    private float Advance(float length)
    {
        Vector<float> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            Vector<float> residual = At(_residual, i) - (length * At(_product, i));
            (At(_value, i) + (length * At(_direction, i))).CopyTo(_value, i);
            residual.CopyTo(_residual, i);
            sum += residual * residual * At(_inverse, i);
        }

        return Vector.Sum(sum);
    }

    /// <summary>The next direction: the correction, and a share of the last direction.</summary>
    private void Turn(float share)
    {
        float[] correction = _multigrid.Correction;
        for (int i = _stride + 1; i < End; i += Vector<float>.Count)
        {
            ((At(_removed, i) * At(correction, i)) + (share * At(_direction, i))).CopyTo(_direction, i);
        }
    }

    /// <summary>Behind the last pixel.</summary>
    private int End => (_size.Height * _stride) + _size.Width + 1;

    private static Vector<float> At(float[] grid, int i) => new(grid, i);

    /// <summary>The weighted sum of the eight neighbours.</summary>
    private Vector<float> Neighbours(float[] grid, int i) =>
        (Beside * (At(grid, i - 1) + At(grid, i + 1) + At(grid, i - _stride) + At(grid, i + _stride)))
        + (Diagonal * (At(grid, i - _stride - 1) + At(grid, i - _stride + 1) + At(grid, i + _stride - 1) + At(grid, i + _stride + 1)));
}
