namespace GpuCam.Model;

/// <summary>What can be said of an activation map before it is turned into colours.</summary>
public enum MapState
{
    /// <summary>It varies and has a positive part: it can be normalised and shown.</summary>
    Normal,

    /// <summary>One positive value everywhere: it says nothing of where.</summary>
    Constant,

    /// <summary>No value is above 0: nothing speaks for the class. A rectified map that is 0 everywhere is of this kind.</summary>
    AllNonPositive,

    /// <summary>It holds NaN or an infinity.</summary>
    NonFinite,
}

/// <summary>The least and the greatest value of a map, and its state.</summary>
/// <param name="Minimum">Least value; NaN when the map is not finite.</param>
/// <param name="Maximum">Greatest value; NaN when the map is not finite.</param>
/// <param name="State">What the map can be used for.</param>
public readonly record struct MapRange(float Minimum, float Maximum, MapState State)
{
    // Below this share of its largest value, variation is rounding noise of float32 sums.
    private const float Flat = 1e-6f;

    /// <summary>One line for a caption, or null when the map is <see cref="MapState.Normal"/>.</summary>
    public string? Explanation => State switch
    {
        MapState.Constant => $"no place stands out: the map is {Maximum:g4} everywhere",
        MapState.AllNonPositive => "no positive evidence: every contribution is <= 0",
        MapState.NonFinite => "no map: it holds NaN or infinite values",
        _ => null,
    };

    /// <summary>Looks through the map once. An empty map counts as constant.</summary>
    public static MapRange Of(ReadOnlySpan<float> map)
    {
        if (map.IsEmpty)
        {
            return new MapRange(0, 0, MapState.Constant);
        }

        float minimum = float.PositiveInfinity, maximum = float.NegativeInfinity;
        foreach (float value in map)
        {
            if (!float.IsFinite(value))
            {
                return new MapRange(float.NaN, float.NaN, MapState.NonFinite);
            }

            minimum = MathF.Min(minimum, value);
            maximum = MathF.Max(maximum, value);
        }

        if (maximum <= 0)
        {
            return new MapRange(minimum, maximum, MapState.AllNonPositive);
        }

        bool flat = maximum - minimum <= Flat * MathF.Max(maximum, -minimum);
        return new MapRange(minimum, maximum, flat ? MapState.Constant : MapState.Normal);
    }
}
