using System.Globalization;

namespace GpuCam.Runner.Training;

/// <summary>A stretch of training on one canvas size.</summary>
/// <param name="Size">Side of the canvas in pixels.</param>
/// <param name="End">Share of the training after which it ends.</param>
public readonly record struct CanvasPhase(int Size, double End);

/// <summary>
/// Which canvas each step trains on. The network is fully convolutional and global average pooling sums evidence over
/// pixels, so it learns faster on small canvases of the same clutter density; the last phase has the final size.
/// </summary>
public sealed class CanvasPlan
{
    private readonly CanvasPhase[] _phases;

    private CanvasPlan(CanvasPhase[] phases) => _phases = phases;

    /// <summary>The phases in order; the last one ends at 1.</summary>
    public IReadOnlyList<CanvasPhase> Phases => _phases;

    /// <summary>
    /// Reads <c>SIZE:SHARE,SIZE:SHARE,…</c>; the shares of the training must add up to 1.
    /// </summary>
    public static CanvasPlan Parse(string text, int size)
    {
        ArgumentNullException.ThrowIfNull(text);
        var phases = new List<CanvasPhase>();
        double total = 0;
        foreach (string part in text.Split(','))
        {
            string[] pair = part.Split(':');
            if (pair.Length != 2
                || !int.TryParse(pair[0], NumberStyles.None, CultureInfo.InvariantCulture, out int side)
                || !double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double share)
                || side < 28 || side > size || !(share >= 0 && share <= 1))
            {
                throw new GpuCamException($"--canvas {text}: '{part}' is no SIZE:SHARE with SIZE from 28 to {size} and SHARE from 0 to 1");
            }

            total += share;
            phases.Add(new CanvasPhase(side, total));
        }

        if (Math.Abs(total - 1) > 1e-6)
        {
            throw new GpuCamException(
                FormattableString.Invariant($"--canvas {text}: the shares add up to {total:0.###}; they must add up to 1"));
        }

        phases[^1] = phases[^1] with { End = 1 };
        return new CanvasPlan([.. phases]);
    }

    /// <summary>
    /// The plan of <paramref name="start"/>, when its final size is changed to <paramref name="size"/>: scaled with it, no
    /// canvas under 28. Images from a folder have one size, and so one phase.
    /// </summary>
    public static string Fit(TrainSettings start, int size, bool folder)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (folder)
        {
            return FormattableString.Invariant($"{size}:1");
        }

        if (size == start.Size || size < 28)
        {
            return start.Canvas;
        }

        IEnumerable<string> parts = start.Canvas.Split(',').Select(part =>
        {
            string[] pair = part.Split(':');
            int side = Math.Clamp((int)Math.Round(int.Parse(pair[0], CultureInfo.InvariantCulture) * (double)size / start.Size), 28, size);
            return FormattableString.Invariant($"{side}:{pair[1]}");
        });
        return string.Join(',', parts);
    }

    /// <summary>The canvas side at <paramref name="progress"/>, the share of the training that is done.</summary>
    public int SizeAt(double progress)
    {
        foreach (CanvasPhase phase in _phases)
        {
            if (progress < phase.End)
            {
                return phase.Size;
            }
        }

        return _phases[^1].Size;
    }
}
