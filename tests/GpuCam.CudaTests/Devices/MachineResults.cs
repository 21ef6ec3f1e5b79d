using GpuCam.Kernels;
using GpuCam.Kernels.SelfTests;

namespace GpuCam.CudaTests.Devices;

/// <summary>Runs cases of the self-test on the machine.</summary>
internal static class MachineResults
{
    /// <summary>Fails with all that went wrong.</summary>
    public static void Check(string variant, IEnumerable<OpCase> cases, Func<IDevice> open)
    {
        string[] failed = [.. OpSelfTest.Run(open, variant, cases).Where(result => !result.Passed).Select(result => $"{result}")];
        Assert.True(failed.Length == 0, string.Join('\n', failed));
    }

    /// <summary>A device whose launches are noted.</summary>
    public static PtxDevice Recorded(PtxDevice device, HashSet<Type> launched)
    {
        device.Launching += kernel => launched.Add(kernel);
        return device;
    }
}
