using System.Collections.Concurrent;
using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// The host as if it were a GPU: every op that has a group kernel runs it, as plain C# on threads of the host, with real barriers and
/// with shared memory that starts as NaN in every group. Nothing is compiled, so it is much quicker than ILGPU's own accelerator.
/// </summary>
public sealed class GroupHostDevice(LaunchTable launches) : HostDevice(Backend.Cpu, 1)
{
    public const int LargestGroup = 256;
    private static readonly ConcurrentBag<IlgpuGroup> s_idle = [];
    private IlgpuGroup? _group;

    public override bool PrefersGroups => true;

    public override int MaxGroupSize => LargestGroup;

    public override LaunchTable Launches => launches;

    public override void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel)
    {
        if (groups <= 0)
        {
            return;
        }

        if (groupSize is < 1 or > LargestGroup)
        {
            throw new ArgumentOutOfRangeException(nameof(groupSize), $"a group has 1 to {LargestGroup} threads here, not {groupSize}");
        }

        _group ??= s_idle.TryTake(out IlgpuGroup? idle) ? idle : new IlgpuGroup(LargestGroup);
        _group.Launch(groups, groupSize, () => kernel.Execute());
    }

    protected override void Dispose(bool disposing)
    {
        if (_group is not null)
        {
            s_idle.Add(_group);
            _group = null;
        }

        base.Dispose(disposing);
    }
}
