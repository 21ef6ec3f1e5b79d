using GpuCam.Model;

namespace GpuCam.Runner.Experiments;

/// <summary>The units of one class: <c>units.json</c>, and the picture beside it.</summary>
/// <param name="Format">The format of the file; a later one will have another number.</param>
/// <param name="Model">The model file.</param>
/// <param name="Precision">How the device rounded factors.</param>
/// <param name="Class">The class whose weights rank the units.</param>
/// <param name="Layer">The layer whose channels the units are.</param>
/// <param name="Field">The receptive field of a cell of that layer, in pixels of the image.</param>
/// <param name="RegionThreshold">
/// The share of a unit's maximum that bounds the regions, where the receptive field is as large as an image; absent where regions are
/// receptive fields.
/// </param>
/// <param name="Images">Test images that were looked through.</param>
/// <param name="Picture">The picture's file name.</param>
/// <param name="Units">Units, the largest weight first.</param>
internal sealed record UnitResults(
    string Format, string Model, string Precision, string Class, string Layer, ReceptiveField Field, float? RegionThreshold, int Images,
    string Picture, IReadOnlyList<UnitResult> Units)
{
    public const string CurrentFormat = "gpucam-units/1";
}

/// <summary>A unit and what excites it.</summary>
/// <param name="Unit">The channel, from 0.</param>
/// <param name="Weight">The class's weight on the unit's pooled feature.</param>
/// <param name="MeanInClass">Mean of the pooled feature over the images of the class; null if there were none.</param>
/// <param name="MeanElsewhere">The same over all other images.</param>
/// <param name="OfClass">Share of <paramref name="Top"/> that is of the class.</param>
/// <param name="OnTarget">Share of <paramref name="Top"/> whose region has its middle in the true box; null where boxes are
/// unknown.</param>
/// <param name="Top">The images with the largest activations, largest first.</param>
internal sealed record UnitResult(
    int Unit, float Weight, double? MeanInClass, double? MeanElsewhere, double OfClass, double? OnTarget,
    IReadOnlyList<UnitExcitement> Top);

/// <summary>An image's largest activation of a unit.</summary>
/// <param name="Image">Index among the test images.</param>
/// <param name="Name">What a picture is called; absent for generated samples.</param>
/// <param name="Class">The image's true class.</param>
/// <param name="Activation">The activation.</param>
/// <param name="Box">The region; a receptive field can reach beyond the image, where nothing is.</param>
/// <param name="OnTarget">Whether the region's middle lies in the true box; null where that is unknown.</param>
internal sealed record UnitExcitement(int Image, string? Name, string Class, float Activation, Box Box, bool? OnTarget);
