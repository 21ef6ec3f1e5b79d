using GpuCam.Kernels;
using GpuCam.Tests.Kernels.Groups;
using GpuCam.Tests.Kernels.Simd;
using ILGPU.Runtime.CPU;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// Every device of this build that op tests run on. A test takes the name as a theory argument. Devices that run group kernels do so on
/// ILGPU's own CPU accelerator and, quicker and stricter, on the host.
/// </summary>
public static class TestDevices
{
    /// <summary>Groups as plain C# on the host: <see cref="GroupHostDevice"/>.</summary>
    public const string HostGroups = "groups";

    /// <summary>Groups on ILGPU's CPU accelerator.</summary>
    public const string IlgpuGroups = "ilgpu-groups";

    internal const int LargestIlgpuGroup = 64;
    private static readonly Dictionary<string, Func<bool, IDevice>> s_factories = CreateFactories();

    public static TheoryData<string> All => [.. s_factories.Keys];

    /// <summary>The same without groups of one thread, which does the work of a tile's 32 and more: too slow for many steps.</summary>
    public static TheoryData<string> ForTraining =>
        [.. s_factories.Keys.Where(name => !name.EndsWith("groups-of-1", StringComparison.Ordinal))];

    /// <summary>Where groups of several threads run, and how large they are there: odd, a few warps, the most there can be.</summary>
    public static TheoryData<string, int> Groups => new()
    {
        { HostGroups, 7 }, { HostGroups, 16 }, { HostGroups, GroupHostDevice.LargestGroup },
        { IlgpuGroups, 7 }, { IlgpuGroups, 16 }, { IlgpuGroups, LargestIlgpuGroup },
    };

    /// <summary>Every device with every one of these cases.</summary>
    public static TheoryData<string, string> With(IEnumerable<string> cases)
    {
        var data = new TheoryData<string, string>();
        foreach (string name in cases)
        {
            foreach (string device in s_factories.Keys)
            {
                data.Add(device, name);
            }
        }

        return data;
    }

    public static IDevice Create(string name) => s_factories[name](false);

    /// <summary>One that no test had before: no kernel is compiled on it yet.</summary>
    public static IDevice CreateUnused(string name) => s_factories[name](true);

    /// <summary>
    /// The host or ILGPU's CPU accelerator as if it were a GPU: every op that has a group kernel runs it, in groups of one size.
    /// </summary>
    /// <param name="device"><see cref="HostGroups"/> or <see cref="IlgpuGroups"/>.</param>
    /// <param name="row">The size of the groups, and what else is to be chosen.</param>
    /// <param name="unused">Whether no kernel may have been compiled on it yet.</param>
    public static IDevice WithGroups(string device, LaunchRow row, bool unused = false)
    {
        LaunchTable launches = new LaunchTable { PadsChannels = true }.WithAll(row);
        if (device == HostGroups)
        {
            return new GroupHostDevice(launches);
        }

        // Threads that a group does not use take part in every launch all the same; but every device compiles its kernels anew.
        (int warp, int warps) = row.GroupSize switch { 1 => (2, 1), <= 16 => (8, 2), _ => (8, LargestIlgpuGroup / 8) };
        return new SharedDevice(
            $"{device} of {warps} x {warp}",
            () => new IlgpuDevice(Backend.Cpu, true, new CPUDevice(warp, warps, 1)), launches, unused);
    }

    private static Dictionary<string, Func<bool, IDevice>> CreateFactories()
    {
        var factories = new Dictionary<string, Func<bool, IDevice>>
        {
            ["plain"] = _ => new HostDevice(Backend.Cpu, 1),
            ["plain-2-threads"] = _ => new HostDevice(Backend.Cpu, 2),
        };
        foreach (int bits in SimdWidths.All)
        {
            factories[$"simd-{bits}"] = _ => new HostDevice(Backend.Simd, 2, bits);
        }

        factories["groups-of-1"] = _ => WithGroups(HostGroups, new LaunchRow(1));
        factories["ilgpu-cpu"] = unused =>
            new SharedDevice("ilgpu-cpu", () => (IlgpuDevice)DeviceCatalog.Create(Backend.Cpu, 0, 2), unused: unused);
        factories["ilgpu-groups-of-1"] = unused => WithGroups(IlgpuGroups, new LaunchRow(1), unused);
        return factories;
    }
}
