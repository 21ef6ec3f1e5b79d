namespace GpuCam.Model;

/// <summary>The overlaps from which a box counts as found: IoU of at least 0.3, 0.5 and 0.7 (arXiv 2007.04178, MaxBoxAccV2).</summary>
public static class IouLimits
{
    /// <summary>The limits, least first.</summary>
    public static IReadOnlyList<double> All { get; } = [0.3, 0.5, 0.7];

    /// <summary>What <see cref="Reach"/> gives from IoU 0.3 on.</summary>
    public const int At30 = 1;

    /// <summary>What <see cref="Reach"/> gives from IoU 0.5 on.</summary>
    public const int At50 = 2;

    /// <summary>What <see cref="Reach"/> gives from IoU 0.7 on.</summary>
    public const int At70 = 3;

    /// <summary>How many of the limits the box meets with the true box that it overlaps best: 0 to 3.</summary>
    public static int Reach(Box box, ReadOnlySpan<Box> truths)
    {
        int best = 0;
        foreach (Box truth in truths)
        {
            // IoU is at most the ratio of the areas, which spares most tiny components of a sweep the division.
            if (10 * Math.Min(box.Area, truth.Area) < 3 * Math.Max(box.Area, truth.Area))
            {
                continue;
            }

            double iou = box.IntersectionOverUnion(truth);
            best = Math.Max(best, iou >= 0.7 ? At70 : iou >= 0.5 ? At50 : iou >= 0.3 ? At30 : 0);
        }

        return best;
    }
}
