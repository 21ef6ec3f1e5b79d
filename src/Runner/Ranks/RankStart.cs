using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Ranks;

/// <summary>A command on one of several ranks: from the launcher's word to the exit code.</summary>
internal sealed class RankStart(ParseResult parsed, int rank)
{
    // What ranks may differ in: these choose a part of a machine.
    private static readonly string[] s_own = ["--backend", "--device", "--threads"];

    // So long a rank other than 0 waits to be ended by rank 0, which mostly has the same error, before it speaks itself: at the start,
    // where processes begin at moments of their own, and later, where they work in step.
    private static readonly TimeSpan s_patienceAtStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    // That of a process which the system ends because of a fault.
    private const int Fault = 134;

    private readonly TextWriter _error = Console.Error;
    private string Whose => rank == 0 ? "" : $"rank {rank} ({Environment.MachineName}): ";

    /// <summary>Runs it to its end.</summary>
    public async Task<int> RunAsync()
    {
        if (rank != 0)
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(TextWriter.Null);
        }

        // What is wrong here is wrong on all ranks, mostly, and needs no MPI to be found.
        if (Failure.Of(parsed) is { } usage)
        {
            return SayLate(usage, s_patienceAtStart);
        }

        RankUse use = RankUses.Of(parsed);
        if (use == RankUse.First)
        {
            return rank == 0 ? await CommandLine.RunAsync(parsed) : CommandLine.Done;
        }

        if (use == RankUse.Never)
        {
            return SayLate(RankUses.Refusal(parsed), s_patienceAtStart);
        }

        MpiCommunicator communicator;
        try
        {
            communicator = MpiCommunicator.Join(line => Say(new Failure(CommandLine.Failed, line)))!;
        }
        catch (GpuCamException e)
        {
            return Say(Failure.Of(e)!);     // rank 0 was given time to say it
        }

        return await RunAsync(communicator);
    }

    private async Task<int> RunAsync(MpiCommunicator communicator)
    {
        AppDomain.CurrentDomain.UnhandledException += (_, e) => End(communicator, (Exception)e.ExceptionObject);
        int exitCode;
        try
        {
            var job = new RankJob(communicator);
            job.Agree(Facts());
            RankJob.OfProcess = job.InItsPlace(RankPlace.OfProcess());
            AllCores.Count = RankJob.OfProcess.Share.Threads;
            exitCode = await CommandLine.InvokeAsync(parsed);
        }
        catch (JobException e)
        {
            Failure.Of(e)!.Say(Console.Error);
            exitCode = e.ExitCode;
        }
#pragma warning disable CA1031 // Whatever goes wrong on one rank must end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return End(communicator, e);
        }

        // Nobody goes before rank 0 has spoken: a launcher ends those that are left.
        exitCode = new RankJob(communicator).AllGather(exitCode).FirstOrDefault(code => code != CommandLine.Done);
        communicator.Dispose();
        return exitCode;
    }

    /// <summary>An error that ends this rank alone, or each rank by itself.</summary>
    private int SayLate(Failure failure, TimeSpan patience)
    {
        if (rank != 0)
        {
            Thread.Sleep(patience);
        }

        return Say(failure);
    }

    private int Say(Failure failure)
    {
        failure.Say(_error, Whose);
        return failure.ExitCode;
    }

    /// <summary>Says what went wrong on this rank and ends all of them.</summary>
    private int End(MpiCommunicator communicator, Exception e)
    {
        int exitCode = SayLate(Failure.Of(e) ?? new Failure(Fault, $"a fault of gpucam: {e.Message}", $"{e}"), s_patience);
        communicator.Abort(exitCode);
        return exitCode;
    }

    /// <summary>What all ranks must have alike: the program, and what they were told.</summary>
    private Dictionary<string, string> Facts()
    {
        Assembly[] parts = [typeof(RankStart).Assembly, typeof(ICommunicator).Assembly, typeof(IDevice).Assembly];
        var facts = new Dictionary<string, string>
        {
            ["their version"] = parts[0].GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            ["their build"] = string.Join('-', parts.Select(part => part.ManifestModule.ModuleVersionId.ToString("N")[..8])),
            ["the command"] = CommandLine.PathOf(parsed.CommandResult.Command),
        };
        foreach (SymbolResult result in parsed.CommandResult.Children)
        {
            string name = result switch
            {
                OptionResult { Implicit: false } option => option.Option.Name,
                ArgumentResult { Tokens.Count: > 0 } argument => argument.Argument.Name,
                _ => "",
            };
            if (name.Length > 0 && !s_own.Contains(name))
            {
                facts[name] = result.Tokens.Count == 0 ? "given" : string.Join(' ', result.Tokens.Select(token => token.Value));
            }
        }

        return facts;
    }
}
