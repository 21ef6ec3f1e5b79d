using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// What <see cref="LaneConv"/> computes: forward, or the gradient of the input, where source and target, inputs and outputs have changed
/// places. Target pixels are <see cref="TargetStep"/> floats apart.
/// </summary>
internal readonly unsafe struct LaneProblem(
    float* source, float* weight, float* bias, float* target, LaneAxis vertical, LaneAxis horizontal, int groups, int inputs, int outputs)
{
    /// <summary>Meetings of a source pixel, up to which it is never packed and from which on always.</summary>
    private const int Few = 4, Many = 20;

    /// <summary>Floats of source and target that are more than lies near.</summary>
    private const long Far = 400_000;

    public readonly float* Source = source, Weight = weight, Bias = bias, Target = target;
    public readonly LaneAxis Vertical = vertical, Horizontal = horizontal;

    /// <summary>Source channels of a group, target channels of a group, and all target channels.</summary>
    public readonly int Groups = groups, Inputs = inputs, Outputs = outputs, Channels = groups * outputs;

    /// <summary>Floats from pixel to pixel of the target.</summary>
    public long TargetStep { get; init; } = groups * outputs;

    /// <summary>What else is added, laid out as a target whose pixels are <see cref="Channels"/> apart; or null.</summary>
    public float* Residual { get; init; }

    /// <summary>What is done to the sums.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether tiles may write what the target is to hold; else sums become it in a second step.</summary>
    public bool Direct => Residual == null && Activation.Function is null or UnaryFunction.Clip;

    /// <summary>Items of an image: stretches of lines, each with so many blocks of channels.</summary>
    public int Bands { get; init; } = 1;

    /// <summary>
    /// Whether each lane meets its own channel and source and target are read as they lie in memory, one after the other
    /// (<see cref="LaneStream"/>): where a pixel of the source is met so seldom that packing it does not pay, or comes from so far away
    /// that the machine must see a stream.
    /// </summary>
    public bool Streams
    {
        get
        {
            int meetings = Vertical.Kernel * Horizontal.Kernel / (Vertical.Stride * Horizontal.Stride);
            long image = ((long)Vertical.Source * Horizontal.Source * Channels) + ((long)Vertical.Target * Horizontal.Target * Channels);
            return Inputs * Outputs == 1 && (meetings < Few || (meetings < Many && image > Far));
        }
    }

    /// <summary>Whether a lane meets its own channel of the source; else all lanes of a vector belong to one group and share it.</summary>
    public bool Spread(int lanes) => Outputs < lanes;

    /// <summary>Channels that blocks may not reach beyond.</summary>
    public int Unit(int lanes) => Spread(lanes) ? Channels : Outputs;

    /// <summary>
    /// Where a channel's weights begin in a tap's [IC, OC], the IC being those of a group, if source and target have changed places: one
    /// for each input, side by side.
    /// </summary>
    public int Turned(int channel) => (channel % Outputs * Groups * Inputs) + (channel / Outputs * Inputs);
}

/// <summary>
/// One axis: target pixels <c>phase + j * Phases</c> meet tap k, if at all, at source pixel <c>j * Step + offset</c>. Forward, source is
/// <c>target * stride + k * dilation - pad</c>; backward it is what this makes of target and source when they change places.
/// </summary>
internal readonly struct LaneAxis(int source, int target, int kernel, int dilation, int stride, int pad, bool backward)
{
    public int Source { get; } = source;

    public int Target { get; } = target;

    public int Kernel { get; } = kernel;

    public bool Backward { get; } = backward;

    public int Stride { get; } = stride;

    /// <summary>Kinds of target pixels, by the taps that they meet.</summary>
    public int Phases { get; } = backward ? stride : 1;

    /// <summary>Source pixels from one target pixel of a kind to the next.</summary>
    public int Step { get; } = backward ? 1 : stride;

    /// <summary>No offset is less.</summary>
    public int First { get; } = backward ? -((((kernel - 1) * dilation) - pad + stride - 1) / stride) : -pad;

    /// <summary>No offset is more.</summary>
    public int Last { get; } = backward ? (stride - 1 + pad) / stride : ((kernel - 1) * dilation) - pad;

    /// <summary>Source pixels from the first to the last that one target pixel may meet, at most.</summary>
    public int Reach { get; } = Math.Min(source, ((kernel - 1) * dilation / (backward ? stride : 1)) + 1);

    /// <summary>Target pixels of the kind that has most.</summary>
    public int Most => (Target + Phases - 1) / Phases;

    /// <summary>Whether a target pixel of this kind meets the tap, and where the first of them does: maybe outside.</summary>
    public bool Meets(int phase, int k, out int offset)
    {
        int distance = Backward ? phase + pad - (k * dilation) : (k * dilation) - pad;
        offset = Phases == 1 ? distance : distance / Phases;
        return offset * Phases == distance;
    }
}
