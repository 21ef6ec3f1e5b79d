using System.Reflection;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Util;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// What ILGPU's <c>Group</c>, <c>Grid</c> and <c>SharedMemory</c> ask for while a kernel runs as plain C#: its thread and group contexts,
/// which its CPU accelerator makes for threads of its own. They are internal, so they are reached by reflection, for one group at a time;
/// another version of ILGPU that names them otherwise fails loudly, in the constructor.
/// </summary>
internal sealed class IlgpuGroup : IDisposable
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    // More and larger than any kernel allocates: an allocation is a window on the memory of its place in the order of calls.
    private const int Allocations = 8;
    private const int AllocationBytes = 48 * 1024;

    private static readonly Type s_threadType = Ilgpu("CPURuntimeThreadContext");
    private static readonly Type s_groupType = Ilgpu("CPURuntimeGroupContext");
    private static readonly ConstructorInfo s_newThread = s_threadType.GetConstructors(Any).Single(c => c.GetParameters().Length == 2);
    private static readonly FieldInfo s_currentThread = Field(s_threadType, "currentContext");
    private static readonly FieldInfo s_currentGroup = Field(s_groupType, "currentContext");
    private static readonly FieldInfo s_accumulator = Field(s_groupType, "groupAllocationIndexAccumulator");
    private static readonly Action<object, Index3D> s_setGridIndex = Setter<Index3D>(s_threadType, "GridIndex");
    private static readonly Action<object, Index3D> s_setGroupIndex = Setter<Index3D>(s_threadType, "GroupIndex");
    private static readonly Action<object, int> s_setLinearIndex = Setter<int>(s_threadType, "LinearGroupIndex");

    private readonly Context _context = Context.Create(builder => builder.CPU());
    private readonly CPUAccelerator _accelerator;
    private readonly object _group;
    private readonly object[] _threads;
    private readonly int[] _allocationIndices;
    private readonly Barrier _barrier;
    private readonly List<CPUMemoryBuffer> _shared = [];
    private bool _filled;

    public IlgpuGroup(int maxSize)
    {
        _accelerator = new CPUDevice(2, maxSize / 2, 1).CreateCPUAccelerator(_context, CPUAcceleratorMode.Parallel);
        object processor = ((Array)Field(typeof(CPUAccelerator), "multiprocessors").GetValue(_accelerator)!).GetValue(0)!;
        _group = Field(Ilgpu("CPUMultiprocessor"), "groupContext").GetValue(processor)!;
        _barrier = (Barrier)Field(processor.GetType(), "barrier").GetValue(processor)!;
        _allocationIndices = (int[])Field(s_groupType, "groupAllocationIndices").GetValue(_group)!;
        _threads = new object[maxSize];
        for (int i = 0; i < maxSize; i++)
        {
            _threads[i] = s_newThread.Invoke([i % 2, i / 2]);
            s_setLinearIndex(_threads[i], i);
            s_setGroupIndex(_threads[i], new Index3D(i, 0, 0));
        }

        FieldInfo shared = Field(s_groupType, "sharedMemory");
        var list = InlineList<CPUMemoryBuffer?>.Create(Allocations);
        for (int i = 0; i < Allocations; i++)
        {
            _shared.Add(CPUMemoryBuffer.Create(_accelerator, AllocationBytes, 1));
            list.Add(_shared[i]);
        }

        shared.SetValue(_group, list);
    }

    /// <summary>Begins a launch of so many groups of so many threads.</summary>
    public void Start(int groups, int groupSize)
    {
        Property(s_groupType, "GridDimension").SetValue(_group, new Index3D(groups, 1, 1));
        Property(s_groupType, "GroupDimension").SetValue(_group, new Index3D(groupSize, 1, 1));
        Property(s_groupType, "GroupSize").SetValue(_group, groupSize);
        int surplus = _barrier.ParticipantCount - groupSize;
        if (surplus > 0)
        {
            _barrier.RemoveParticipants(surplus);
        }
        else if (surplus < 0)
        {
            _barrier.AddParticipants(-surplus);
        }
    }

    /// <summary>
    /// Makes the calling thread that of a group, once all of them are through with the one before; shared memory is NaN again.
    /// </summary>
    public void Enter(int thread, int group)
    {
        _barrier.SignalAndWait();
        if (thread == 0)
        {
            Refill();
        }

        s_setGridIndex(_threads[thread], new Index3D(group, 0, 0));
        s_currentThread.SetValue(null, _threads[thread]);
        s_currentGroup.SetValue(null, _group);
        _barrier.SignalAndWait();
    }

    /// <summary>Ends the calling thread's part in the launch.</summary>
    public static void Leave()
    {
        s_currentThread.SetValue(null, null);
        s_currentGroup.SetValue(null, null);
    }

    /// <summary>The calling thread failed: the others do not wait for it.</summary>
    public void Drop() => _barrier.RemoveParticipant();

    public void Dispose()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    private unsafe void Refill()
    {
        // Only what the group before has allocated can hold anything else than NaN.
        int used = Math.Max(_allocationIndices.Max(), _filled ? 0 : Allocations);
        for (int i = 0; i < used; i++)
        {
            new Span<byte>((void*)_shared[i].NativePtr, AllocationBytes).Fill(0xFF);
        }

        _filled = true;
        Array.Clear(_allocationIndices);
        s_accumulator.SetValue(_group, 0);
    }

    private static Type Ilgpu(string name) => typeof(CPUAccelerator).Assembly.GetType($"ILGPU.Runtime.CPU.{name}", throwOnError: true)!;

    private static FieldInfo Field(Type type, string name) => type.GetField(name, Any) ?? throw new MissingFieldException(type.Name, name);

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Any) ?? throw new MissingMemberException(type.Name, name);

    private static Action<object, T> Setter<T>(Type type, string name)
    {
        PropertyInfo property = Property(type, name);
        return (target, value) => property.SetValue(target, value);
    }
}
