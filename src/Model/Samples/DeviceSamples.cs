using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Makes batches of cluttered digits where they are used, with the bits that the host makes; they follow each other in the sequence's
/// order. Nothing but the number of the first sample goes to the device, and 784 bytes per image where targets are warped: that is left to
/// the host, because rounding to whole grey values needs its very arithmetic.
/// </summary>
public sealed class DeviceSamples : IDisposable
{
    private const int TargetArea = ClutteredImages.DigitSize * ClutteredImages.DigitSize;
    private readonly DeviceDigits _digits;
    private readonly ClutterSequence _sequence;
    private readonly DeviceBuffer<uint> _limits;
    private readonly DeviceBuffer<int> _plan;
    private readonly UploadBuffer<byte>? _targets;
    private readonly int _whole, _first;

    /// <summary>Batches of <paramref name="batch"/> samples made of <paramref name="digits"/>, which somebody else owns.</summary>
    /// <param name="digits">The digits.</param>
    /// <param name="sequence">Which samples they make.</param>
    /// <param name="batch">Samples of a batch.</param>
    /// <param name="part">The first sample of each batch that is made here, and how many; null for all of them.</param>
    public DeviceSamples(DeviceDigits digits, ClutterSequence sequence, int batch, (int First, int Count)? part = null)
    {
        ArgumentNullException.ThrowIfNull(digits);
        ArgumentNullException.ThrowIfNull(sequence);
        _digits = digits;
        _sequence = sequence;
        _whole = batch;
        (_first, batch) = part ?? (0, batch);
        ClutterRule rule = sequence.Rule;
        uint[] limits = [.. sequence.Limits, uint.MaxValue];    // the last one is never reached, so that there is one
        _limits = digits.Device.Allocate<uint>(limits.Length);
        _limits.CopyFrom(limits);
        _plan = digits.Device.Allocate<int>(checked(batch * ClutteredImages.PlanLength(rule)));
        if (sequence.WriteTarget is not null)
        {
            _targets = digits.Device.CreateUpload<byte>(batch * TargetArea);
        }

        Images = new Tensor(digits.Device, GraphLayers.Image, new Shape(batch, rule.Size, rule.Size, rule.Channels));
        Labels = digits.Device.Allocate<int>(batch);
    }

    /// <summary>The images made last, [N, size, size, channels].</summary>
    public Tensor Images { get; }

    /// <summary>Their classes.</summary>
    public DeviceBuffer<int> Labels { get; }

    /// <summary>Makes batch <paramref name="step"/>, or its part. Launches made before still see the batch before.</summary>
    public void Make(long step)
    {
        int count = Images.Shape.N;
        ClutterRule rule = _sequence.Rule;
        long first = ((step * _whole) + _first) % _sequence.Count;
        ClutteredImages.Plan(rule, _sequence.Origin, first, _sequence.Count, count, _digits.Labels, _limits, _plan, Labels);
        ClutteredImages.Draw(rule, _digits.Pixels, _digits.Grey, _plan, SendTargets(first), Images);
    }

    /// <summary>Frees the batch.</summary>
    public void Dispose()
    {
        _limits.Dispose();
        _plan.Dispose();
        _targets?.Dispose();
        Images.Dispose();
        Labels.Dispose();
    }

    private DeviceBuffer<byte>? SendTargets(long first)
    {
        if (_targets is null)
        {
            return null;
        }

        int count = Images.Shape.N;
        for (int n = 0; n < count; n++)
        {
            _sequence.WriteTarget!((int)((first + n) % _sequence.Count), _targets.Staging.Slice(n * TargetArea, TargetArea));
        }

        return _targets.Send(count * TargetArea);
    }
}
