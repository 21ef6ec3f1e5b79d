using System.Reflection;
using System.Reflection.Emit;
using ILGPU;

namespace GpuCam.Kernels;

/// <summary>What ILGPU compiles: the entry point of every kernel struct, under a name of its own.</summary>
/// <remarks>
/// ILGPU calls a kernel's code after the method at which it starts, and leaves out the method's type arguments: one generic method
/// for all would be one name for all, and a profiler could not tell them apart. So each struct gets a method at run time, which only
/// calls the generic one.
/// </remarks>
internal static class KernelEntry
{
    /// <summary>The assembly of these methods, a friend of this one.</summary>
    private const string Assembly = "GpuCam.KernelEntries";

    private static readonly ModuleBuilder s_module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName(Assembly), AssemblyBuilderAccess.Run).DefineDynamicModule(Assembly);

    private static readonly Dictionary<Type, MethodInfo> s_methods = [];

    /// <summary>The method at which ILGPU starts to compile <paramref name="kernel"/>.</summary>
    public static MethodInfo Of(Type kernel)
    {
        lock (s_methods)
        {
            if (!s_methods.TryGetValue(kernel, out MethodInfo? method))
            {
                s_methods[kernel] = method = Make(kernel);
            }

            return method;
        }
    }

    /// <summary>What a profiler shows, behind ILGPU's <c>Kernel_</c>: <c>TiledProductKernel_Conv2DForwardProduct_Tile128x64</c>.</summary>
    public static string NameOf(Type kernel) =>
        string.Join('_', [kernel.Name.Split('`')[0], .. kernel.GenericTypeArguments.Select(NameOf)]);

    private static MethodInfo Make(Type kernel)
    {
        bool grouped = kernel.IsAssignableTo(typeof(IGroupKernel));
        string name = NameOf(kernel);
        TypeBuilder type = s_module.DefineType($"{name}_{s_methods.Count}", TypeAttributes.Abstract | TypeAttributes.Sealed);
        MethodBuilder method = type.DefineMethod(
            name, MethodAttributes.Public | MethodAttributes.Static, typeof(void), grouped ? [kernel] : [typeof(Index1D), kernel]);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        if (!grouped)
        {
            code.Emit(OpCodes.Ldarg_1);
        }

        code.Emit(OpCodes.Call, typeof(KernelEntry).GetMethod(grouped ? nameof(RunGroup) : nameof(Run))!.MakeGenericMethod(kernel));
        code.Emit(OpCodes.Ret);
        return type.CreateType().GetMethod(name)!;
    }

    public static void Run<TKernel>(Index1D index, TKernel kernel) where TKernel : struct, IKernel => kernel.Execute(index);

    public static void RunGroup<TKernel>(TKernel kernel) where TKernel : struct, IGroupKernel => kernel.Execute();
}
