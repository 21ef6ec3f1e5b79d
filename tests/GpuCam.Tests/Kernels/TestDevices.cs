using GpuCam.Kernels;
using GpuCam.Tests.Kernels.Groups;
using GpuCam.Tests.Kernels.Simd;

namespace GpuCam.Tests.Kernels;

/// <summary>Every device of this build that op tests run on. A test takes the name as a theory argument.</summary>
public static class TestDevices
{
    private const string GroupsOfOne = "groups-of-1";
    private static readonly Dictionary<string, Func<IDevice>> s_factories = CreateFactories();

    public static TheoryData<string> All
    {
        get
        {
            var names = new TheoryData<string>();
            foreach (string name in s_factories.Keys)
            {
                names.Add(name);
            }

            return names;
        }
    }

    /// <summary>The same without groups of one thread, which does the work of a tile's 32 and more: too slow for many steps.</summary>
    public static TheoryData<string> ForTraining => [.. s_factories.Keys.Where(name => name != GroupsOfOne)];

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

    /// <summary>The host as if it were a GPU: every op that has a group kernel runs it.</summary>
    public static IDevice WithGroups(LaunchTable table) => new GroupHostDevice(table);

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

        factories["ilgpu-cpu"] = () => DeviceCatalog.Create(Backend.Cpu, 0, 2);
        factories[GroupsOfOne] = () => WithGroups(new LaunchTable().WithAll(new LaunchRow(1)));
        return factories;
    }
}
