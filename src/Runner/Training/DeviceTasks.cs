using GpuCam.Kernels;

namespace GpuCam.Runner.Training;

/// <summary>
/// What of training, beside the network, is done on the device. No choice changes a result, so this is no setting of a run.
/// </summary>
/// <param name="MakesSamples">Whether the device draws the training samples, where they are drawn.</param>
/// <param name="LateSteps">Steps that the host may be ahead of their losses; 0 to look at each loss before the next step.</param>
internal readonly record struct DeviceTasks(bool MakesSamples, int LateSteps)
{
    // A diverged run is noticed after so many steps, or at the next evaluation if that is earlier.
    private const int MaxLateSteps = 128;

    /// <summary>A GPU does all it can: it would wait for the host otherwise. A host gains nothing.</summary>
    public static DeviceTasks Of(IDevice device) => device.PrefersGroups ? new DeviceTasks(true, MaxLateSteps) : default;
}
