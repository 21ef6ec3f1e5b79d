using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>Commands of one process beside those of ranks, and whether they left the same.</summary>
internal static class SharedRun
{
    // What the clock, the command line or the number of ranks has a say in.
    private static readonly string[] s_others = ["run.json", "timing.jsonl", "report.html", ".gpucam.lock"];

    /// <summary>What a command that succeeds prints in this process, without MPI.</summary>
    public static string Alone(params string[] arguments) => Call(arguments).Succeeded().Output;

    /// <summary>Runs a command in this process, without MPI.</summary>
    public static MpiOutcome Call(params string[] arguments)
    {
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using var said = new StringWriter();
        using var reported = new StringWriter();
        try
        {
            Console.SetOut(said);
            Console.SetError(reported);
            int exitCode = CommandLine.RunAsync(arguments).GetAwaiter().GetResult();
            return new MpiOutcome(exitCode, said.ToString(), reported.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }

    /// <summary>Asserts that two run folders hold the same files, byte for byte.</summary>
    public static void AssertSame(string expected, string actual, params string[] except)
    {
        string[] names = Files(expected);
        Assert.Equal(names, Files(actual));
        foreach (string name in names.Except([.. s_others, .. except]))
        {
            bool same = File.ReadAllBytes(Path.Combine(expected, name)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(actual, name)));
            Assert.True(same, $"{name} differs");
        }
    }

    private static string[] Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
            .Order(StringComparer.Ordinal),
    ];
}
