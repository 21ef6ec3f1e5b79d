namespace GpuCam.Kernels.Ops;

/// <summary>
/// Products of one shape in one launch: matrices of a batch, groups of channels. Their rows stand one after the other, each product's
/// filled up to whole tiles, so that a tile has rows of one product alone.
/// </summary>
internal readonly struct ProductBatches
{
    private readonly Divisor _rows;
    private readonly int _padded, _left, _right;

    /// <summary>One product.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="rightPitch">Floats between two rows of its B.</param>
    internal ProductBatches(int rows, int rightPitch)
        : this(1, rows, rows, 0, 0, rightPitch)
    {
    }

    /// <summary>Some.</summary>
    /// <param name="count">How many.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="tileRows">Rows of a tile.</param>
    /// <param name="left">Floats from one's A to the next one's.</param>
    /// <param name="right">Floats from one's B to the next one's.</param>
    /// <param name="rightPitch">Floats between two rows of a B.</param>
    internal ProductBatches(int count, int rows, int tileRows, int left, int right, int rightPitch)
    {
        _padded = count == 1 ? rows : checked((rows + tileRows - 1) / tileRows * tileRows);
        (_rows, _left, _right) = (new Divisor(_padded), left, right);
        (Count, One, Rows, RightPitch) = (count, rows, checked(count * _padded), rightPitch);
    }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>Rows of each.</summary>
    public int One { get; }

    /// <summary>Rows of all, those that fill up tiles included.</summary>
    public int Rows { get; }

    /// <summary>Floats between two rows of a B.</summary>
    public int RightPitch { get; }

    /// <summary>Which product a row belongs to.</summary>
    public int Of(int row) => _rows.Quotient(row);

    /// <summary>Which row of it that is; past the last where it only fills up.</summary>
    public int RowOf(int row, int batch) => row - (batch * _padded);

    /// <summary>Where a product's A begins.</summary>
    public int Left(int batch) => batch * _left;

    /// <summary>Where the B begins that a row is multiplied with.</summary>
    public int Right(int row) => _rows.Quotient(row) * _right;
}
