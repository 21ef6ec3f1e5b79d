using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// The host as if it were a GPU: every op that has a group kernel runs it, as plain C# on threads of the host, with real barriers and
/// with shared memory that starts as NaN in every group. Nothing is compiled, so it is much quicker than ILGPU's own accelerator.
/// </summary>
public sealed class GroupHostDevice(LaunchTable launches) : HostDevice(Backend.Cpu, 1)
{
    public const int LargestGroup = 256;
    private readonly Lazy<IlgpuGroup> _group = new(() => new IlgpuGroup(LargestGroup));

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

        _group.Value.Start(groups, groupSize);
        if (groupSize == 1)
        {
            Run(0, groups, kernel);
            return;
        }

        Exception? failure = null;
        var crew = new Thread[groupSize];
        for (int thread = 0; thread < groupSize; thread++)
        {
            int index = thread;
            crew[thread] = new Thread(() =>
            {
                try
                {
                    Run(index, groups, kernel);
                }
#pragma warning disable CA1031 // Whatever a kernel throws must surface on the caller's thread, and not hang the others.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                    _group.Value.Drop();
                }
            });
            crew[thread].Start();
        }

        foreach (Thread thread in crew)
        {
            thread.Join();
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_group.IsValueCreated)
        {
            _group.Value.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run<TKernel>(int thread, int groups, TKernel kernel) where TKernel : struct, IGroupKernel
    {
        try
        {
            for (int group = 0; group < groups; group++)
            {
                _group.Value.Enter(thread, group);
                kernel.Execute();
            }
        }
        finally
        {
            IlgpuGroup.Leave();
        }
    }
}
