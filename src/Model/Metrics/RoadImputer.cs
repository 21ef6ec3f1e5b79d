using System.Numerics;

namespace GpuCam.Model;

/// <summary>
/// Fills removed pixels so that they give nothing away (ROAD, arXiv 2202.00449, section 4.2): each is the weighted mean of its eight
/// neighbours, 1/6 for those beside, above and below and 1/12 for the diagonal ones, over the weights inside the image. Removed
/// neighbours are unknown as well, so this is one sparse linear system per channel:
/// <c>sum_j w_ij x_i - sum_(j removed) w_ij x_j = sum_(j kept) w_ij v_j</c>. It is symmetric and positive definite as soon as
/// one pixel is kept, and solved by conjugate gradients with its diagonal as preconditioner. Not for two threads at once.
/// </summary>
/// <remarks>All arrays are grids with a margin of one pixel, whose values stay 0; rows are <c>width + 2</c> apart.</remarks>
public sealed class RoadImputer
{
    private const double Beside = 1.0 / 6;
    private const double Diagonal = 1.0 / 12;

    // Of the residual's length over all pixels: leaves an error far below the noise of 0.01 that is added afterwards.
    private const double Tolerance = 1e-5;
    private const int MaximumRounds = 5000;

    private (int Width, int Height) _size;
    private int _stride;
    private double[] _removed = [];     // 1 for a removed pixel, else 0
    private double[] _weight = [];      // sum of the weights inside the image
    private double[] _value = [];
    private double[] _residual = [];
    private double[] _direction = [];
    private double[] _product = [];

    /// <summary>Overwrites the removed pixels; if all are removed they become 0.</summary>
    /// <param name="image">HWC. What removed pixels hold is where the search begins: a good guess saves rounds.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="channels">Values per pixel.</param>
    /// <param name="removed">One flag per pixel.</param>
    public void Fill(Span<float> image, int width, int channels, ReadOnlySpan<bool> removed)
    {
        if (image.Length != removed.Length * channels || removed.Length % width != 0)
            throw new ArgumentException($"{image.Length} values are not {removed.Length} pixels with {channels} channels in rows of {width}", nameof(image));
        Allocate(width, removed.Length / width);
        for (int pixel = 0; pixel < removed.Length; pixel++)
            _removed[Place(pixel)] = removed[pixel] ? 1 : 0;
        if (!removed.Contains(true))
            return;
        if (!removed.Contains(false))
        {
            image.Clear();
            return;
        }

        for (int channel = 0; channel < channels; channel++)
        {
            for (int pixel = 0; pixel < removed.Length; pixel++)
                _value[Place(pixel)] = image[(pixel * channels) + channel];
            Solve();
            for (int pixel = 0; pixel < removed.Length; pixel++)
            {
                if (removed[pixel])
                    image[(pixel * channels) + channel] = (float)_value[Place(pixel)];
            }
        }
    }

    private int Place(int pixel) => ((pixel / _size.Width + 1) * _stride) + (pixel % _size.Width) + 1;

    private void Allocate(int width, int height)
    {
        if (_size == (width, height))
            return;
        _size = (width, height);
        _stride = width + 2;
        int length = ((height + 2) * _stride) + Vector<double>.Count;
        (_removed, _weight, _value) = (new double[length], new double[length], new double[length]);
        (_residual, _direction, _product) = (new double[length], new double[length], new double[length]);
        Array.Fill(_weight, 1);     // the margin is divided by it too
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int across = (x > 0 ? 1 : 0) + (x < width - 1 ? 1 : 0);
                int down = (y > 0 ? 1 : 0) + (y < height - 1 ? 1 : 0);
                if (across + down > 0)
                    _weight[((y + 1) * _stride) + x + 1] = ((across + down) * Beside) + (across * down * Diagonal);
            }
        }
    }

    /// <summary>Conjugate gradients from the values that are there.</summary>
    private void Solve()
    {
        double step = Begin();
        for (int round = 0; round < MaximumRounds && step > Tolerance * Tolerance; round++)
        {
            double length = step / Multiply();
            double next = Advance(length);
            Turn(next / step);
            step = next;
        }
    }

    /// <summary>Residual and first direction; returns the residual's squared length in the preconditioner's norm.</summary>
    private double Begin()
    {
        Vector<double> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<double>.Count)
        {
            Vector<double> residual = At(_removed, i) * (Neighbours(_value, i) - (At(_weight, i) * At(_value, i)));
            Vector<double> direction = residual / At(_weight, i);
            residual.CopyTo(_residual, i);
            direction.CopyTo(_direction, i);
            sum += residual * direction;
        }

        return Vector.Sum(sum);
    }

    /// <summary>The matrix times the direction; returns the product's dot product with the direction.</summary>
    private double Multiply()
    {
        Vector<double> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<double>.Count)
        {
            Vector<double> product = At(_removed, i) * ((At(_weight, i) * At(_direction, i)) - Neighbours(_direction, i));
            product.CopyTo(_product, i);
            sum += product * At(_direction, i);
        }

        return Vector.Sum(sum);
    }

    /// <summary>Goes along the direction; returns the new residual's squared length.</summary>
    private double Advance(double length)
    {
        Vector<double> sum = default;
        for (int i = _stride + 1; i < End; i += Vector<double>.Count)
        {
            Vector<double> residual = At(_residual, i) - (length * At(_product, i));
            (At(_value, i) + (length * At(_direction, i))).CopyTo(_value, i);
            residual.CopyTo(_residual, i);
            sum += residual * residual / At(_weight, i);
        }

        return Vector.Sum(sum);
    }

    private void Turn(double share)
    {
        for (int i = _stride + 1; i < End; i += Vector<double>.Count)
            ((At(_residual, i) / At(_weight, i)) + (share * At(_direction, i))).CopyTo(_direction, i);
    }

    /// <summary>Behind the last pixel.</summary>
    private int End => (_size.Height * _stride) + _size.Width + 1;

    private static Vector<double> At(double[] grid, int i) => new(grid, i);

    /// <summary>The weighted sum of the eight neighbours.</summary>
    private Vector<double> Neighbours(double[] grid, int i) =>
        (Beside * (At(grid, i - 1) + At(grid, i + 1) + At(grid, i - _stride) + At(grid, i + _stride)))
        + (Diagonal * (At(grid, i - _stride - 1) + At(grid, i - _stride + 1) + At(grid, i + _stride - 1) + At(grid, i + _stride + 1)));
}
