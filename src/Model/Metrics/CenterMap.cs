namespace GpuCam.Model;

/// <summary>
/// A Gaussian in the middle of the image, whatever is on it: the localisation baseline that a method must beat (arXiv
/// 2001.07437). Its boxes over a sweep are the centred boxes of all sizes.
/// </summary>
public static class CenterMap
{
    /// <summary>The map, row after row; its standard deviation is a quarter of each extent, which does not change the best box.</summary>
    public static float[] Create(int width, int height)
    {
        float[] map = new float[width * height];
        for (int i = 0; i < map.Length; i++)
        {
            double x = ((i % width) - ((width - 1) / 2.0)) / (width / 4.0);
            double y = ((i / width) - ((height - 1) / 2.0)) / (height / 4.0);
            map[i] = (float)Math.Exp(-0.5 * ((x * x) + (y * y)));
        }

        return map;
    }
}
