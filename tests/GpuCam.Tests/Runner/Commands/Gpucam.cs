using System.Diagnostics;
using System.Text.Json;
using GpuCam.Runner.Commands;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What a command left: exit code, and both streams.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts success, and shows what the command said when there was none.</summary>
    public Outcome Succeeded()
    {
        Assert.True(ExitCode == CommandLine.Done, $"exit code {ExitCode}\n{Errors}\n{Output}");
        return this;
    }

    /// <summary>Asserts that standard output holds exactly one line, and that this is a JSON object.</summary>
    public JsonElement Json()
    {
        Succeeded();
        string line = Assert.Single(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var document = JsonDocument.Parse(line);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        return document.RootElement.Clone();
    }

    /// <summary>Asserts exactly one error, in one line that comes last and holds all fragments, and nothing on standard output.</summary>
    public string Failed(int exitCode, params string[] fragments)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}\n{Errors}\n{Output}");
        Assert.Equal("", Output);
        string[] lines = Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string error = Assert.Single(lines, line => line.StartsWith("error: ", StringComparison.Ordinal));
        string last = lines.Last(line => !line.StartsWith("see: gpucam", StringComparison.Ordinal));
        Assert.Equal(error, last);
        foreach (string fragment in fragments)
        {
            Assert.Contains(fragment, error, StringComparison.Ordinal);
        }

        return error;
    }

    /// <summary><see cref="Failed"/> with the exit code of bad usage and bad input.</summary>
    public string Refused(params string[] fragments) => Failed(CommandLine.BadInput, fragments);
}

/// <summary>Calls the command line, in this process (fast) or as the process that a user would start.</summary>
internal static class Gpucam
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    /// <summary>Calls the command line in this process, and catches what it says; several tests may do so at once.</summary>
    public static Outcome Call(params string[] args)
    {
        using var caught = new CaughtConsole();
        int exitCode = CommandLine.RunAsync(args).GetAwaiter().GetResult();
        return new Outcome(exitCode, caught.Output, caught.Errors);
    }

    /// <summary>Runs <c>gpucam</c> as a process in <paramref name="folder"/> to its end.</summary>
    public static Outcome Run(string folder, params string[] args) => Run(folder, [], args);

    /// <summary>The same with environment variables.</summary>
    public static Outcome Run(string folder, (string Name, string Value)[] variables, params string[] args)
    {
        using var running = new Running(Start(folder, ["dotnet", typeof(CommandLine).Assembly.Location, .. args], variables));
        return running.Wait();
    }

    /// <summary>Runs a line of <c>sh</c> in which <c>"$@"</c> is <c>gpucam</c> with its arguments.</summary>
    public static Outcome Shell(string folder, string line, string[] args)
    {
        string[] command = ["sh", "-c", line, "sh", "dotnet", typeof(CommandLine).Assembly.Location, .. args];
        using var running = new Running(Start(folder, command, []));
        return running.Wait();
    }

    /// <summary>Starts <c>gpucam</c>: the assembly beside the tests.</summary>
    public static Running Start(string folder, params string[] args) =>
        new(Start(folder, ["dotnet", typeof(CommandLine).Assembly.Location, .. args], []));

    /// <summary>
    /// Runs <c>gpucam</c> as a process in <paramref name="folder"/> for several commands, one after another: the program is compiled once.
    /// </summary>
    public static IEnumerable<Outcome> Session(string folder, IEnumerable<string[]> commands)
    {
        using Process process = Start(folder, ["dotnet", typeof(Gpucam).Assembly.Location], []);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            foreach (string[] command in commands)
            {
                process.StandardInput.WriteLine(JsonSerializer.Serialize(command));
                process.StandardInput.Flush();
                Task<string?> answer = process.StandardOutput.ReadLineAsync();
                Assert.True(answer.Wait(s_patience), "gpucam did not end in time");
                string line = answer.Result
                    ?? throw new InvalidOperationException($"the session broke off:\n{errors.GetAwaiter().GetResult()}");
                yield return JsonSerializer.Deserialize<Outcome>(line)!;
            }
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static Process Start(string folder, string[] command, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };

        // Little is run often enough for the profiles that the runtime takes to pay off.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>A process under way; it is killed if the test ends before it.</summary>
    internal sealed class Running(Process process) : IDisposable
    {
        private readonly Task<string> _output = process.StandardOutput.ReadToEndAsync();
        private readonly Task<string> _errors = process.StandardError.ReadToEndAsync();

        /// <summary>The process's number.</summary>
        public int Id => process.Id;

        /// <summary>Waits for the end, or for what is to be waited for; true for the latter.</summary>
        public bool WaitUntil(Func<bool> reached)
        {
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_patience; Thread.Sleep(1))
            {
                if (reached())
                {
                    return true;
                }

                if (process.HasExited)
                {
                    return false;
                }
            }

            throw new TimeoutException("gpucam did not get there in time");
        }

        /// <summary>The end that nobody can prepare for.</summary>
        public void Kill()
        {
            process.Kill();
            process.WaitForExit();
        }

        /// <summary>Sends what Ctrl-C sends; or a polite kill, where this process was itself started deaf to Ctrl-C.</summary>
        public void Interrupt()
        {
            string ignored = File.ReadLines("/proc/self/status")
                .First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim();
            string signal = (Convert.ToUInt64(ignored, 16) & 2) == 0 ? "INT" : "TERM";
            using var sender = Process.Start("sh", ["-c", $"kill -{signal} {process.Id}"]);
            sender.WaitForExit();
        }

        public Outcome Wait()
        {
            if (!process.WaitForExit(s_patience))
            {
                throw new TimeoutException("gpucam did not end in time");
            }

            return new Outcome(process.ExitCode, _output.GetAwaiter().GetResult(), _errors.GetAwaiter().GetResult());
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                Kill();
            }

            process.Dispose();
        }
    }
}
