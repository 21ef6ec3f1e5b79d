using ILGPU;

namespace GpuCam.Kernels;

/// <summary>
/// Runs group kernels on host threads with real barriers. Groups of one thread are spread over the device's threads;
/// larger groups get a thread per group thread and run one after another. Right, not fast: it is for testing.
/// </summary>
internal static class HostGroups
{
    public const int MaxGroupSize = 256;

    public static void Run<TKernel>(HostThreads threads, int groups, int groupSize, TKernel kernel)
        where TKernel : struct, IGroupKernel
    {
        if (groupSize == 1)
        {
            threads.For(groups, (start, end) =>
            {
                using var state = new GroupState(groups, 1);
                RunThread(state, 0, start, end, kernel);
            });
            return;
        }

        using var shared = new GroupState(groups, groupSize);
        Exception? failure = null;
        var crew = new Thread[groupSize];
        for (int t = 0; t < groupSize; t++)
        {
            int index = t;
            crew[t] = new Thread(() =>
            {
                try
                {
                    RunThread(shared, index, 0, groups, kernel);
                }
#pragma warning disable CA1031 // Whatever a kernel throws must surface on the caller's thread, and not hang the others.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                    shared.Barrier!.RemoveParticipant();
                }
            });
            crew[t].Start();
        }

        foreach (Thread thread in crew)
            thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private static void RunThread<TKernel>(GroupState state, int index, int start, int end, TKernel kernel)
        where TKernel : struct, IGroupKernel
    {
        var thread = new GroupThread(index, state);
        GroupThread.Current = thread;
        try
        {
            for (int group = start; group < end; group++)
            {
                thread.EnterGroup(group);
                kernel.Execute();
                thread.Barrier();
            }
        }
        finally
        {
            GroupThread.Leave();
        }
    }
}
