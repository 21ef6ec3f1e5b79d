using System.Globalization;

namespace GpuCam.Runner.Training;

/// <summary>A stretch of training on one canvas size.</summary>
/// <param name="Size">Side of the canvas in pixels.</param>
/// <param name="EndStep">First step that no longer belongs to it.</param>
public readonly record struct CanvasPhase(int Size, int EndStep);

/// <summary>
/// Which canvas each step trains on. The network is fully convolutional and global average pooling sums evidence over
/// pixels, so it learns faster on small canvases of the same clutter density; the last phase has the final size.
/// </summary>
public sealed class CanvasPlan
{
    private readonly CanvasPhase[] _phases;

    private CanvasPlan(CanvasPhase[] phases) => _phases = phases;

    /// <summary>The phases in order; the last one ends at the last step.</summary>
    public IReadOnlyList<CanvasPhase> Phases => _phases;

    /// <summary>
    /// Reads <c>SIZE:SHARE,SIZE:SHARE,…</c>; the shares of the steps must add up to 1.
    /// </summary>
    public static CanvasPlan Parse(string text, int size, int steps)
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
            phases.Add(new CanvasPhase(side, (int)Math.Round(total * steps)));
        }

        if (Math.Abs(total - 1) > 1e-6)
            throw new GpuCamException(FormattableString.Invariant($"--canvas {text}: the shares add up to {total:0.###}; they must add up to 1"));
        phases[^1] = phases[^1] with { EndStep = steps };
        return new CanvasPlan([.. phases]);
    }

    /// <summary>The canvas side that step <paramref name="step"/> (0-based) trains on.</summary>
    public int SizeAt(int step)
    {
        foreach (CanvasPhase phase in _phases)
        {
            if (step < phase.EndStep)
                return phase.Size;
        }

        return _phases[^1].Size;
    }
}
