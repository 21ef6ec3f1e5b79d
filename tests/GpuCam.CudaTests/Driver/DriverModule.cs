using System.Globalization;
using System.Text.RegularExpressions;
using GpuCam.CudaTests.Machine;

namespace GpuCam.CudaTests.Driver;

/// <summary>A module that is loaded.</summary>
internal sealed partial class DriverModule(DriverContext context, string ptx)
{
    private readonly PtxModule _module = PtxModule.Parse(ptx);

    public DriverContext Context => context;

    /// <summary>Handles of functions that were asked for.</summary>
    public List<nint> Functions { get; } = [];

    /// <summary>An entry point; null where there is none of that name.</summary>
    public DriverFunction? Function(string name) => _module.Kernels.TryGetValue(name, out PtxKernel? kernel)
        ? new DriverFunction(context, kernel, [.. Offsets(name, kernel)])
        : null;

    /// <summary>Where the parameters lie in one block of memory: each at a multiple of its alignment.</summary>
    private IEnumerable<int> Offsets(string name, PtxKernel kernel)
    {
        Match entry = Regex.Match(ptx, $@"\.entry\s+{Regex.Escape(name)}\s*\(([^)]*)\)");
        MatchCollection parameters = Parameter().Matches(entry.Groups[1].Value);
        int end = 0;
        foreach ((Match parameter, int bytes) in parameters.Zip(kernel.ParameterBytes))
        {
            int alignment = parameter.Groups[1].Success ? int.Parse(parameter.Groups[1].Value, CultureInfo.InvariantCulture) : bytes;
            int offset = (end + alignment - 1) / alignment * alignment;
            yield return offset;
            end = offset + bytes;
        }
    }

    [GeneratedRegex(@"\.param\s+(?:\.align\s+(\d+)\s+)?\.")]
    private static partial Regex Parameter();
}

/// <summary>An entry point, and how much shared memory a launch may ask for.</summary>
internal sealed class DriverFunction(DriverContext context, PtxKernel kernel, int[] offsets)
{
    public DriverContext Context => context;

    public PtxKernel Kernel => kernel;

    /// <summary>Of the parameters.</summary>
    public int[] Offsets => offsets;

    public int MaxDynamicShared { get; set; } = H100.SharedMemory - kernel.StaticSharedBytes;
}
