using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Cams;

/// <summary>What maps to draw, and where to.</summary>
internal sealed record CamOptions
{
    /// <summary>What stands for an image's true class among <see cref="Classes"/>.</summary>
    public const string TrueClass = "true";

    public MapChoice Maps { get; init; } = new();

    /// <summary>
    /// Predicted classes to draw when <see cref="Classes"/> is empty; null is 5, or 1 for more than <see cref="CamDrawing.FewPictures"/>.
    /// </summary>
    public int? Top { get; init; }

    /// <summary>Which number of a class is explained.</summary>
    public CamTarget Target { get; init; }

    /// <summary>Pictures that run through the network at once, at most.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>
    /// The longer side of what is drawn, at most; null is 640, or 320 for more than <see cref="CamDrawing.FewPictures"/>.
    /// </summary>
    public int? Side { get; init; }

    /// <summary>Names or numbers of the classes to draw, or <see cref="TrueClass"/>.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Boxes go around what is above this share of the maximum; the paper has 0.2.</summary>
    public float BoxThreshold { get; init; } = 0.2f;

    public ResizeMode Resize { get; init; }

    /// <summary>Which way up images are read.</summary>
    public ImageOrientation Orientation { get; init; }

    /// <summary>How maps are laid over pictures.</summary>
    public HeatmapOptions Look { get; init; } = new();

    public required string Output { get; init; }

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first option out of range.</summary>
    public CamOptions Validated()
    {
        if (Top < 1)
        {
            throw new GpuCamException($"--top {Top} is out of range; give at least 1");
        }

        if (Batch < 1)
        {
            throw new GpuCamException($"--batch {Batch} is out of range; give at least 1");
        }

        if (Side is < 16 or > 16384)
        {
            throw new GpuCamException($"--side {Side} is out of range; give 16 to 16384 pixels");
        }

        if (!(Look.Alpha is >= 0 and <= 1))
        {
            throw new GpuCamException(FormattableString.Invariant($"--opacity {Look.Alpha} is out of range; give 0 to 1"));
        }

        if (!(Look.From is >= 0 and <= 1))
        {
            throw new GpuCamException(FormattableString.Invariant($"--draw-from {Look.From} is out of range; give 0 to 1"));
        }

        if (!(BoxThreshold is >= 0 and <= 1))
        {
            throw new GpuCamException(FormattableString.Invariant($"--box-threshold {BoxThreshold} is out of range; give 0 to 1"));
        }

        return this;
    }
}
