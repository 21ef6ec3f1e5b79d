using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>What images are drawn on, as their data set or the user says.</summary>
public enum ImageBackground
{
    /// <summary>Anything but the other; images are shown as they are.</summary>
    Light,

    /// <summary>Light strokes on black, as in MNIST; shown inverted under maps, as ink on paper.</summary>
    Dark,
}

/// <summary>How a map is laid over its picture.</summary>
public record OverlayOptions
{
    /// <summary>Share of the colours in the mixture.</summary>
    public float Alpha { get; init; } = 0.5f;

    /// <summary>The colour scale; null chooses jet, or for signed maps the diverging one.</summary>
    public ColorMap? Colors { get; init; }

    /// <summary>Share of the way from the least to the greatest value below which nothing is drawn; 0 draws all.</summary>
    public float From { get; init; }

    /// <summary>The map alone, without the picture under it.</summary>
    public bool MapAlone { get; init; }

    /// <summary>The part of the picture that the map covers; null for all. The rest is shown pale.</summary>
    public Box? Seen { get; init; }

    /// <summary>Show signed values around a neutral 0 instead of stretching minimum to maximum.</summary>
    public bool Signed { get; init; }

    /// <summary>What the picture is drawn on. Its pixels do not tell: a grey photograph is not a drawing.</summary>
    public ImageBackground Background { get; init; }

    /// <summary>
    /// Why a map of that range is not drawn: it is constant, not finite, or nowhere positive and not signed; null where it is.
    /// </summary>
    public string? Obstacle(MapRange range) =>
        Signed && range.State == MapState.AllNonPositive && range.Minimum < 0 ? null : range.Explanation;

    /// <summary>What a device needs to know to draw the same overlay.</summary>
    public OverlayStyle ToStyle() => new(Alpha, Signed ? 1 : 0, Background == ImageBackground.Dark ? 1 : 0);
}
