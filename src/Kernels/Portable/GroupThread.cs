using System.Runtime.InteropServices;

namespace ILGPU;

/// <summary>What one thread of a running group knows; <see cref="Group"/>, <see cref="Grid"/> and <see cref="SharedMemory"/> read it.</summary>
internal sealed class GroupThread(int index, GroupState state)
{
    [ThreadStatic]
    private static GroupThread? s_current;
    private int _allocations;

    public static GroupThread Current
    {
        get => s_current ?? throw new InvalidOperationException("Group, Grid and SharedMemory exist only inside a group kernel");
        set => s_current = value;
    }

    public int Index => index;

    public int GroupSize => state.GroupSize;

    public int Groups => state.Groups;

    public int GroupIndex { get; private set; }

    public static void Leave() => s_current = null;

    public void Barrier() => state.Barrier?.SignalAndWait();

    public void EnterGroup(int groupIndex)
    {
        GroupIndex = groupIndex;
        _allocations = 0;
    }

    public ArrayView<T> AllocateShared<T>(int extent) where T : unmanaged => state.Shared<T>(_allocations++, GroupIndex, extent);
}

/// <summary>What the threads of a running group share.</summary>
internal sealed unsafe class GroupState(int groups, int groupSize) : IDisposable
{
    private readonly List<(nint Pointer, int Bytes, int Group)> _shared = [];

    public int Groups => groups;

    public int GroupSize => groupSize;

    public Barrier? Barrier { get; } = groupSize > 1 ? new Barrier(groupSize) : null;

    public ArrayView<T> Shared<T>(int slot, int group, int extent) where T : unmanaged
    {
        int bytes = extent * sizeof(T);
        lock (_shared)
        {
            if (slot == _shared.Count)
                _shared.Add(((nint)NativeMemory.AlignedAlloc((nuint)bytes, 64), bytes, -1));
            (nint pointer, int size, int lastGroup) = _shared[slot];
            if (size != bytes)
                throw new InvalidOperationException("every thread of a group allocates the same shared memory in the same order");
            if (lastGroup != group)
            {
                new Span<byte>((void*)pointer, bytes).Fill(0xFF);
                _shared[slot] = (pointer, bytes, group);
            }

            return new ArrayView<T>((T*)pointer, extent);
        }
    }

    public void Dispose()
    {
        foreach ((nint pointer, _, _) in _shared)
            NativeMemory.AlignedFree((void*)pointer);
        Barrier?.Dispose();
    }
}
