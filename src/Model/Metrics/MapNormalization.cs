namespace GpuCam.Model;

/// <summary>What metrics can do with a map.</summary>
public enum MapKind
{
    /// <summary>Its values differ: it can be normalised.</summary>
    Defined,

    /// <summary>All values are equal.</summary>
    Constant,

    /// <summary>It holds NaN or an infinity, or its values differ by more than float32 can say.</summary>
    NonFinite,
}

/// <summary><c>N(M) = (M - min) / (max - min)</c>; a constant or non-finite map becomes all zeros, and whoever calls is told so.</summary>
public static class MapNormalization
{
    /// <summary>Least and greatest value, and what can be done with the map. An empty map counts as constant.</summary>
    public static MapKind Range(ReadOnlySpan<float> map, out float min, out float max)
    {
        (min, max) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in map)
        {
            if (!float.IsFinite(value))
            {
                return MapKind.NonFinite;
            }

            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }

        if (!(max > min))
        {
            return MapKind.Constant;
        }

        return float.IsFinite(max - min) ? MapKind.Defined : MapKind.NonFinite;
    }

    /// <summary>Writes N(map), values in [0, 1], to <paramref name="normalized"/>, which has the map's length.</summary>
    public static MapKind Normalize(ReadOnlySpan<float> map, Span<float> normalized)
    {
        MapKind kind = Range(map, out float min, out float max);
        if (kind != MapKind.Defined)
        {
            normalized.Clear();
            return kind;
        }

        float extent = max - min;
        for (int i = 0; i < map.Length; i++)
        {
            normalized[i] = (map[i] - min) / extent;
        }

        return kind;
    }
}
