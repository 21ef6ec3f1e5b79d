using System.Text.RegularExpressions;
using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// The CUDA code of every kernel, compiled without a GPU. ILGPU writes the same code for all cards from sm_80 on, whatever it is asked
/// for: its <c>.target</c> is the newest that one of its own features needs, and the driver makes that card's instructions of it.
/// </summary>
internal static partial class PtxKernels
{
    /// <summary>Every kernel struct of the kernels and of the tests; generic ones with every struct that fits.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes().Concat(typeof(PtxKernels).Assembly.GetTypes())
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
            .SelectMany(Closed).Where(IsLaunched),
    ];

    /// <summary>Those of the kernels alone, which golden files list.</summary>
    public static IEnumerable<Type> Shipped => All.Where(type => type.Assembly == typeof(IKernel).Assembly);

    /// <summary>All by the names that a profiler shows.</summary>
    public static TheoryData<string> Names => [.. All.Select(KernelEntry.NameOf)];

    /// <summary>The PTX of the kernel with that name.</summary>
    public static string Compile(string name) => PtxText.Of(All.Single(type => KernelEntry.NameOf(type) == name));

    /// <summary>
    /// Whether it has instructions that ILGPU never writes by itself. Their operands pass through <c>.local</c>, of which the assembler
    /// leaves a few bytes of stack that nothing reads.
    /// </summary>
    public static bool HasInlineCode(string ptx) => InlineCode().IsMatch(ptx);

    [GeneratedRegex(@"^\s*(mma|wgmma|ldmatrix|cp\.async)\.", RegexOptions.Multiline)]
    private static partial Regex InlineCode();

    /// <summary>A product is launched in the tiles of its kernel alone.</summary>
    private static bool IsLaunched(Type kernel)
    {
        Type? definition = kernel.IsGenericType ? kernel.GetGenericTypeDefinition() : null;
        ProductUnit? unit = definition == typeof(TiledProductKernel<,>) ? ProductUnit.Portable
            : definition == typeof(AsyncProductKernel<,,>) ? ProductUnit.Float32 : null;
        return unit is null || TileSize.For(unit.Value).Any(tile => kernel.GenericTypeArguments[1].Name == $"Tile{tile}");
    }

    /// <summary>A generic kernel takes structs of this assembly as arguments: all combinations that fit its constraints.</summary>
    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition)
        {
            return [kernel];
        }

        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in kernel.GetGenericArguments())
        {
            Type[] constraints = [.. parameter.GetGenericParameterConstraints().Where(constraint => constraint != typeof(ValueType))];
            Type[] fitting = [.. typeof(IKernel).Assembly.GetTypes().Where(type =>
                type is { IsValueType: true, IsGenericTypeDefinition: false }
                    && constraints.All(constraint => type.IsAssignableTo(constraint)))];
            Assert.NotEmpty(fitting);
            combinations = [.. combinations.SelectMany(chosen => fitting.Select(type => (Type[])[.. chosen, type]))];
        }

        return combinations.Select(kernel.MakeGenericType);
    }
}
