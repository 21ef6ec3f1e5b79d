using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="GroupedConv2D"/>. Depthwise and narrow groups are <see cref="LaneConv"/>'s. Wide groups are dense products,
/// one after the other (<see cref="HostConv2D"/>); so are those too narrow for any vector.
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

        int ic = g.X.C / groups, oc = g.OC / groups;
        if (!Narrow(host, oc, g.OC))
        {
            return HostConv2D.TryForward(x, weight, bias, y, g, groups, activation, residual, offset);
        }

        if (!HostUnary.Knows(activation))
        {
            ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) =>
                TryForward(x, weight, bias, target, g, groups, relu ? Activation.Relu : default, null, 0));
            return true;
        }

        Run(host, g.X.N, Work(g, ic), new LaneProblem(
            x.HostPointer, weight.Tensor.HostPointer, bias == null ? null : bias.HostPointer, y.HostPointer + offset,
            Vertical(g, false), Horizontal(g, false), groups, ic, oc)
        {
            TargetStep = y.Shape.C,
            Residual = residual == null ? null : residual.HostPointer,
            Activation = activation,
        });
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, ConvWeight weight, Tensor dx, Conv2DGeometry g, int groups)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int ic = g.X.C / groups, oc = g.OC / groups;
        if (Narrow(host, ic, g.X.C))
        {
            Run(host, g.X.N, Work(g, ic), new LaneProblem(
                dy.HostPointer, weight.Tensor.HostPointer, null, dx.HostPointer, Vertical(g, true), Horizontal(g, true), groups, oc, ic));
            return true;
        }

        return HostConv2D.TryBackwardData(dy, weight, dx, g, groups);
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (groups == g.X.C && groups == g.OC && DepthwiseGradient.TryRun(host, x.HostPointer, dy.HostPointer, dWeight.HostPointer, g))
        {
            return true;
        }

        return HostConv2D.TryBackwardWeight(x, dy, dWeight, g, groups);
    }

    private static long Work(Conv2DGeometry g, int ic) => (long)g.Y.Count * g.KH * g.KW * ic;

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
        if (problem.Streams)
        {
            VectorDispatch.ForChannels(host, channels, images * problem.Vertical.Target, work, new StreamLoop(problem));
            return;
        }

        int lanes = VectorDispatch.BitsFor(host, channels) / 32, bands = LaneConv.Bands(problem, images, lanes, host.Threads.Count);
        LaneProblem cut = problem with { Bands = bands };
        VectorDispatch.ForChannels(host, channels, images * bands * LaneConv.Blocks(problem, lanes), work, new Loop(cut));
    }

    private readonly struct StreamLoop(LaneProblem problem) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV> => LaneStream.Lines<TV>(problem, start, end);
    }

    private readonly struct Loop(LaneProblem problem) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV> => LaneConv.Items<TV>(problem, start, end);
    }
}
