using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// The figures of the group kernels' CUDA code on which <c>docs/gpu.md</c> builds, against Golden/ptx.txt. A change there is a
/// decision: set GPUCAM_UPDATE_GOLDEN=1 to write the file anew, and say why in the commit.
/// </summary>
public class PtxGoldenTests
{
    private static readonly string s_header = $"{"kernel",-84} {"fma",4} {"ld.shared",9} {"words",6} {"ld.global",9} {"shared",7}";

    public static TheoryData<string> Tiled => [.. PtxKernels.All.Where(IsTiled).Select(KernelEntry.NameOf)];

    [Fact]
    public void The_code_of_the_group_kernels_is_no_worse_than_it_was()
    {
        IEnumerable<Type> kernels = PtxKernels.Shipped.Where(type => type.IsAssignableTo(typeof(IGroupKernel)));
        string[] lines = [s_header, .. kernels.Select(Figures).Order(StringComparer.Ordinal)];
        string path = Path.Combine(Golden.Folder(), "ptx.txt");
        if (Environment.GetEnvironmentVariable("GPUCAM_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(path, lines);
        }

        Assert.Equal(File.ReadAllLines(path), lines);
    }

    [Theory]
    [MemberData(nameof(Tiled))]
    public void A_tiled_products_inner_loop_multiplies_and_does_little_else(string kernel)
    {
        var code = new PtxCode(PtxKernels.Compile(kernel));
        int steps = code.MultiplyAdds / 64;         // of the depth, that stand one after the other
        Assert.InRange(steps, 1, TiledSlab.Depth);
        Assert.Equal(steps * 64, code.MultiplyAdds);
        Assert.Equal(steps * 16, code.SharedWords);
        Assert.Equal(steps * 4, code.SharedLoads);
        Assert.Equal(0, code.GlobalLoads);

        // Where a whole slab stands in a row, its own branches are there.
        Assert.InRange(code.Branches, 1, steps < TiledSlab.Depth ? 2 : 3);
    }

    [Fact]
    public void The_shared_memory_that_the_launch_table_expects_is_what_the_code_takes()
    {
        foreach (Type kernel in PtxKernels.All.Where(IsTiled))
        {
            string tile = kernel.GetGenericArguments()[1].Name["Tile".Length..];
            int expected = TileSize.All.Single(size => size.ToString() == tile).SharedBytes;
            Assert.Equal(expected, new PtxCode(PtxText.Of(kernel)).SharedBytes);
        }
    }

    private static bool IsTiled(Type kernel) =>
        kernel.IsGenericType && kernel.GetGenericTypeDefinition() == typeof(TiledProductKernel<,>);

    private static string Figures(Type kernel)
    {
        var code = new PtxCode(PtxText.Of(kernel));
        return $"{KernelEntry.NameOf(kernel),-84} {code.MultiplyAdds,4} {code.SharedLoads,9} {code.SharedWords,6} " +
            $"{code.GlobalLoads,9} {code.SharedBytes,7}";
    }
}
