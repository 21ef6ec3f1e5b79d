using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>A job of ranks has one voice, and one exit code.</summary>
public sealed class VoiceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void The_version_is_said_once()
    {
        MpiOutcome outcome = MpiRun.Run(_folder.Root, 3, "--version").Succeeded();
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", outcome.Errors);
    }

    [MpiFact]
    public void What_is_not_for_ranks_is_done_by_one_with_its_exit_code()
    {
        MpiRun.Run(_folder.Root, 2, "model", "list", "--json").Json();
        MpiRun.Run(_folder.Root, 2, "data", "get", "nothing").Refused("unknown data set 'nothing'");
    }

    [MpiFact]
    public void What_is_for_one_process_is_refused_once() =>
        MpiRun.Run(_folder.Root, 3, "serve").Refused("serve is for one process; start it without mpirun");

    [MpiFact]
    public void A_command_line_that_is_wrong_is_said_once_by_rank_0() =>
        Assert.DoesNotContain("rank", MpiRun.Run(_folder.Root, 3, "train", "--foo").Refused("'--foo'"), StringComparison.Ordinal);

    [MpiFact]
    public void A_command_line_that_is_wrong_on_one_rank_alone_is_said_by_that_rank() =>
        MpiRun.Run(_folder.Root, [], [], (1, ["devices"]), (1, ["deices"])).Refused("rank 1 (", "'deices'");

    [MpiFact]
    public void An_error_that_all_ranks_have_is_said_once_by_rank_0()
    {
        string error = MpiRun.Run(_folder.Root, 3, "train", "--digits", "synthetic", "--batch", "0", "--out", "run").Refused("--batch 0");
        Assert.DoesNotContain("rank", error, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder.Path("run")));
    }

    [MpiFact]
    public void An_error_that_one_rank_has_is_said_once_and_ends_the_job()
    {
        string[] command = MpiRun.Gpucam("train", "--digits", "synthetic", "--steps", "1", "--backend", "simd", "--out", "run");
        string[] arguments = ["-n", "2", .. command, ":", "-n", "1", "-x", "GPUCAM_SIMD_WIDTH=77", .. command];
        MpiRun.Run(_folder.Root, arguments, []).Refused("rank 2 (", "GPUCAM_SIMD_WIDTH is \"77\"");
        Assert.False(Path.Exists(_folder.Path("run")));
    }

    [MpiFact]
    public void Ranks_with_different_commands_or_options_end_with_a_line_that_names_the_first_difference()
    {
        string[] train = ["train", "--digits", "synthetic", "--steps", "1", "--out", "run"];
        MpiRun.Run(_folder.Root, [], [], (2, [.. train, "--seed", "1"]), (1, [.. train, "--seed", "2"]))
            .Refused("the ranks differ in --seed: 1 on rank 0 (", "2 on rank 2 (");
        MpiRun.Run(_folder.Root, [], [], (1, ["devices"]), (1, ["devices", "--json"]))
            .Refused("the ranks differ in --json: none on rank 0 (", "given on rank 1 (");
        Assert.False(Path.Exists(_folder.Path("run")));
    }

    [MpiFact]
    public void Ranks_of_different_versions_end_with_a_line_that_names_both()
    {
        string other = OtherVersion();
        string[] own = MpiRun.Gpucam("devices");
        MpiRun.Run(_folder.Root, ["-n", "1", .. own, ":", "-n", "1", "dotnet", other, "devices"], [])
            .Refused("the ranks differ in their version: 0.", " on rank 0 (", "9.", " on rank 1 (");
    }

    [MpiTheory]
    [InlineData("/nowhere/libmpi.so.40", "GPUCAM_MPI=/nowhere/libmpi.so.40 does not load")]
    [InlineData("libm.so.6", "libm.so.6 has neither Open MPI's nor MPICH's ABI")]
    public void A_library_of_mpi_that_is_missing_or_none_is_said_once(string library, string said) =>
        MpiRun.Run(_folder.Root, [], [("GPUCAM_MPI", library)], (2, ["devices"])).Refused(said);

    /// <summary>This program with a version of its own, which stands in its file as text.</summary>
    private string OtherVersion()
    {
        string assembly = typeof(CommandLine).Assembly.Location, folder = _folder.Path("other");
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(assembly)!).Where(path => path != assembly))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(path)), path);
        }

        byte[] bytes = File.ReadAllBytes(assembly);
        Span<byte> rest = bytes;
        for (int at = rest.IndexOf("0.1.0"u8); at >= 0; at = rest.IndexOf("0.1.0"u8))
        {
            rest[at] = (byte)'9';
            rest = rest[(at + 1)..];
        }

        string other = Path.Combine(folder, Path.GetFileName(assembly));
        File.WriteAllBytes(other, bytes);
        return other;
    }
}
