namespace GpuCam.Kernels.Simd;

/// <summary>
/// One thread's memory and its walk through one image. Everything between the image and its gradients stays in this
/// thread's L2 cache:
/// <code>
/// padded        [ic, H + 4, W + 4]             the image
/// middle        [rows, columns, Channels1]     behind the first pool, border of 2 zeros, room for whole tiles
/// dMiddle       the same                       its gradient
/// codes1        [Rows1, Columns1, Channels1]   see Pool
/// codes2        [Rows2, Columns2, Channels2]
/// inputPlanes   [64, Block tiles, Channels1]   B' X B; later the planes of dX
/// outputPlanes  [64, Block tiles, Channels2]   the products; later A dY A'
/// dPlanes       [64, Channels1, Channels2]     this thread's share of dU
/// </code>
/// A plane is padded by one cache line, since 64 stores at a multiple of 4 KB would meet in the same few lines of L1.
/// </summary>
internal sealed unsafe class LeNetWorker<TV> : IDisposable
    where TV : unmanaged, IVector<TV>
{
    /// <summary>
    /// Most tiles that go through the 64 products together: few enough for L2, a multiple of <see cref="Gemm.RowGroup"/>.
    /// </summary>
    private const int Block = 30;

    private readonly LeNetPlan _plan;
    private readonly LeNetShape _shape;
    private readonly int _inputPlane;
    private readonly int _outputPlane;
    private readonly AlignedBuffer<float> _inputPlanes;
    private readonly AlignedBuffer<float> _outputPlanes;
    private readonly AlignedBuffer<float> _padded;
    private readonly AlignedBuffer<float> _dMiddle;
    private readonly AlignedBuffer<byte> _codes1;

    public LeNetWorker(LeNetPlan plan)
    {
        _plan = plan;
        _shape = plan.Shape;
        _inputPlane = (Block * _shape.Channels1) + AlignedBuffer.Line;
        _outputPlane = (Block * _shape.Channels2) + AlignedBuffer.Line;
        _inputPlanes = new AlignedBuffer<float>(Winograd.Planes * _inputPlane);
        _outputPlanes = new AlignedBuffer<float>(Winograd.Planes * _outputPlane);
        _padded = new AlignedBuffer<float>(_shape.InChannels * _shape.PaddedPlane);
        Middle = new AlignedBuffer<float>(_shape.MiddleSize);
        _dMiddle = new AlignedBuffer<float>(_shape.MiddleSize);
        _codes1 = new AlignedBuffer<byte>(_shape.Rows1 * _shape.Columns1 * _shape.Channels1);
        Codes2 = new AlignedBuffer<byte>(_shape.Rows2 * _shape.Columns2 * _shape.Channels2);
        DPlanes = new AlignedBuffer<float>((long)Winograd.Planes * _shape.Channels1 * _shape.Channels2);
    }

    public AlignedBuffer<float> Middle { get; }

    public AlignedBuffer<byte> Codes2 { get; }

    public AlignedBuffer<float> DPlanes { get; }

    /// <summary>Copies the image into place.</summary>
    public void Take(float* image) => PaddedInput.Copy(image, _shape, _padded.Start);

    /// <summary>The first convolution for cell rows [from, to), into any worker's <paramref name="middle"/>. A mask leaves blank cells at
    /// their constant.</summary>
    public void ForwardFirst(LeNetTensors weights, int from, int to, byte* mask, float* middle, bool training)
    {
        float* pooled = middle + _shape.MiddleOrigin;
        byte* codes = training ? _codes1.Start : null;
        if (mask != null)
        {
            FirstConv.FillBlank<TV>(weights.Conv1Bias, _shape.Channels1, from, to, _shape.Columns1, pooled, _shape.MiddleStride, codes);
        }

        FirstConv.Forward<TV>(
            _padded.Start, _shape.PaddedPlane, _shape.PaddedStride, _shape.InChannels, weights.Conv1Weight, weights.Conv1Bias,
            _shape.Channels1, from, to, _shape.Columns1, mask, pooled, _shape.MiddleStride, codes);
    }

    /// <summary>Fills the middle with what a black image leaves there.</summary>
    public void ForwardFirstBlank(LeNetTensors weights) => FirstConv.FillBlank<TV>(
        weights.Conv1Bias, _shape.Channels1, 0, _shape.Rows1, _shape.Columns1, Middle.Start + _shape.MiddleOrigin, _shape.MiddleStride,
        _codes1.Start);

    /// <summary>
    /// The second convolution at some tiles, up to the sums of the pooled cells: sums[c] and counts[c] of tile i lie at i * stride
    /// (0: one sum over all tiles). Codes, counts and pooled may be null.
    /// </summary>
    public void ForwardTiles(
        float* planes, LeNetTensors weights, float* middle, ReadOnlySpan<int> tiles, byte* codes, float* pooled, float* sums,
        float* counts, int stride)
    {
        int inputs = _shape.Channels1, outputs = _shape.Channels2;
        int size = BlockSize(tiles.Length);
        for (int first = 0; first < tiles.Length; first += size)
        {
            ReadOnlySpan<int> block = tiles[first..Math.Min(tiles.Length, first + size)];
            TransformWindows(middle, block);
            // While one plane is multiplied, the next one's weights come into L1.
            for (int f = 0; f < Winograd.Planes; f++)
            {
                float* next = planes + ((f + 1) * inputs * outputs);
                Gemm.Multiply<TV>(
                    _inputPlanes.Start + (f * _inputPlane), inputs, planes + (f * inputs * outputs), outputs,
                    _outputPlanes.Start + (f * _outputPlane), outputs, block.Length, outputs, inputs,
                    next, next + (inputs * outputs / 2));
            }

            for (int i = 0; i < block.Length; i++)
            {
                int cell = _plan.FirstCell(block[i]) * outputs;
                WinogradPool.Forward<TV>(
                    _outputPlanes.Start + (i * outputs), _outputPlane, outputs, weights.Conv2Bias,
                    _plan.CellRows(block[i]), _plan.CellColumns(block[i]),
                    codes == null ? null : codes + cell, _shape.Columns2 * outputs,
                    pooled == null ? null : pooled + cell, _shape.Columns2 * outputs,
                    sums + ((first + i) * stride), counts == null ? null : counts + ((first + i) * stride));
            }
        }
    }

    /// <summary>Forgets the gradient of the middle; comes before <see cref="BackwardTiles"/>.</summary>
    public void BeginBackward() => _dMiddle.Clear();

    /// <summary>
    /// Both backward products of the second convolution at some tiles: adds to <see cref="DPlanes"/> and to the middle's gradient.
    /// The gradient of a pooled cell of tile i lies at i * stride (0: the same for all).
    /// </summary>
    public void BackwardTiles(float* turned, ReadOnlySpan<int> tiles, byte* codes, float* gradient, int stride)
    {
        int inputs = _shape.Channels1, outputs = _shape.Channels2;
        int size = BlockSize(tiles.Length);
        for (int first = 0; first < tiles.Length; first += size)
        {
            ReadOnlySpan<int> block = tiles[first..Math.Min(tiles.Length, first + size)];
            TransformWindows(Middle.Start, block);
            for (int i = 0; i < block.Length; i++)
            {
                WinogradPool.Backward<TV>(
                    codes + (_plan.FirstCell(block[i]) * outputs), _shape.Columns2 * outputs, gradient + ((first + i) * stride),
                    _plan.CellRows(block[i]), _plan.CellColumns(block[i]), outputs, _outputPlanes.Start + (i * outputs), _outputPlane);
            }

            for (int f = 0; f < Winograd.Planes; f++)
            {
                float* input = _inputPlanes.Start + (f * _inputPlane), output = _outputPlanes.Start + (f * _outputPlane);
                Gemm.AddTransposed<TV>(
                    input, inputs, output, outputs, DPlanes.Start + (f * inputs * outputs), outputs, inputs, outputs, block.Length,
                    output + _outputPlane, input + _inputPlane);
                Gemm.Multiply<TV>(
                    output, outputs, turned + (f * inputs * outputs), inputs, input, inputs, block.Length, inputs, outputs,
                    turned + ((f + 1) * inputs * outputs), DPlanes.Start + ((f + 1) * inputs * outputs));
            }

            for (int i = 0; i < block.Length; i++)
            {
                WinogradInput.AddAdjoint<TV>(
                    _inputPlanes.Start + (i * inputs), _inputPlane, inputs, _dMiddle.Start + _shape.WindowOffset(block[i]),
                    _shape.MiddleStride);
            }
        }
    }

    /// <summary>Adds the first convolution's weight and bias gradient; with a mask that is all zero only the bias's.</summary>
    public void BackwardFirst(byte* mask, LeNetTensors gradients) => FirstConvGradient.Add<TV>(
        _padded.Start, _shape.PaddedPlane, _shape.PaddedStride, _shape.InChannels, _shape.Channels1, _shape.Rows1, _shape.Columns1,
        mask, _dMiddle.Start + _shape.MiddleOrigin, _shape.MiddleStride, _codes1.Start, gradients.Conv1Weight, gradients.Conv1Bias);

    public void Dispose()
    {
        _inputPlanes.Dispose();
        _outputPlanes.Dispose();
        _padded.Dispose();
        Middle.Dispose();
        _dMiddle.Dispose();
        _codes1.Dispose();
        Codes2.Dispose();
        DPlanes.Dispose();
    }

    /// <summary>As few blocks as possible, then as equal as possible: each streams all weights through L1 once.</summary>
    private static int BlockSize(int tiles)
    {
        int blocks = Math.Max(1, (tiles + Block - 1) / Block), even = (tiles + blocks - 1) / blocks;
        return Math.Max(Gemm.RowGroup, (even + Gemm.RowGroup - 1) / Gemm.RowGroup * Gemm.RowGroup);
    }

    private void TransformWindows(float* middle, ReadOnlySpan<int> block)
    {
        for (int i = 0; i < block.Length; i++)
        {
            WinogradInput.Transform<TV>(
                middle + _shape.WindowOffset(block[i]), _shape.MiddleStride, _shape.Channels1,
                _inputPlanes.Start + (i * _shape.Channels1), _inputPlane);
        }

        // A product takes at least a group of rows; what an earlier image left in those would be multiplied again and again, down
        // to denormal numbers, which are slow.
        for (int i = block.Length; i < Gemm.RowGroup; i++)
        {
            for (int f = 0; f < Winograd.Planes; f++)
            {
                new Span<float>(_inputPlanes.Start + (f * _inputPlane) + (i * _shape.Channels1), _shape.Channels1).Clear();
                new Span<float>(_outputPlanes.Start + (f * _outputPlane) + (i * _shape.Channels2), _shape.Channels2).Clear();
            }
        }
    }
}
