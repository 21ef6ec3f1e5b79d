using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Util;

// An assembly of this name is made at run time, and calls GroupCrew.
[assembly: InternalsVisibleTo(Context.RuntimeAssemblyName)]

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
    private static readonly Type s_processorType = MakeProcessorType();

    private readonly Context _context = Context.Create(builder => builder.CPU());
    private readonly CPUAccelerator _accelerator;
    private readonly GroupCrew _crew;
    private readonly object _group;
    private readonly object[] _threads;
    private readonly Action<Index3D>[] _setGridIndex;
    private readonly int[] _allocationIndices;
    private readonly List<CPUMemoryBuffer> _shared = [];
    private bool _filled;
    private uint _launches;

    public IlgpuGroup(int maxSize)
    {
        _accelerator = new CPUDevice(2, maxSize / 2, 1).CreateCPUAccelerator(_context, CPUAcceleratorMode.Parallel);
        object processor = ((Array)Field(typeof(CPUAccelerator), "multiprocessors").GetValue(_accelerator)!).GetValue(0)!;
        _group = Field(Ilgpu("CPUMultiprocessor"), "groupContext").GetValue(processor)!;
        _allocationIndices = (int[])Field(s_groupType, "groupAllocationIndices").GetValue(_group)!;

        // Its barriers are the crew's: they ask nothing else of the processor.
        object barriers = RuntimeHelpers.GetUninitializedObject(s_processorType);
#pragma warning disable CA1816 // Nothing constructed it, so nothing must finish it.
        GC.SuppressFinalize(barriers);
#pragma warning restore CA1816
        Field(s_groupType.BaseType!, "<Multiprocessor>k__BackingField").SetValue(_group, barriers);
        _threads = new object[maxSize];
        _setGridIndex = new Action<Index3D>[maxSize];
        for (int i = 0; i < maxSize; i++)
        {
            _threads[i] = s_newThread.Invoke([i % 2, i / 2]);
            Property(s_threadType, "LinearGroupIndex").SetValue(_threads[i], i);
            Property(s_threadType, "GroupIndex").SetValue(_threads[i], new Index3D(i, 0, 0));
            _setGridIndex[i] = Property(s_threadType, "GridIndex").SetMethod!.CreateDelegate<Action<Index3D>>(_threads[i]);
        }

        FieldInfo shared = Field(s_groupType, "sharedMemory");
        var list = InlineList<CPUMemoryBuffer?>.Create(Allocations);
        for (int i = 0; i < Allocations; i++)
        {
            _shared.Add(CPUMemoryBuffer.Create(_accelerator, AllocationBytes, 1));
            list.Add(_shared[i]);
        }

        shared.SetValue(_group, list);
        _crew = new GroupCrew(Enter);
    }

    /// <summary>
    /// Runs <paramref name="kernel"/> in so many groups of so many threads, one after the other, each with shared memory full of NaN.
    /// </summary>
    public void Launch(int groups, int groupSize, Action kernel)
    {
        Property(s_groupType, "GridDimension").SetValue(_group, new Index3D(groups, 1, 1));
        Property(s_groupType, "GroupDimension").SetValue(_group, new Index3D(groupSize, 1, 1));
        Property(s_groupType, "GroupSize").SetValue(_group, groupSize);

        // Both orders, as the bits of a number come: no period that one run of an op would share with the next.
        bool backwards = (BitOperations.PopCount(_launches++) & 1) != 0;
        try
        {
            for (int group = 0; group < groups; group++)
            {
                Refill();
                for (int thread = 0; thread < groupSize; thread++)
                {
                    _setGridIndex[thread](new Index3D(group, 0, 0));
                }

                if (groupSize > 1)
                {
                    _crew.Run(groupSize, backwards, kernel);
                }
                else
                {
                    Enter(0);
                    kernel();
                }

                if (_allocationIndices.AsSpan(0, groupSize).ContainsAnyExcept(_allocationIndices[0]))
                {
                    throw new InvalidOperationException("the threads of a group do not allocate the same shared memory");
                }
            }
        }
        finally
        {
            s_currentThread.SetValue(null, null);
            s_currentGroup.SetValue(null, null);
        }
    }

    public void Dispose()
    {
        _crew.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    /// <summary>Makes the calling thread that of a group.</summary>
    private void Enter(int thread)
    {
        s_currentThread.SetValue(null, _threads[thread]);
        s_currentGroup.SetValue(null, _group);
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

    /// <summary>
    /// A processor whose barriers are <see cref="GroupCrew.Wait"/>. Its base is internal to ILGPU, but not to an assembly of this name.
    /// </summary>
    private static Type MakeProcessorType()
    {
        var name = new AssemblyName(Context.RuntimeAssemblyName);
        ModuleBuilder module = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run).DefineDynamicModule("Groups");
        Type processor = Ilgpu("CPUMultiprocessor");
        TypeBuilder type = module.DefineType("CrewProcessor", TypeAttributes.Class | TypeAttributes.Sealed, processor);
        type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, []).GetILGenerator().Emit(OpCodes.Ret);
        foreach (MethodInfo method in processor.GetMethods(Any).Where(method => method.IsAbstract))
        {
            ILGenerator code = type.DefineMethod(
                method.Name, (method.Attributes & ~(MethodAttributes.Abstract | MethodAttributes.NewSlot)) | MethodAttributes.Virtual,
                method.ReturnType, [.. method.GetParameters().Select(parameter => parameter.ParameterType)]).GetILGenerator();
            if (method.ReturnType == typeof(int))
            {
                code.Emit(OpCodes.Call, typeof(GroupCrew).GetMethod(nameof(GroupCrew.Wait))!);
            }

            code.Emit(OpCodes.Ret);
        }

        return type.CreateType();
    }
}
