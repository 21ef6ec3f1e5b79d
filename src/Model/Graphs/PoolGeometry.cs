using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The windows of a rule on an image.</summary>
internal static class PoolGeometry
{
    public static Pool2DGeometry Of(WindowRule rule, Shape x)
    {
        (int top, int left, int bottom, int right) = rule.PadsOf(x);
        return new Pool2DGeometry(
            x, rule.KH, rule.KW, rule.StrideH, rule.StrideW, top, left, bottom, right, rule.DilationH, rule.DilationW, rule.Ceil);
    }
}
