using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>Finds libmpi and loads it, once in a process.</summary>
internal static class MpiLibrary
{
    /// <summary>The environment variable that names the library.</summary>
    public const string Variable = "GPUCAM_MPI";

    // The numbers are those of the ABI: 40 is Open MPI 4 and 5, 12 MPICH 3 and 4 and what keeps to their ABI.
    private static readonly string[] s_openMpi = ["libmpi.so.40", "libmpi.40.dylib"];
    private static readonly string[] s_mpich = ["libmpi.so.12", "libmpich.so.12", "libmpi.12.dylib"];
    private static readonly string[] s_any = ["libmpi.so", "libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib"];

    /// <summary>The library of the launcher's kind if it is there, else of the other kind.</summary>
    /// <exception cref="GpuCamException">There is none, or it is of a kind that is not known.</exception>
    public static MpiAbi Load(MpiLaunch launch, string? given)
    {
        (string name, nint library) = Find(launch, given);
        MpiAbi abi = MpiAbi.Of(library) ?? throw new GpuCamException(
            $"{name} has neither Open MPI's nor MPICH's ABI, so this program cannot call it; install one of them ({Debian(launch)}), "
            + $"or set {Variable} to its libmpi");
        NativeLibrary.SetDllImportResolver(typeof(LibMpi).Assembly, (wanted, _, _) => wanted == LibMpi.Name ? library : 0);
        return abi;
    }

    /// <summary>Names to try, those of the launcher's kind first.</summary>
    internal static IEnumerable<string> Names(MpiLaunch launch)
    {
        string[] all = launch.IsMpich ? [.. s_mpich, .. s_openMpi, .. s_any] : [.. s_openMpi, .. s_mpich, .. s_any];
        return all.Where(name => name.EndsWith(".dylib", StringComparison.Ordinal) == OperatingSystem.IsMacOS());
    }

    /// <summary>The line for a user without a library.</summary>
    internal static string Missing(MpiLaunch launch, string[] names) =>
        $"{launch.Launcher} started this process, but there is no library of MPI (looked for {string.Join(", ", names)}); install it "
            + $"({Debian(launch)}), or set {Variable} to its path";

    private static (string Name, nint Library) Find(MpiLaunch launch, string? given)
    {
        string[] names = string.IsNullOrEmpty(given) ? [.. Names(launch)] : [given];
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return (name, library);
            }
        }

        throw new GpuCamException(
            string.IsNullOrEmpty(given)
                ? Missing(launch, names)
                : $"{Variable}={given} does not load: give the path of a libmpi that is there and is made for this kind of machine");
    }

    private static string Debian(MpiLaunch launch) => $"Debian: apt-get install {launch.Package}";
}
