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
    private static readonly LaunchTable s_groupsOfOne = new LaunchTable().WithAll(new LaunchRow(1));
    private static readonly Dictionary<string, Func<IDevice>> s_factories = CreateFactories();

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

    public static IDevice Create(string name) => s_factories[name]();

    /// <summary>
    /// The host or ILGPU's CPU accelerator as if it were a GPU: every op that has a group kernel runs it, in groups of one size.
    /// </summary>
    public static IDevice WithGroups(string device, LaunchRow row)
    {
        LaunchTable launches = new LaunchTable().WithAll(row);
        if (device == HostGroups)
        {
            return new GroupHostDevice(launches);
        }

        // Threads that a group does not use wait at every barrier all the same: no more of them than it needs, in whole warps.
        int warp = row.GroupSize < 8 ? 2 : 8;
        int warps = (row.GroupSize + warp - 1) / warp;
        return new SharedDevice($"{device} of {warps} x {warp}", () => OpenIlgpu(true, warp, warps, 1), launches);
    }

    /// <summary>A device that was never used, where All's may be: its kernels are not compiled.</summary>
    internal static IDevice CreateNew(string name) => name switch
    {
        "ilgpu-cpu" => OpenIlgpu(false, 2, 1, 2),
        "ilgpu-groups-of-1" => OpenIlgpu(true, 2, 1, 1, s_groupsOfOne),
        _ => Create(name),
    };

    private static IlgpuDevice OpenIlgpu(bool groups, int warp, int warps, int multiprocessors, LaunchTable? launches = null) =>
        new(Backend.Cpu, groups, new CPUDevice(warp, warps, multiprocessors), launches);

    private static Dictionary<string, Func<IDevice>> CreateFactories()
    {
        var factories = new Dictionary<string, Func<IDevice>>
        {
            ["plain"] = () => new HostDevice(Backend.Cpu, 1),
            ["plain-2-threads"] = () => new HostDevice(Backend.Cpu, 2),
        };
        foreach (int bits in SimdWidths.All)
        {
            factories[$"simd-{bits}"] = () => new HostDevice(Backend.Simd, 2, bits);
        }

        factories["groups-of-1"] = () => WithGroups(HostGroups, new LaunchRow(1));
        factories["ilgpu-cpu"] = () => new SharedDevice("ilgpu-cpu", () => OpenIlgpu(false, 2, 1, 2));
        factories["ilgpu-groups-of-1"] = () => WithGroups(IlgpuGroups, new LaunchRow(1));
        return factories;
    }
}
