namespace GpuCam.Model;

/// <summary>The pointing games: whether a map's maximum, or its positive part, lies inside true boxes.</summary>
internal static class MapPointing
{
    /// <summary>Whether the pixel lies in one of the boxes.</summary>
    public static bool IsInside(int pixel, int width, ReadOnlySpan<Box> boxes)
    {
        foreach (Box box in boxes)
        {
            if (box.Contains(pixel % width, pixel / width))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sum of the positive values inside the boxes over the sum of all positive values; 0 if there are none.</summary>
    public static double EnergyInside(ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> boxes)
    {
        double inside = 0, all = 0;
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] <= 0)
            {
                continue;
            }

            all += map[i];
            if (IsInside(i, width, boxes))
            {
                inside += map[i];
            }
        }

        return all > 0 ? inside / all : 0;
    }
}
