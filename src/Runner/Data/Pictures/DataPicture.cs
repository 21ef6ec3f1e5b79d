using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>A labelled picture of a <see cref="PictureSet"/>.</summary>
/// <param name="Id">What tables and score maps call it: its path below the set's folder, with slashes.</param>
/// <param name="Path">The file.</param>
/// <param name="Label">Its class, a place in <see cref="PictureSet.ClassNames"/>.</param>
internal sealed record DataPicture(string Id, string Path, int Label)
{
    /// <summary>The boxes of its class, in pixels of the picture as it is read; empty where none is known.</summary>
    public IReadOnlyList<Box> Boxes { get; init; } = [];

    /// <summary>PNG files whose pixels above 0 are the object; a pixel counts that any of them names. Empty where none is known.</summary>
    public IReadOnlyList<string> Masks { get; init; } = [];

    /// <summary>A PNG file whose pixels above 0 are left out of every count of pixels; null where there is none.</summary>
    public string? IgnoreMask { get; init; }

    /// <summary>Columns of the picture as it is read; 0 where nothing has looked yet.</summary>
    public int Width { get; init; }

    /// <summary>Its rows; 0 where nothing has looked yet.</summary>
    public int Height { get; init; }
}
