using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Makes batches of cluttered digits where they are used, with the bits that the host makes. Nothing but the number of the first
/// sample goes to the device; the batches follow each other in the sequence's order.
/// </summary>
public sealed class DeviceSamples : IDisposable
{
    private readonly DeviceDigits _digits;
    private readonly ClutterSequence _sequence;
    private readonly DeviceBuffer<uint> _limits;
    private readonly DeviceBuffer<int> _plan;

    /// <summary>Batches of <paramref name="batch"/> samples made of <paramref name="digits"/>, which somebody else owns.</summary>
    public DeviceSamples(DeviceDigits digits, ClutterSequence sequence, int batch)
    {
        ArgumentNullException.ThrowIfNull(digits);
        ArgumentNullException.ThrowIfNull(sequence);
        _digits = digits;
        _sequence = sequence;
        ClutterRule rule = sequence.Rule;
        uint[] limits = [.. sequence.Limits, uint.MaxValue];    // the last one is never reached, so that there is one
        _limits = digits.Device.Allocate<uint>(limits.Length);
        _limits.CopyFrom(limits);
        _plan = digits.Device.Allocate<int>(checked(batch * ClutteredImages.PlanLength(rule)));
        Images = new Tensor(digits.Device, Network.InputName, new Shape(batch, rule.Size, rule.Size, rule.Channels));
        Labels = digits.Device.Allocate<int>(batch);
    }

    /// <summary>The images of the last batch made, [N, size, size, channels].</summary>
    public Tensor Images { get; }

    /// <summary>Their classes.</summary>
    public DeviceBuffer<int> Labels { get; }

    /// <summary>Makes batch <paramref name="step"/>. Launches made before still see the batch before.</summary>
    public void Make(long step)
    {
        int count = Images.Shape.N;
        ClutterRule rule = _sequence.Rule;
        long first = step * count % _sequence.Count;
        ClutteredImages.Plan(rule, _sequence.Origin, first, _sequence.Count, count, _digits.Labels, _limits, _plan, Labels);
        ClutteredImages.Draw(rule, _digits.Pixels, _digits.Grey, _plan, Images);
    }

    /// <summary>Frees the batch.</summary>
    public void Dispose()
    {
        _limits.Dispose();
        _plan.Dispose();
        Images.Dispose();
        Labels.Dispose();
    }
}
