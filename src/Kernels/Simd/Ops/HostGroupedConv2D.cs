using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="GroupedConv2D"/>. Depthwise and narrow groups are <see cref="LaneConv"/>'s. Wide groups are convolutions of their own, one after the other, on copies of their channels; so are those too narrow for any
/// vector.
/// </summary>
internal static unsafe class HostGroupedConv2D
{
    /// <summary>Groups with at most so many channels in the result are narrow: wider ones fill the tile of a dense product.</summary>
    private const int Widest = 32;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, Activation activation, Tensor? residual,
        int offset)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var part = new Parts(host, g, groups);
        if (Narrow(host, part.OC, g.OC) && (activation.Function is not { } function || HostUnary.Knows(function, activation.Alpha)))
        {
            Run(host, g.X.N, Work(g, part), new LaneProblem(
                x.HostPointer, weight.Tensor.HostPointer, bias == null ? null : bias.HostPointer, y.HostPointer + offset,
                Vertical(g, false), Horizontal(g, false), groups, part.IC, part.OC)
            {
                TargetStep = y.Shape.C,
                Residual = residual == null ? null : residual.HostPointer,
                Activation = activation,
            });
            return true;
        }

        ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) =>
            Forward(host, x, weight.Tensor, bias, target, g, groups, relu));
        return true;
    }

    private static void Forward(
        HostDevice host, Tensor x, Tensor weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, bool relu)
    {
        float* biases = bias == null ? null : bias.HostPointer;
        var part = new Parts(host, g, groups);
        if (Narrow(host, part.OC, g.OC))
        {
            Run(host, g.X.N, Work(g, part), new LaneProblem(
                x.HostPointer, weight.HostPointer, biases, y.HostPointer, Vertical(g, false), Horizontal(g, false), groups, part.IC, part.OC)
            {
                Activation = relu ? Activation.Relu : Activation.None,
            });
            return;
        }

        for (int q = 0; q < groups; q++)
        {
            part.TakeX(x.HostPointer, q);
            part.TakeWeight(weight.HostPointer, q);
            HostConv2D.Forward(
                host.VectorBits, host.Threads, part.X, part.Weight, biases == null ? null : biases + (q * part.OC), relu, part.Y, part.G);
            part.PutY(y.HostPointer, q);
        }
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, ConvWeight packable, Tensor dx, Conv2DGeometry g, int groups)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Tensor weight = packable.Tensor;
        var part = new Parts(host, g, groups);
        if (Narrow(host, part.IC, g.X.C))
        {
            Run(host, g.X.N, Work(g, part), new LaneProblem(
                dy.HostPointer, weight.HostPointer, null, dx.HostPointer, Vertical(g, true), Horizontal(g, true), groups, part.OC, part.IC));
            return true;
        }

        for (int q = 0; q < groups; q++)
        {
            part.TakeY(dy.HostPointer, q);
            part.TakeWeight(weight.HostPointer, q);
            HostConv2D.BackwardData(host.VectorBits, host.Threads, part.Y, part.Weight, part.X, part.G);
            part.PutX(dx.HostPointer, q);
        }

        return true;
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var part = new Parts(host, g, groups);
        if (part.IC * part.OC == 1 && DepthwiseGradient.TryRun(host, x.HostPointer, dy.HostPointer, dWeight.HostPointer, g))
        {
            return true;
        }

        for (int q = 0; q < groups; q++)
        {
            part.TakeX(x.HostPointer, q);
            part.TakeY(dy.HostPointer, q);
            HostConv2D.BackwardWeight(host.VectorBits, host.Threads, part.X, part.Y, part.Weight, part.G);
            part.PutWeight(dWeight.HostPointer, q);
        }

        return true;
    }

    private static long Work(Conv2DGeometry g, in Parts part) => (long)g.Y.Count * g.KH * g.KW * part.IC;

    private static LaneAxis Vertical(Conv2DGeometry g, bool backward) => backward
        ? new LaneAxis(g.OH, g.X.H, g.KH, g.DilationH, g.StrideH, g.PadTop, true)
        : new LaneAxis(g.X.H, g.OH, g.KH, g.DilationH, g.StrideH, g.PadTop, false);

    private static LaneAxis Horizontal(Conv2DGeometry g, bool backward) => backward
        ? new LaneAxis(g.OW, g.X.W, g.KW, g.DilationW, g.StrideW, g.PadLeft, true)
        : new LaneAxis(g.X.W, g.OW, g.KW, g.DilationW, g.StrideW, g.PadLeft, false);

    /// <summary>Whether a group's channels of the result are few, and all channels enough for a vector.</summary>
    private static bool Narrow(HostDevice host, int group, int all) =>
        group <= Widest && (group >= host.VectorBits / 32 || all >= V128.Lanes);

    private static void Run(HostDevice host, int images, long work, LaneProblem problem)
    {
        int widest = host.VectorBits / 32, channels = problem.Outputs >= widest ? problem.Outputs : problem.Channels;
        int lanes = VectorDispatch.BitsFor(host, channels) / 32, bands = LaneConv.Bands(problem, images, lanes, host.Threads.Count);
        LaneProblem cut = problem with { Bands = bands };
        VectorDispatch.ForChannels(host, channels, images * bands * LaneConv.Blocks(problem, lanes), work, new Loop(cut));
    }

    private readonly struct Loop(LaneProblem problem) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV> => LaneConv.Items<TV>(problem, start, end);
    }

    /// <summary>The tensors of one group, copied out of and into those of all.</summary>
    private readonly struct Parts(HostDevice host, Conv2DGeometry g, int groups)
    {
        /// <summary>The convolution of a group.</summary>
        public Conv2DGeometry G { get; } = g with { X = g.X.WithC(g.X.C / groups), OC = g.OC / groups };

        public int IC => G.X.C;

        public int OC => G.OC;

        public float* X => host.Scratch(checked(G.X.Count + G.Y.Count + G.Weight.Count)).HostPointer();

        public float* Y => X + G.X.Count;

        public float* Weight => Y + G.Y.Count;

        public void TakeX(float* all, int q) => Copy(all + (q * IC), g.X.C, X, IC, IC, g.X.N * g.X.Area);

        public void PutX(float* all, int q) => Copy(X, IC, all + (q * IC), g.X.C, IC, g.X.N * g.X.Area);

        public void TakeY(float* all, int q) => Copy(all + (q * OC), g.OC, Y, OC, OC, g.X.N * g.OH * g.OW);

        public void PutY(float* all, int q) => Copy(Y, OC, all + (q * OC), g.OC, OC, g.X.N * g.OH * g.OW);

        public void TakeWeight(float* all, int q) => Copy(all + (q * OC), g.OC, Weight, OC, OC, g.KH * g.KW * IC);

        public void PutWeight(float* all, int q) => Copy(Weight, OC, all + (q * OC), g.OC, OC, g.KH * g.KW * IC);

        private void Copy(float* source, int sourceStep, float* target, int targetStep, int width, int rows) =>
            VectorDispatch.For(host, rows, 2L * rows * width, new CopyLoop(source, sourceStep, target, targetStep, width));
    }

    private readonly struct CopyLoop(float* source, int sourceStep, float* target, int targetStep, int width) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (long row = start; row < end; row++)
            {
                new Span<float>(source + (row * sourceStep), width).CopyTo(new Span<float>(target + (row * targetStep), width));
            }
        }
    }
}
