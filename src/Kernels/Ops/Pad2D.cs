using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>What lies around an image; <see cref="Pad2D"/> has the formulas.</summary>
public enum PadMode
{
    /// <summary>One value everywhere.</summary>
    Constant,

    /// <summary>The nearest pixel of the border.</summary>
    Edge,

    /// <summary>The image mirrored at the centre of its border pixels, again and again.</summary>
    Reflect,
}

/// <summary>
/// Padding and cropping: <c>y[n, oh, ow, oc] = x[n, oh - top, ow - left, oc - front]</c>; what would lie outside of x is a value, or the
/// element that <see cref="PadMode"/> names along each axis. A negative offset crops; the extents of y say how far it goes at the other
/// ends. Backward <c>dx[i]</c> is the sum of the <c>dy[o]</c> that are copies of x[i].
/// </summary>
/// <remarks>Layouts: x, dx <c>[N, H, W, C]</c>; y, dy <c>[N, OH, OW, OC]</c>.</remarks>
public static class Pad2D
{
    /// <summary>Writes <paramref name="y"/>; <paramref name="value"/> is what constant padding is filled with.</summary>
    public static void Forward(Tensor x, Tensor y, int top, int left, PadMode mode, float value, int front = 0)
    {
        PadRule rule = Rule(x, y, top, left, front, mode);
        if (HostPad2D.TryForward(x, y, rule, value))
        {
            return;
        }

        x.Device.Launch(y.Count, new Pad2DKernel(x.View, y.View, rule, value));
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    public static void Backward(Tensor dy, Tensor dx, int top, int left, PadMode mode, int front = 0)
    {
        PadRule rule = Rule(dx, dy, top, left, front, mode);
        if (HostPad2D.TryBackward(dy, dx, rule))
        {
            return;
        }

        dx.Device.Launch(dx.Count, new Pad2DBackwardKernel(dy.View, dx.View, rule));
    }

    /// <summary>Whether an axis can be padded like this: it adds offsets and mirrored extents to indices, in 32 bits.</summary>
    public static bool Fits(int input, long output, int offset) => ((long)input * 4) + output + Math.Abs((long)offset) <= int.MaxValue;

    private static PadRule Rule(Tensor x, Tensor y, int top, int left, int front, PadMode mode)
    {
        y.Expect(y.Shape.WithN(x.Shape.N));
        return new PadRule(
            Axis(x.Shape.H, y.Shape.H, top), Axis(x.Shape.W, y.Shape.W, left), Axis(x.Shape.C, y.Shape.C, front));

        PadAxis Axis(int input, int output, int offset)
        {
            if (!Fits(input, output, offset))
            {
                throw new ArgumentException(
                    $"tensors '{x.Name}' {x.Shape} and '{y.Name}' {y.Shape} with offset {offset} are too large to pad");
            }

            return new PadAxis(input, output, offset, (int)mode);
        }
    }
}

/// <summary>The three axes that padding is done along.</summary>
public readonly record struct PadRule(PadAxis Vertical, PadAxis Horizontal, PadAxis Channels);

/// <summary>One axis of a padding: which element of x an element of y is a copy of, and the other way round.</summary>
/// <param name="Input">Extent of x.</param>
/// <param name="Output">Extent of y.</param>
/// <param name="Offset">Where in y the first element of x lies; negative if it was cut off.</param>
/// <param name="Mode">A <see cref="PadMode"/>.</param>
public readonly record struct PadAxis(int Input, int Output, int Offset, int Mode)
{
    /// <summary>The element that <paramref name="o"/> is a copy of; -1 if it is the padding's value.</summary>
    public int Source(int o)
    {
        int i = o - Offset;
        if (i >= 0 && i < Input)
        {
            return i;
        }

        if (Mode == (int)PadMode.Constant)
        {
            return -1;
        }

        if (Mode == (int)PadMode.Edge || Input == 1)
        {
            return i < 0 ? 0 : Input - 1;
        }

        int mirrored = Modulo(i, 2 * (Input - 1));
        return mirrored < Input ? mirrored : (2 * (Input - 1)) - mirrored;
    }

    /// <summary>The first copy of <paramref name="i"/> behind <paramref name="o"/> (-1: of all); Output if there is none.</summary>
    public int Next(int i, int o)
    {
        int from = o + 1, at = i + Offset, next;
        if (Mode == (int)PadMode.Constant)
        {
            next = at >= from ? at : Output;
        }
        else if (Mode == (int)PadMode.Edge || Input == 1)
        {
            int first = i == 0 ? 0 : at, last = i == Input - 1 ? Output - 1 : at;
            next = Math.Max(from, first);
            next = next <= last ? next : Output;
        }
        else
        {
            int period = 2 * (Input - 1);
            next = from + Math.Min(Modulo(at - from, period), Modulo(Offset - i - from, period));
        }

        return Math.Min(next, Output);
    }

    private static int Modulo(int value, int period)
    {
        int rest = value % period;
        return rest < 0 ? rest + period : rest;
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct Pad2DKernel(ArrayView<float> x, ArrayView<float> y, PadRule rule, float value) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int pixel = index / rule.Channels.Output, line = pixel / rule.Horizontal.Output;
        int c = rule.Channels.Source(index % rule.Channels.Output), w = rule.Horizontal.Source(pixel % rule.Horizontal.Output);
        int h = rule.Vertical.Source(line % rule.Vertical.Output), n = line / rule.Vertical.Output;
        int at = (((((n * rule.Vertical.Input) + h) * rule.Horizontal.Input) + w) * rule.Channels.Input) + c;
        y[index] = c < 0 || w < 0 || h < 0 ? value : x[at];
    }
}

/// <summary>One thread, one element of dx: gathers from its copies, so that mirrored images need no atomics.</summary>
internal readonly struct Pad2DBackwardKernel(ArrayView<float> dy, ArrayView<float> dx, PadRule rule) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        PadAxis vertical = rule.Vertical, horizontal = rule.Horizontal, channels = rule.Channels;
        int c = index % channels.Input, pixel = index / channels.Input;
        int w = pixel % horizontal.Input, line = pixel / horizontal.Input;
        int h = line % vertical.Input, n = line / vertical.Input;
        float sum = 0;
        for (int oh = vertical.Next(h, -1); oh < vertical.Output; oh = vertical.Next(h, oh))
        {
            for (int ow = horizontal.Next(w, -1); ow < horizontal.Output; ow = horizontal.Next(w, ow))
            {
                int at = ((((n * vertical.Output) + oh) * horizontal.Output) + ow) * channels.Output;
                for (int oc = channels.Next(c, -1); oc < channels.Output; oc = channels.Next(c, oc))
                {
                    sum += dy[at + oc];
                }
            }
        }

        dx[index] = sum;
    }
}
