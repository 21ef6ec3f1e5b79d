using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// What becomes of a product's sums before they are stored: <c>y[row, column] = f(sum + bias[column] + residual[row, column])</c>. All of
/// it is chosen by numbers, which every thread of a launch has alike.
/// </summary>
internal readonly struct ProductEpilogue
{
    private const int AddsBias = 1, AddsResidual = 2, WideResidual = 4;
    private readonly ProductResult _result;
    private readonly ArrayView<float> _bias, _residual;
    private readonly ActivationCode _activation;
    private readonly int _does, _residualPitch, _residualBatch;

    /// <summary>Nothing but the sums.</summary>
    internal ProductEpilogue(ProductResult result, Tensor any)
        : this(result, any, null, null, default, 0, 0)
    {
    }

    /// <summary>All of it.</summary>
    /// <param name="result">Where it goes.</param>
    /// <param name="any">Stands for a bias or residual that is not there, and is not read.</param>
    /// <param name="bias">A summand for each column, or null.</param>
    /// <param name="residual">A summand for each element, or null.</param>
    /// <param name="activation">f.</param>
    /// <param name="residualPitch">Floats from row to row of the residual.</param>
    /// <param name="residualBatch">Floats from one product's bias and residual to the next one's.</param>
    internal ProductEpilogue(
        ProductResult result, Tensor any, Tensor? bias, Tensor? residual, Activation activation, int residualPitch, int residualBatch)
    {
        (_result, _bias, _residual) = (result, (bias ?? any).View, (residual ?? any).View);
        (_activation, _residualPitch, _residualBatch) = (new ActivationCode(activation), residualPitch, residualBatch);
        _does = (bias is null ? 0 : AddsBias) | (residual is null ? 0 : AddsResidual);
        if (residual is not null && Quads.Fit(result.Columns, residual) && (residualPitch | residualBatch) % Float4.Count == 0)
        {
            _does |= WideResidual;
        }
    }

    /// <summary>Finishes and stores what exists of 4x4 sums, the first at (row, column) of a result of so many rows.</summary>
    public void Store(int batch, int row, int column, int rows, int split, Tile4x4 sum)
    {
        var lanes = new Lanes(column, _result.Columns, 1);
        if ((_does & AddsBias) != 0)
        {
            sum = sum.Plus(Float4.Load(_bias, (batch * _residualBatch) + column, lanes));
        }

        if ((_does & AddsResidual) != 0)
        {
            var down = new Lanes(row, rows, _residualPitch);
            int at = (batch * _residualBatch) + (row * _residualPitch) + column;
            sum = new Tile4x4(
                sum.R0.Plus(Residual(at, lanes)), sum.R1.Plus(Residual(at + down.D1, lanes)),
                sum.R2.Plus(Residual(at + down.D2, lanes)), sum.R3.Plus(Residual(at + down.D3, lanes)));
        }

        _result.Store(batch, row, column, rows, split, _activation.Of(sum));
    }

    /// <summary>Finishes and stores what exists of 4 sums of a row.</summary>
    public void Store(int batch, int row, int column, Float4 sum)
    {
        var lanes = new Lanes(column, _result.Columns, 1);
        if ((_does & AddsBias) != 0)
        {
            sum = sum.Plus(Float4.Load(_bias, (batch * _residualBatch) + column, lanes));
        }

        if ((_does & AddsResidual) != 0)
        {
            sum = sum.Plus(Residual((batch * _residualBatch) + (row * _residualPitch) + column, lanes));
        }

        _result.Store(batch, row, column, _activation.Of(sum));
    }

    /// <summary>The same with the bias in the sums already.</summary>
    public void StoreBiased(int row, int column, Float4 sum)
    {
        if ((_does & AddsResidual) != 0)
        {
            sum = sum.Plus(Residual((row * _residualPitch) + column, new Lanes(column, _result.Columns, 1)));
        }

        _result.Store(0, row, column, _activation.Of(sum));
    }

    /// <summary>Finishes and stores one sum.</summary>
    public void Store(int batch, int row, int column, float sum)
    {
        if ((_does & AddsBias) != 0)
        {
            sum += _bias[(batch * _residualBatch) + column];
        }

        StoreBiased(batch, row, column, sum);
    }

    /// <summary>The same with the bias in the sum already.</summary>
    public void StoreBiased(int batch, int row, int column, float sum)
    {
        if ((_does & AddsResidual) != 0)
        {
            sum += _residual[(batch * _residualBatch) + (row * _residualPitch) + column];
        }

        _result.Store(batch, row, column, _activation.Of(sum));
    }

    /// <summary>What a sum over the columns from <paramref name="column"/> on may begin with.</summary>
    public Float4 Bias(int column) =>
        (_does & AddsBias) != 0 ? Float4.Load(_bias, column, new Lanes(column, _result.Columns, 1)) : default;

    /// <summary>What a column's sum may begin with.</summary>
    public float OneBias(int column) => (_does & AddsBias) != 0 ? _bias[column] : 0;

    private Float4 Residual(int at, Lanes lanes) =>
        (_does & WideResidual) != 0 ? Float4.Load(_residual, at) : Float4.Load(_residual, at, lanes);
}
