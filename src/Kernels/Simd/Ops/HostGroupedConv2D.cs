using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="GroupedConv2D"/>. Depthwise and narrow groups are <see cref="LaneConv"/>'s, an item being a line of the
/// result. Wide groups are dense products, one after the other (<see cref="HostConv2D"/>); so are those too narrow for any vector.
/// </summary>
internal static unsafe class HostGroupedConv2D
{
    /// <summary>Groups with at most so many channels in the result are narrow: wider ones fill the tile of a dense product.</summary>
    private const int Narrow = 32;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, Activation activation, Tensor? residual,
        int offset)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var part = new Parts(g, groups);
        if (part.OC > Narrow || part.Lanes(part.OC, g.OC) < V128.Lanes)
        {
            return HostConv2D.TryForward(x, weight, bias, y, g, groups, activation, residual, offset);
        }

        ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) =>
            Forward(host, x, weight.Tensor, bias, target, g, groups, relu));
        return true;
    }

    private static void Forward(
        HostDevice host, Tensor x, Tensor weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, bool relu)
    {
        float* biases = bias == null ? null : bias.HostPointer;
        var part = new Parts(g, groups);
        int lanes = part.Lanes(part.OC, g.OC);
        VectorDispatch.ForChannels(host, lanes, g.X.N * g.OH, Work(g, part), new Loop(new LaneProblem(
            x.HostPointer, weight.HostPointer, biases, relu, y.HostPointer, Vertical(g, false), Horizontal(g, false),
            groups, part.IC, part.OC)));
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, ConvWeight packable, Tensor dx, Conv2DGeometry g, int groups)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Tensor weight = packable.Tensor;
        var part = new Parts(g, groups);
        int lanes = part.Lanes(part.IC, g.X.C);
        if (part.IC <= Narrow && lanes >= V128.Lanes)
        {
            using AlignedBuffer<float>? turned = part.IC * part.OC == 1 ? null : Turn(host, weight.HostPointer, part, groups);
            return VectorDispatch.ForChannels(host, lanes, g.X.N * g.X.H, Work(g, part), new Loop(new LaneProblem(
                dy.HostPointer, turned == null ? weight.HostPointer : turned.Start, null, false, dx.HostPointer, Vertical(g, true),
                Horizontal(g, true), groups, part.OC, part.IC)));
        }

        return HostConv2D.TryBackwardData(dy, packable, dx, g, groups);
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        var part = new Parts(g, groups);
        if (part.IC * part.OC == 1 && DepthwiseGradient.TryRun(host, x.HostPointer, dy.HostPointer, dWeight.HostPointer, g))
        {
            return true;
        }

        return HostConv2D.TryBackwardWeight(x, dy, dWeight, g, groups);
    }

    private static long Work(Conv2DGeometry g, in Parts part) => (long)g.Y.Count * g.KH * g.KW * part.IC;

    private static LaneAxis Vertical(Conv2DGeometry g, bool backward) => backward
        ? new LaneAxis(g.OH, g.X.H, g.KH, g.DilationH, g.StrideH, g.PadTop, true)
        : new LaneAxis(g.X.H, g.OH, g.KH, g.DilationH, g.StrideH, g.PadTop, false);

    private static LaneAxis Horizontal(Conv2DGeometry g, bool backward) => backward
        ? new LaneAxis(g.OW, g.X.W, g.KW, g.DilationW, g.StrideW, g.PadLeft, true)
        : new LaneAxis(g.X.W, g.OW, g.KW, g.DilationW, g.StrideW, g.PadLeft, false);

    /// <summary>[kh, kw, ic, group, oc] to [kh, kw, oc, group, ic].</summary>
    private static AlignedBuffer<float> Turn(HostDevice host, float* weight, in Parts part, int groups)
    {
        int kernel = part.G.KH * part.G.KW;
        long count = (long)kernel * part.IC * part.OC * groups;
        var turned = new AlignedBuffer<float>(count);
        VectorDispatch.For(host, kernel, 2 * count, new TurnLoop(weight, turned.Start, part.IC, part.OC, groups));
        return turned;
    }

    private readonly struct TurnLoop(float* weight, float* turned, int ic, int oc, int groups) : IVectorLoop
    {
        /// <summary>Columns turned at a time: their lines are often 4 KiB apart, and a cache holds 8 of such a kind.</summary>
        private const int Columns = 8;

        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            long tap = (long)ic * oc * groups;
            for (int k = start; k < end; k++)
            {
                for (int q = 0; q < groups; q++)
                {
                    for (int o = 0; o < oc; o += Columns)
                    {
                        long to = (k * tap) + ((long)o * groups * ic) + (q * ic);
                        Turn(weight + (k * tap) + (q * oc) + o, turned + to, Math.Min(Columns, oc - o));
                    }
                }
            }
        }

        private void Turn(float* source, float* target, int columns)
        {
            long row = (long)oc * groups, column = (long)ic * groups;
            for (int i = 0; i < ic; i++, source += row, target++)
            {
                for (int o = 0; o < columns; o++)
                {
                    target[o * column] = source[o];
                }
            }
        }
    }

    private readonly struct Loop(LaneProblem problem) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV> => LaneConv.Lines<TV>(problem, start, end);
    }

    /// <summary>One group.</summary>
    private readonly struct Parts(Conv2DGeometry g, int groups)
    {
        /// <summary>The convolution of a group.</summary>
        public Conv2DGeometry G { get; } = g with { X = g.X.WithC(g.X.C / groups), OC = g.OC / groups };

        /// <summary>Channels that a vector may lie on: those of a group or, depthwise, of all.</summary>
        public int Lanes(int group, int all) => IC * OC == 1 ? all : group;

        public int IC => G.X.C;

        public int OC => G.OC;
    }
}
