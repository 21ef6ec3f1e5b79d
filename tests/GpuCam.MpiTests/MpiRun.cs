using System.Diagnostics;
using System.Globalization;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>
/// Ranks under a real mpirun, in real processes: the assembly of <c>gpucam</c> that lies beside the tests.
/// </summary>
internal sealed class MpiRun : IDisposable
{
    /// <summary>Marks the processes of one job, wherever they have got to.</summary>
    private const string Mark = "GPUCAM_MPI_TEST";

    // Open MPI's, MPICH's.
    private static readonly string[] s_rankVariables = ["OMPI_COMM_WORLD_RANK", "PMI_RANK"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_orphans = TimeSpan.FromSeconds(10);
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    private MpiRun(string folder, string[] launcher, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(launcher[0], [.. launcher[1..], .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        (string Name, string Value)[] all =
        [
            (Mark, _mark), ("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("OMPI_MCA_plm_rsh_agent", ""),
            ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"), ("DOTNET_TieredPGO", "0"), .. variables,
        ];
        foreach ((string name, string value) in all)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Why tests under MPI are skipped here; null where they are not.</summary>
    public static string? WhyNot { get; } =
        Found("mpirun.openmpi", "mpirun") is null ? "NO MPI HERE: install Open MPI (apt-get install openmpi-bin) to run ranks" : null;

    /// <summary>Open MPI's mpirun, with more ranks than cores.</summary>
    public static string[] OpenMpi => [Found("mpirun.openmpi", "mpirun")!, "--oversubscribe"];

    /// <summary>The path of a program, the first of these that is there.</summary>
    public static string? Found(params string[] names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Runs <c>gpucam</c> with these arguments on so many ranks to its end.</summary>
    public static MpiOutcome Run(string folder, int ranks, params string[] arguments) => Run(folder, [], [], (ranks, arguments));

    /// <summary>The same with more to say.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="options">Options of mpirun: <c>["--bind-to", "none"]</c>.</param>
    /// <param name="variables">Environment variables of all ranks.</param>
    /// <param name="parts">How many ranks get which arguments.</param>
    public static MpiOutcome Run(
        string folder, string[] options, (string Name, string Value)[] variables, params (int Ranks, string[] Arguments)[] parts)
    {
        using MpiRun running = Start(folder, options, variables, parts);
        return running.Wait();
    }

    /// <summary>The same with all of mpirun's words, those of <see cref="Gpucam"/> among them.</summary>
    public static MpiOutcome Run(string folder, string[] words, (string Name, string Value)[] variables)
    {
        using MpiRun running = Start(folder, OpenMpi, words, variables);
        return running.Wait();
    }

    /// <summary>Starts another launcher, with all its words.</summary>
    public static MpiRun Start(string folder, string[] launcher, string[] words, (string Name, string Value)[] variables) =>
        new(folder, launcher, words, variables);

    /// <summary>What starts the program on a rank.</summary>
    public static string[] Gpucam(params string[] arguments) => ["dotnet", typeof(CommandLine).Assembly.Location, .. arguments];

    /// <summary>Starts a job; it is killed if the test ends before it.</summary>
    public static MpiRun Start(
        string folder, string[] options, (string Name, string Value)[] variables, params (int Ranks, string[] Arguments)[] parts)
    {
        var arguments = new List<string>(options);
        foreach ((int ranks, string[] own) in parts)
        {
            arguments.AddRange(arguments.Count > options.Length ? [":"] : []);
            arguments.AddRange(["-n", ranks.ToString(CultureInfo.InvariantCulture), .. Gpucam(own)]);
        }

        return new MpiRun(folder, OpenMpi, arguments, variables);
    }

    /// <summary>The number of mpirun's own process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether anything is left: ranks, or what launched them.</summary>
    public bool IsLeft => Processes().Any();

    /// <summary>The process of a rank; null where it is not there, not yet or no more.</summary>
    public int? ProcessOf(int rank)
    {
        int? found = Processes().FirstOrDefault(one => one.Rank == rank).Id;
        return found > 0 ? found : null;
    }

    /// <summary>Sends a signal, <c>KILL</c> or <c>INT</c>, to mpirun or, if one is named, to a rank.</summary>
    public void Signal(string name, int? rank = null)
    {
        int target = rank is { } wanted ? ProcessOf(wanted) ?? throw new InvalidOperationException($"rank {wanted} is not there") : Id;
        using var sender = Process.Start("sh", ["-c", $"kill -{name} {target}"]);
        sender.WaitForExit();
    }

    /// <summary>Waits for the end, or for what is to be waited for; true for the latter.</summary>
    public bool WaitUntil(Func<bool> reached)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_patience; Thread.Sleep(5))
        {
            if (reached())
            {
                return true;
            }

            if (_process.HasExited)
            {
                return false;
            }
        }

        throw new TimeoutException("the job did not get there in time");
    }

    /// <summary>Waits for the end; a job that does not come to it is killed.</summary>
    public MpiOutcome Wait()
    {
        bool inTime = _process.WaitForExit(s_patience);
        if (!inTime)
        {
            KillAll();
        }

        // Whoever outlives mpirun holds on to its output.
        if (!Task.WaitAll([_output, _errors], s_orphans))
        {
            KillAll();
            inTime = false;
        }

        var outcome = new MpiOutcome(_process.ExitCode, _output.GetAwaiter().GetResult(), _errors.GetAwaiter().GetResult());
        return inTime ? outcome : throw new TimeoutException($"the job did not end in time\n{outcome.Errors}\n{outcome.Output}");
    }

    /// <summary>Kills what is left of the job, ranks that outlived mpirun among it.</summary>
    public void Dispose()
    {
        KillAll();
        _process.Dispose();
    }

    private void KillAll()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        foreach ((int id, _) in Processes())
        {
            try
            {
                using var left = Process.GetProcessById(id);
                left.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    /// <summary>The processes of this job, whose mark is in their environment, and for ranks their number, else -1.</summary>
    private IEnumerable<(int Id, int Rank)> Processes()
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && VariablesOf(folder) is { } variables && variables.Contains($"{Mark}={_mark}"))
            {
                string? rank = variables.Select(line => line.Split('=')).FirstOrDefault(parts => s_rankVariables.Contains(parts[0]))?[1];
                yield return (id, rank is null ? -1 : int.Parse(rank, CultureInfo.InvariantCulture));
            }
        }
    }

    private static string[]? VariablesOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ")).Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
