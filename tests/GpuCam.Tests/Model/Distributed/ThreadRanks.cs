using System.Runtime.ExceptionServices;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>
/// A rank of a job whose ranks are threads of this process. What is begun is done as late as it can be, when the first rank waits for it:
/// who touches memory in between gets other bits. A rank that throws ends the others, and ranks whose calls differ are told so.
/// </summary>
internal sealed unsafe class ThreadRanks : ICommunicator
{
    private readonly Meeting _meeting;
    private int _next;

    private ThreadRanks(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => _meeting.Ranks;

    public int LocalRank => Rank;

    public int LocalSize => Size;

    public string Description => "threads";

    public bool TakesDeviceMemory => false;

    /// <summary>Collective operations begun by this rank, in their order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What a body gives on each rank; the error of the lowest rank that has one of its own.</summary>
    public static T[] Run<T>(int ranks, Func<ThreadRanks, T> body)
    {
        var meeting = new Meeting(ranks);
        var results = new T[ranks];
        var errors = new Exception?[ranks];
        Thread[] threads =
        [
            .. Enumerable.Range(0, ranks).Select(rank => new Thread(() =>
            {
                try
                {
                    results[rank] = body(new ThreadRanks(meeting, rank));
                }
                catch (Exception e)
                {
                    errors[rank] = e;
                    meeting.End();
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Exception? error = errors.OfType<Exception>().OrderBy(e => e is OperationCanceledException).FirstOrDefault();
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        return results;
    }

    /// <summary>Runs a body on each rank.</summary>
    public static void Run(int ranks, Action<ThreadRanks> body) => Run(ranks, rank =>
    {
        body(rank);
        return 0;
    });

    public byte[] Broadcast(ReadOnlySpan<byte> data) => All("broadcast", data)[0];

    public byte[][]? Gather(ReadOnlySpan<byte> data) => All("gather", data) is var all && Rank == 0 ? all : null;

    public byte[][] AllGather(ReadOnlySpan<byte> data) => All("all gather", data);

    public ICollective BeginSum(nint values, int count) => Begin($"sum of {count}", new Part(values, 0, [], [], []), parts =>
    {
        for (int i = 0; i < count; i++)
        {
            float sum = ((float*)parts[0].First)[i];
            for (int rank = 1; rank < parts.Length; rank++)
            {
                sum += ((float*)parts[rank].First)[i];
            }

            foreach (Part part in parts)
            {
                ((float*)part.First)[i] = sum;
            }
        }
    });

    public ICollective BeginExchange(
        nint sent, IReadOnlyList<RankStretch> sentParts, nint received, IReadOnlyList<RankStretch> receivedParts) =>
        Begin("exchange", new Part(sent, received, [.. sentParts], [.. receivedParts], []), parts =>
        {
            for (int a = 0; a < parts.Length; a++)
            {
                for (int b = 0; b < parts.Length; b++)
                {
                    RankStretch source = parts[a].To[b], target = parts[b].From[a];
                    if (source.Count != target.Count)
                    {
                        throw new InvalidOperationException($"rank {a} sends {source.Count} floats to {b}, which takes {target.Count}");
                    }

                    Copy(parts[a].First, source, parts[b].Second, target);
                }
            }
        });

    public ICollective BeginGather(nint values, IReadOnlyList<RankStretch> parts) =>
        Begin($"gather {string.Join(' ', parts)}", new Part(values, 0, [.. parts], [], []), all =>
        {
            for (int a = 0; a < all.Length; a++)
            {
                for (int b = 0; b < all.Length; b++)
                {
                    Copy(all[a].First, all[a].To[a], all[b].First, all[b].To[a]);
                }
            }
        });

    public void Dispose()
    {
    }

    private static void Copy(nint from, RankStretch source, nint to, RankStretch target) =>
        new ReadOnlySpan<float>((float*)from + source.First, source.Count)
            .CopyTo(new Span<float>((float*)to + target.First, target.Count));

    private byte[][] All(string what, ReadOnlySpan<byte> data)
    {
        byte[][] all = [];
        Begin(what, new Part(0, 0, [], [], data.ToArray()), _ => { }, parts => all = [.. parts.Select(part => part.Data)]).Wait();
        return all;
    }

    private Pending Begin(string what, Part part, Action<Part[]> act, Action<Part[]>? look = null)
    {
        Calls.Add(what);
        return new Pending(_meeting, _meeting.Come(_next++, Rank, what, part), act, look);
    }

    /// <summary>What a rank brings to an operation.</summary>
    private sealed record Part(nint First, nint Second, RankStretch[] To, RankStretch[] From, byte[] Data);

    private sealed class Operation(string what, int ranks)
    {
        public string What { get; } = what;

        public Part[] Parts { get; } = new Part[ranks];

        public int Missing { get; set; } = ranks;

        public bool IsDone { get; set; }
    }

    private sealed class Pending(Meeting meeting, Operation operation, Action<Part[]> act, Action<Part[]>? look) : ICollective
    {
        public void Wait()
        {
            meeting.Await(operation, act);
            look?.Invoke(operation.Parts);
        }
    }

    private sealed class Meeting(int ranks)
    {
        private readonly Dictionary<int, Operation> _operations = [];
        private bool _ended;

        public int Ranks => ranks;

        public Operation Come(int number, int rank, string what, Part part)
        {
            lock (_operations)
            {
                if (!_operations.TryGetValue(number, out Operation? operation))
                {
                    _operations[number] = operation = new Operation(what, ranks);
                }

                if (operation.What != what)
                {
                    throw new InvalidOperationException($"operation {number}: rank {rank} calls '{what}', another one '{operation.What}'");
                }

                operation.Parts[rank] = part;
                if (--operation.Missing == 0)
                {
                    _operations.Remove(number);
                    Monitor.PulseAll(_operations);
                }

                return operation;
            }
        }

        public void Await(Operation operation, Action<Part[]> act)
        {
            lock (_operations)
            {
                while (operation.Missing > 0)
                {
                    if (_ended)
                    {
                        throw new OperationCanceledException("another rank has ended");
                    }

                    Monitor.Wait(_operations);
                }

                if (!operation.IsDone)
                {
                    act(operation.Parts);
                    operation.IsDone = true;
                }
            }
        }

        public void End()
        {
            lock (_operations)
            {
                _ended = true;
                Monitor.PulseAll(_operations);
            }
        }
    }
}
