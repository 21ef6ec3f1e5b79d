using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace GpuCam.CudaTests.Driver;

/// <summary>
/// Makes <c>libcuda.so.1</c> of <c>libcuda.c</c> with the C compiler that is here, loads it, and puts the methods of this namespace into
/// its entries. Whoever asks for CUDA's driver in this process afterwards gets it.
/// </summary>
/// <remarks>
/// A library that is loaded already is found by its own name (DT_SONAME), before any folder is searched. ILGPU asks for
/// <c>libcuda.so</c> first, which is another name and may be there on a machine with a GPU: so a resolver answers its assembly.
/// </remarks>
internal static unsafe class DriverLibrary
{
    private static readonly Type[] s_calls = [typeof(DeviceCalls), typeof(MemoryCalls), typeof(StreamCalls), typeof(KernelCalls)];
    private static readonly Lazy<string?> s_whyNot = new(Load);

    /// <summary>Null if the driver is loaded, else why what needs it is skipped.</summary>
    public static string? WhyNot => s_whyNot.Value;

    private static string? Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return "NOT LINUX ON X64: the CUDA driver for tests is SKIPPED";
        }

        string folder = Directory.CreateTempSubdirectory("gpucam-driver-").FullName;
        try
        {
            string path = Path.Combine(folder, "libcuda.so.1");
            string source = Path.Combine(Path.GetDirectoryName(typeof(DriverLibrary).Assembly.Location)!, "Driver", "libcuda.c");
            if (Compile("-shared", "-fPIC", "-O1", "-Wl,-soname,libcuda.so.1", "-o", path, source) is { } failure)
            {
                return failure;
            }

            nint library = NativeLibrary.Load(path);
            Connect(library);
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => name == "cuda" ? library : 0);
            return null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);     // a loaded library needs its file no more
        }
    }

    /// <summary>Null, or what is missing; a compiler that is here and fails throws.</summary>
    private static string? Compile(params string[] arguments)
    {
        foreach (string compiler in (string[])["cc", "gcc", "clang"])
        {
            Process process;
            try
            {
                process = Process.Start(new ProcessStartInfo(compiler, arguments) { RedirectStandardError = true })!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                continue;
            }

            using (process)
            {
                string said = process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode == 0 ? null : throw new InvalidOperationException($"{compiler} refuses libcuda.c: {said}");
            }
        }

        return "NO C COMPILER HERE: install gcc to run the program on a CUDA driver of the tests' own";
    }

    private static void Connect(nint library)
    {
        IEnumerable<MethodInfo> calls = s_calls.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method => method.IsDefined(typeof(UnmanagedCallersOnlyAttribute)));
        foreach (MethodInfo call in calls)
        {
            *(nint*)NativeLibrary.GetExport(library, "entry_" + call.Name) = call.MethodHandle.GetFunctionPointer();
        }
    }
}
