using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// NVIDIA's assembler, which makes a card's instructions of PTX and needs no GPU for it. It is looked for where GPUCAM_PTXAS says and
/// in the PATH; <c>.ci/run</c> fetches it.
/// </summary>
internal static partial class Ptxas
{
    /// <summary>The golden figures are this version's; another one may take other registers.</summary>
    public const string GoldenVersion = "12.4";

    /// <summary>An A100, an RTX 40 and an H100.</summary>
    public static readonly string[] Architectures = ["sm_80", "sm_89", "sm_90"];

    private static readonly string? s_path = Find();

    /// <summary>Null if it is here, else why what needs it is skipped.</summary>
    public static string? Missing { get; } = s_path is null
        ? "NO PTXAS HERE: name it in GPUCAM_PTXAS, or install nvidia-cuda-toolkit (Debian, non-free), to assemble the kernels" : null;

    /// <summary>Null if it is here in the version of the golden figures, else why they are not compared.</summary>
    public static string? NotGolden { get; } = Missing ?? (Version() is { } version && version != GoldenVersion
        ? $"PTXAS {version} IS HERE: the golden registers are those of {GoldenVersion}" : null);

    /// <summary>
    /// Assembles <paramref name="ptx"/> for <paramref name="architecture"/>; an assembler that refuses it fails the test.
    /// </summary>
    public static Assembled Assemble(string ptx, string architecture)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, ptx);
            (int code, string said) = Run($"-arch={architecture}", "-v", "-o", "/dev/null", path);
            Assert.True(code == 0, $"ptxas refuses it for {architecture}: {said}");
            return new Assembled(
                Number(Registers(), said), Number(Shared(), said), Number(Stack(), said), Number(Stores(), said) + Number(Loads(), said));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("GPUCAM_PTXAS");
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return string.IsNullOrEmpty(named) ? folders.Select(folder => Path.Combine(folder, "ptxas")).FirstOrDefault(File.Exists) : named;
    }

    private static string Version() => Release().Match(Run("--version").Said).Groups[1].Value;

    private static (int Code, string Said) Run(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(s_path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, said);
    }

    private static int Number(Regex pattern, string said) =>
        pattern.Match(said) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"release (\d+\.\d+)")]
    private static partial Regex Release();

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex Shared();

    [GeneratedRegex(@"(\d+) bytes stack frame")]
    private static partial Regex Stack();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex Stores();

    [GeneratedRegex(@"(\d+) bytes spill loads")]
    private static partial Regex Loads();
}

/// <summary>What a kernel takes of a multiprocessor.</summary>
/// <param name="Registers">Per thread.</param>
/// <param name="SharedBytes">Per group; what a launch adds is not in it.</param>
/// <param name="StackBytes">Per thread, in memory.</param>
/// <param name="SpillBytes">Of instructions that move registers to memory and back.</param>
internal readonly record struct Assembled(int Registers, int SharedBytes, int StackBytes, int SpillBytes);

/// <summary>Cases that need the assembler; skipped, and counted as such, where it is not.</summary>
internal sealed class PtxasTheoryAttribute : TheoryAttribute
{
    public PtxasTheoryAttribute() => Skip = Ptxas.Missing;
}

/// <summary>A test of figures that one version of the assembler gives.</summary>
internal sealed class GoldenPtxasFactAttribute : FactAttribute
{
    public GoldenPtxasFactAttribute() => Skip = Ptxas.NotGolden;
}
