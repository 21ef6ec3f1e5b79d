using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine;

/// <summary>
/// Executes kernels, group after group, and finds what they must not do: see <see cref="MachineFault"/>. Launches of one machine come from
/// one thread at a time.
/// </summary>
public sealed unsafe class PtxMachine(DeviceMemory memory)
{
    /// <summary>Shared memory of a group that has not asked for more.</summary>
    private const int MostSharedBytes = 48 << 10;

    private static long s_launches;

    /// <summary>The memory that global addresses are of.</summary>
    public DeviceMemory Memory { get; } = memory;

    /// <summary>Instructions executed so far, each counted once for each thread that executed it.</summary>
    public long ThreadInstructions { get; private set; }

    /// <summary>Instructions executed so far, each counted once for each warp that executed it.</summary>
    public long WarpInstructions { get; private set; }

    /// <summary>Whether launches count what they ask of memory, which takes its time.</summary>
    public bool CountsTraffic { get; set; }

    /// <summary>What the last launch asked of memory, instruction by instruction; empty unless it was counted.</summary>
    public IReadOnlyCollection<AccessCount> LastTraffic { get; private set; } = [];

    /// <summary>Runs <paramref name="kernel"/> to its end.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="grid">Groups.</param>
    /// <param name="block">Threads of a group.</param>
    /// <param name="dynamicSharedBytes">Shared memory of a group beside its static one.</param>
    /// <param name="parameters">A pointer to the bytes of each parameter, as cuLaunchKernel takes them.</param>
    /// <exception cref="MachineFault">The kernel did something wrong.</exception>
    public void Launch(PtxKernel kernel, Dim3 grid, Dim3 block, int dynamicSharedBytes, nint* parameters)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (block.Count < 1 || block.Count > kernel.MaxThreads || grid.Count < 1)
        {
            throw new MachineFault($"{kernel.Name} runs in groups of 1 to {kernel.MaxThreads} threads: not {grid} of {block}");
        }

        int shared = kernel.StaticSharedBytes + dynamicSharedBytes;
        if (shared > MostSharedBytes)
        {
            throw new MachineFault($"{kernel.Name} asks for {shared} bytes of shared memory, and a group has {MostSharedBytes}");
        }

        using var launch = new Launch(
            Memory, Interlocked.Increment(ref s_launches), kernel, grid, block, dynamicSharedBytes, parameters)
        {
            Traffic = CountsTraffic ? new Traffic() : null
        };
        using var group = new ThreadGroup(launch);
        for (long number = 0; number < grid.Count; number++)
        {
            group.Run(number);
        }

        ThreadInstructions += launch.ThreadInstructions;
        WarpInstructions += launch.WarpInstructions;
        LastTraffic = launch.Traffic?.Counts ?? [];
    }
}
