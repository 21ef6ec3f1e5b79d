using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised dense convolutions, in groups where there are some: which method, whatever the vector width.</summary>
internal static unsafe class HostConv2D
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, Activation activation, Tensor? residual,
        int offset)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (!HostUnary.Knows(activation))
        {
            ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) =>
                TryForward(x, weight, bias, target, g, groups, relu ? Activation.Relu : default, null, 0));
            return true;
        }

        float* biases = bias == null ? null : bias.HostPointer, others = residual == null ? null : residual.HostPointer;
        var epilogue = new HostEpilogue(biases, others, g.OC, activation);
        VectorDispatch.Run(host.VectorBits, new ForwardJob(
            host, x.HostPointer, weight, g, groups, epilogue, y.HostPointer + offset, y.Shape.C));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor dy, ConvWeight weight, Tensor dx, Conv2DGeometry g, int groups)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.Run(host.VectorBits, new BackwardDataJob(host, dy.HostPointer, weight, dx.HostPointer, g, groups));
        return true;
    }

    /// <summary>Computes dWeight if its device is a vectorised host.</summary>
    public static bool TryBackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        if (dWeight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.Run(host.VectorBits, new BackwardWeightJob(host, x.HostPointer, dy.HostPointer, dWeight.HostPointer, g, groups));
        return true;
    }

    private readonly struct ForwardJob(
        HostDevice host, float* x, ConvWeight weight, Conv2DGeometry g, int groups, HostEpilogue epilogue, float* y, long step) : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV>
        {
            if (groups == 1 && WinogradRule.Fits<TV>(g))
            {
                int padded = Panels.For<TV>(g.X.C, g.OC).Padded;
                switch (WinogradRule.Tile(g.X.N, g.OH, g.OW, g.X.C, padded))
                {
                    case 2: Winograd3x3.Forward<TV, WinogradTwo>(host, x, weight, g, epilogue, y, step); return;
                    case 4: Winograd3x3.Forward<TV, WinogradFour>(host, x, weight, g, epilogue, y, step); return;
                    default: break;
                }
            }

            DirectConv.Forward<TV>(host, x, weight, g, groups, epilogue, y, step);
        }
    }

    private readonly struct BackwardDataJob(HostDevice host, float* dy, ConvWeight weight, float* dx, Conv2DGeometry g, int groups)
        : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV>
        {
            if (groups == 1 && WinogradRule.Fits<TV>(g))
            {
                int padded = Panels.For<TV>(g.OC, g.X.C).Padded;
                switch (WinogradRule.Tile(g.X.N, g.X.H, g.X.W, g.OC, padded))
                {
                    case 2: Winograd3x3.BackwardData<TV, WinogradTwo>(host, dy, weight, dx, g); return;
                    case 4: Winograd3x3.BackwardData<TV, WinogradFour>(host, dy, weight, dx, g); return;
                    default: break;
                }
            }

            DirectConv.BackwardData<TV>(host, dy, weight, dx, g, groups);
        }
    }

    private readonly struct BackwardWeightJob(HostDevice host, float* x, float* dy, float* dWeight, Conv2DGeometry g, int groups)
        : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV>
        {
            if (groups == 1 && WinogradRule.FitsGradient<TV>(g))
            {
                WinogradGradient.Run<TV>(host.Threads, x, dy, dWeight, g);
                return;
            }

            DirectConv.BackwardWeight<TV>(host, x, dy, dWeight, g, groups);
        }
    }
}
