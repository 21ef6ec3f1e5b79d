using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The windows of a rule on an image.</summary>
internal static class PoolGeometry
{
    public static Pool2DGeometry Of(WindowRule rule, Shape x) => new(x, rule.KH, rule.StrideH, rule.Pads.Top);
}
