using GpuCam.Model;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Ranks;

/// <summary>
/// The processes ("ranks") that run one command together, mostly one. All but the properties and <see cref="Own"/> is collective: every
/// rank makes the same calls in the same order.
/// </summary>
internal sealed class RankJob(ICommunicator communicator)
{
    /// <summary>The job that this process belongs to: that of a process by itself, where no launcher has started it.</summary>
    public static RankJob OfProcess { get; internal set; } = new(new SingleRank());

    /// <summary>What of its machine this rank has.</summary>
    public RankShare Share { get; private init; } = RankShare.Whole;

    /// <summary>This process by itself, whatever job it belongs to.</summary>
    public static RankJob Alone { get; } = new(new SingleRank());

    /// <summary>How the ranks talk.</summary>
    public ICommunicator Communicator => communicator;

    /// <summary>This process: 0 … <see cref="Size"/> - 1.</summary>
    public int Rank => communicator.Rank;

    /// <summary>How many ranks there are.</summary>
    public int Size => communicator.Size;

    /// <summary>Whether this is the rank that writes and speaks.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Whether there is no other rank.</summary>
    public bool IsAlone => Size == 1;

    /// <summary>
    /// Runs something on every rank. Where it fails on any, all ranks end with the error of the lowest one, by a
    /// <see cref="JobException"/> or, where it was cancelled, an <see cref="OperationCanceledException"/>.
    /// </summary>
    public T Together<T>(Func<T> setUp)
    {
        if (IsAlone)
        {
            return setUp();
        }

        T? result = default;
        RankFault? own = null;
        try
        {
            result = setUp();
        }
        catch (JobException)
        {
            throw;  // all ranks have it
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            own = new RankFault(failure.ExitCode, failure.Message, Environment.MachineName);
        }

        RankFault?[] faults = AllGather(own);
        for (int rank = 0; rank < Size; rank++)
        {
            if (faults[rank] is { } fault)
            {
                throw fault.Message is null
                    ? new OperationCanceledException()
                    : new JobException(rank == 0 ? fault.Message : $"rank {rank} ({fault.Host}): {fault.Message}", fault.ExitCode);
            }
        }

        return result!;
    }

    /// <summary>The same for something without a result.</summary>
    public void Together(Action setUp) => Together<object?>(() =>
    {
        setUp();
        return null;
    });

    /// <summary>Runs something on rank 0 alone; where it fails, all ranks end with its error.</summary>
    public void OnFirst(Action work) => Together(() =>
    {
        if (IsFirst)
        {
            work();
        }
    });

    /// <summary>The same for something with a result, which all ranks get. It travels as JSON.</summary>
    public T OfFirst<T>(Func<T> work) => Broadcast(Together(() => IsFirst ? work() : default)!);

    /// <summary>
    /// Ends the job, with one line, where ranks differ in one of these facts, such as the version or a setting.
    /// </summary>
    public void Agree(IReadOnlyDictionary<string, string> facts)
    {
        if (IsAlone)
        {
            return;
        }

        RankFacts[] all = AllGather(new RankFacts(Environment.MachineName, new Dictionary<string, string>(facts)));
        for (int rank = 1; rank < Size; rank++)
        {
            foreach (string fact in all[0].Facts.Keys.Union(all[rank].Facts.Keys))
            {
                string[] values = [.. new[] { all[0], all[rank] }.Select(one => one.Facts.GetValueOrDefault(fact) ?? "none")];
                if (values[0] != values[1])
                {
                    throw new JobException(
                        $"the ranks differ in {fact}: {values[0]} on rank 0 ({all[0].Host}), {values[1]} on rank {rank} "
                            + $"({all[rank].Host}); start all of them alike",
                        CommandLine.BadInput);
                }
            }
        }
    }

    /// <summary>Says, in one line, where ranks differ in something that does not keep them from working.</summary>
    /// <param name="fact">What it is, for each of them.</param>
    /// <param name="line">The line, of what the two ranks have.</param>
    /// <param name="say">Gets it.</param>
    public void Compare(string fact, Func<string, string, string> line, Action<string> say)
    {
        if (IsAlone)
        {
            return;
        }

        RankFact[] all = AllGather(new RankFact(Environment.MachineName, fact));
        if (Array.FindIndex(all, other => other.Fact != all[0].Fact) is > 0 and var rank)
        {
            say(line($"{all[0].Fact} on rank 0 ({all[0].Host})", $"{all[rank].Fact} on rank {rank} ({all[rank].Host})"));
        }
    }

    /// <summary>
    /// Ends the job, with one line, where an output folder is not one and the same for all ranks, or not all can write there. It is made if
    /// it is missing; one that was made and refused is gone again.
    /// </summary>
    public void CheckShared(string folder) => SharedFolder.Check(this, folder);

    /// <summary>What each rank gives, in their order, on rank 0; null on others. It travels as JSON.</summary>
    public T[]? Gather<T>(T value) => IsAlone ? [value] : communicator.Gather(RunnerJson.Message(value))?.Select(Read<T>).ToArray();

    /// <summary>What rank 0 gives, on every rank. It travels as JSON.</summary>
    public T Broadcast<T>(T value) => IsAlone ? value : Read<T>(communicator.Broadcast(IsFirst ? RunnerJson.Message(value) : []));

    /// <summary>
    /// Runs something on rank 0, then on one rank of each other machine, then on the rest: what fills a cache is done once for each cache.
    /// </summary>
    public void FirstThenOthers(Action action)
    {
        int turn = IsFirst ? 0 : communicator.LocalRank == 0 ? 1 : 2;
        for (int now = 0; now < (IsAlone ? 1 : 3); now++)
        {
            Together(() =>
            {
                if (now == turn)
                {
                    action();
                }
            });
        }
    }

    /// <summary>The job once more, with each rank's share of its machine.</summary>
    public RankJob InItsPlace(RankPlace place) => new(communicator) { Share = RankShare.Of(Rank, AllGather(place)) };

    /// <summary>What of 0 … <paramref name="count"/> - 1 is this rank's: every <see cref="Size"/>th, from its own number on.</summary>
    public IEnumerable<int> Own(int count)
    {
        for (int index = Rank; index < count; index += Size)
        {
            yield return index;
        }
    }

    /// <summary>What each rank gives, in their order, on every rank. It travels as JSON.</summary>
    public T[] AllGather<T>(T value) => [.. communicator.AllGather(RunnerJson.Message(value)).Select(Read<T>)];

    private static T Read<T>(byte[] json) => RunnerJson.ReadMessage<T>(json)!;

    private sealed record RankFault(int ExitCode, string? Message, string Host);

    private sealed record RankFact(string Host, string Fact);

    private sealed record RankFacts(string Host, Dictionary<string, string> Facts);
}
