using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>An axis of a <see cref="Shape"/>.</summary>
public enum Axis
{
    /// <summary>Images, or what lies along them.</summary>
    N,

    /// <summary>Rows.</summary>
    H,

    /// <summary>Columns.</summary>
    W,

    /// <summary>Channels.</summary>
    C,
}

/// <summary>Extents by axis.</summary>
public static class AxisExtents
{
    /// <summary>The extent along an axis.</summary>
    public static int Extent(this Shape shape, Axis axis) => axis switch
    {
        Axis.N => shape.N,
        Axis.H => shape.H,
        Axis.W => shape.W,
        _ => shape.C,
    };

    /// <summary>The shape with another extent along an axis.</summary>
    public static Shape With(this Shape shape, Axis axis, int extent) => axis switch
    {
        Axis.N => shape with { N = extent },
        Axis.H => shape with { H = extent },
        Axis.W => shape with { W = extent },
        _ => shape with { C = extent },
    };
}
