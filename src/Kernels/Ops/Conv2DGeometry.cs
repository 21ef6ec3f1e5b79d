namespace GpuCam.Kernels.Ops;

/// <summary>
/// Everything that decides which input pixel meets which weight: forward and backward share it. Output pixel (oh, ow)
/// and tap (kh, kw) meet at input pixel <c>ih = oh * StrideH + kh * DilationH - PadTop</c>,
/// <c>iw = ow * StrideW + kw * DilationW - PadLeft</c>; pixels outside the input count as zero.
/// </summary>
/// <param name="X">Input, NHWC.</param>
/// <param name="KH">Kernel height.</param>
/// <param name="KW">Kernel width.</param>
/// <param name="OC">Output channels.</param>
/// <param name="StrideH">Step between output rows, in input rows.</param>
/// <param name="StrideW">Step between output columns, in input columns.</param>
/// <param name="PadTop">Zero rows above the input.</param>
/// <param name="PadLeft">Zero columns left of the input.</param>
/// <param name="PadBottom">Zero rows below the input.</param>
/// <param name="PadRight">Zero columns right of the input.</param>
/// <param name="DilationH">Step between kernel rows, in input rows; 1 is a dense kernel.</param>
/// <param name="DilationW">Step between kernel columns, in input columns.</param>
public readonly record struct Conv2DGeometry(
    Shape X,
    int KH,
    int KW,
    int OC,
    int StrideH,
    int StrideW,
    int PadTop,
    int PadLeft,
    int PadBottom,
    int PadRight,
    int DilationH,
    int DilationW)
{
    /// <summary>Output height; kernels use it, so it does not check.</summary>
    public int OH => ((X.H + PadTop + PadBottom - (DilationH * (KH - 1)) - 1) / StrideH) + 1;

    /// <summary>Output width; kernels use it, so it does not check.</summary>
    public int OW => ((X.W + PadLeft + PadRight - (DilationW * (KW - 1)) - 1) / StrideW) + 1;

    /// <summary>Shape of the output, <c>[N, OH, OW, OC]</c>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public Shape Y
    {
        get
        {
            Check();
            return new Shape(X.N, OH, OW, OC);
        }
    }

    /// <summary>Shape of the weight, HWIO: <c>[KH, KW, IC, OC]</c>.</summary>
    public Shape Weight => new(KH, KW, X.C, OC);

    /// <summary>
    /// A <paramref name="k"/> x <paramref name="k"/> convolution of stride 1 whose output is as large as its input. An even
    /// kernel pads one more at the bottom and right, as TensorFlow's SAME does.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static Conv2DGeometry Same(Shape x, int k, int oc)
    {
        int before = (k - 1) / 2;
        int after = k - 1 - before;
        var g = new Conv2DGeometry(x, k, k, oc, 1, 1, before, before, after, after, 1, 1);
        g.Check();
        return g;
    }

    /// <summary>A square kernel with the same stride, padding and dilation on all sides.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static Conv2DGeometry Create(Shape x, int k, int oc, int stride = 1, int padding = 0, int dilation = 1)
    {
        var g = new Conv2DGeometry(x, k, k, oc, stride, stride, padding, padding, padding, padding, dilation, dilation);
        g.Check();
        return g;
    }

    /// <summary>Throws if no convolution can look like this.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public void Check()
    {
        if (X.N < 1 || X.H < 1 || X.W < 1 || X.C < 1 || KH < 1 || KW < 1 || OC < 1)
        {
            throw new GpuCamException($"{this}: input, kernel and channels must be at least 1");
        }

        if (StrideH < 1 || StrideW < 1 || DilationH < 1 || DilationW < 1)
        {
            throw new GpuCamException($"{this}: stride and dilation must be at least 1");
        }

        if (PadTop < 0 || PadLeft < 0 || PadBottom < 0 || PadRight < 0)
        {
            throw new GpuCamException($"{this}: padding must not be negative");
        }

        long reachH = ((long)DilationH * (KH - 1)) + 1, paddedH = (long)X.H + PadTop + PadBottom;
        long reachW = ((long)DilationW * (KW - 1)) + 1, paddedW = (long)X.W + PadLeft + PadRight;
        if (reachH > paddedH || reachW > paddedW)
        {
            throw new GpuCamException($"{this}: the kernel reaches over {reachH}x{reachW} pixels, " +
                $"the padded input has {paddedH}x{paddedW}; use a larger input or more padding");
        }

        // What kernels add up stays below 2^31.
        if (Math.Max(paddedH + reachH + StrideH, paddedW + reachW + StrideW) > int.MaxValue)
        {
            throw new GpuCamException($"{this}: more than {int.MaxValue} rows or columns; use a smaller kernel or less padding");
        }

        decimal largest = Math.Max((decimal)X.N * X.H * X.W * X.C, (decimal)X.N * OH * OW * OC);
        if (Math.Max(largest, (decimal)KH * KW * X.C * OC) > int.MaxValue)
        {
            throw new GpuCamException($"{this}: a tensor would have more than {int.MaxValue} elements; use a smaller batch");
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"convolution {KH}x{KW} of {X} to {OC} channels (stride {StrideH}x{StrideW}, " +
        $"padding {PadTop},{PadLeft},{PadBottom},{PadRight}, dilation {DilationH}x{DilationW})";
}
