namespace ILGPU;

/// <summary>The calling thread's place in its group: the part of ILGPU's type of this name that kernels use.</summary>
public static class Group
{
    /// <summary>Index of the thread in its group.</summary>
    public static int IdxX => GroupThread.Current.Index;

    /// <summary>Threads per group.</summary>
    public static int DimX => GroupThread.Current.GroupSize;

    /// <summary>Waits until every thread of the group is here; writes before it are seen after it.</summary>
    public static void Barrier() => GroupThread.Current.Barrier();
}

/// <summary>The group's place in the launch: the part of ILGPU's type of this name that kernels use.</summary>
public static class Grid
{
    /// <summary>Index of the group.</summary>
    public static int IdxX => GroupThread.Current.GroupIndex;

    /// <summary>Number of groups.</summary>
    public static int DimX => GroupThread.Current.Groups;
}

/// <summary>Memory that the threads of a group share: the part of ILGPU's type of this name that kernels use.</summary>
public static class SharedMemory
{
    /// <summary>
    /// The group's memory for this allocation: each thread gets the same view. As on a GPU it holds garbage at first
    /// (here: NaN for floats), so that a kernel that relies on zeros fails its tests.
    /// </summary>
    public static ArrayView<T> Allocate<T>(int extent) where T : unmanaged => GroupThread.Current.AllocateShared<T>(extent);
}
