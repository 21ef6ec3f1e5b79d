using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using GpuCam.Model;

namespace GpuCam.Runner.Ranks;

/// <summary>What a rank has done of a batch.</summary>
/// <param name="Items">Its items, for those who count.</param>
/// <param name="Write">Writes what came of it; null where nothing is to be written.</param>
internal readonly record struct Turn(int Items, Action? Write = null);

/// <summary>
/// Work in batches that the ranks of a job take by turns: batch b is rank b % Size's, whole, so that every number comes from the batch that
/// it has in one process. After each batch the ranks tell one another how far they are, and whether somebody must stop. Nobody waits for
/// that before being some batches ahead, so that a slow batch of one rank does not hold up the others.
/// </summary>
/// <param name="job">Who takes part; each rank makes the same calls.</param>
/// <param name="batches">How many there are.</param>
internal sealed class RankTurns(RankJob job, int batches)
{
    // Batches that a rank may be ahead of the slowest one.
    private const int Ahead = 2;

    // What is told of a batch: items, whether somebody writes, was cancelled, failed.
    private const int Facts = 4;

    private readonly int _ahead = job.IsAlone ? 0 : Ahead;
    private readonly float[] _told = GC.AllocateArray<float>((Ahead + 1) * Facts, pinned: true);
    private readonly Queue<(int Place, ICollective Sum)> _begun = new();
    private ExceptionDispatchInfo? _fault;
    private long _items, _reported;
    private bool _writes, _cancelled, _failed;

    /// <summary>Hears how many items of the whole job are done, as far as this rank knows.</summary>
    public Action<long>? Done { get; init; }

    /// <summary>Runs on every rank, once, before the first of them writes something; on none where nobody does. It is collective.</summary>
    public Action? BeforeWriting { get; init; }

    /// <summary>
    /// Does the work. Where a batch fails on some rank, all ranks end soon after, with the error of the lowest one.
    /// </summary>
    /// <param name="work">Does a batch; called for those of this rank, in their order.</param>
    /// <param name="cancellation">Ends it on all ranks, whichever of them is asked.</param>
    /// <exception cref="OperationCanceledException">A rank was asked to end.</exception>
    public void Run(Func<int, Turn> work, CancellationToken cancellation = default)
    {
        bool open = BeforeWriting is null;
        int rounds = (batches + job.Size - 1) / job.Size;
        for (int round = 0; round < rounds && !(_cancelled || _failed); round++)
        {
            int batch = (round * job.Size) + job.Rank;
            Turn turn = default;
            if (batch < batches)
            {
                Try(() =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    turn = work(batch);
                });
            }

            Tell(turn);
            // Until it is known whether somebody writes, nobody goes ahead.
            Hear(open ? _ahead : 0);
            if (_cancelled || _failed)
            {
                break;
            }

            if (!open && _writes)
            {
                BeforeWriting!();
                open = true;
            }

            Try(turn.Write);
            Try(Report);
        }

        End();
    }

    /// <summary>What each batch gave, in the order of the batches, on rank 0; null on others. It travels as JSON.</summary>
    /// <param name="job">Who took part.</param>
    /// <param name="own">What this rank's batches gave, in their order.</param>
    public static IReadOnlyList<T>? InOrder<T>(RankJob job, IReadOnlyList<T> own)
    {
        if (job.IsAlone)
        {
            return own;
        }

        return job.Gather(own) is { } all
            ? [.. Enumerable.Range(0, all.Sum(part => part.Count)).Select(batch => all[batch % job.Size][batch / job.Size])]
            : null;
    }

    /// <summary>Numbers that batches gave, in the order of the batches, on every rank.</summary>
    /// <param name="job">Who took part.</param>
    /// <param name="own">What this rank's batches gave, in their order.</param>
    /// <param name="each">Numbers of a batch; the last one may have fewer.</param>
    public static T[] Everywhere<T>(RankJob job, ReadOnlySpan<T> own, int each)
        where T : unmanaged
    {
        if (job.IsAlone)
        {
            return own.ToArray();
        }

        byte[][] all = job.Communicator.AllGather(MemoryMarshal.AsBytes(own));
        T[][] parts = [.. all.Select(part => MemoryMarshal.Cast<byte, T>(part).ToArray())];
        var result = new T[parts.Sum(part => part.Length)];
        for (int to = 0; to < result.Length; to += each)
        {
            int batch = to / each;
            T[] part = parts[batch % job.Size];
            int from = batch / job.Size * each;
            part.AsSpan(from, Math.Min(each, part.Length - from)).CopyTo(result.AsSpan(to));
        }

        return result;
    }

    /// <summary>Keeps what goes wrong: the other ranks have to hear of it before this one ends.</summary>
    private void Try(Action? action)
    {
        if (_fault is not null || action is null)
        {
            return;
        }

        try
        {
            action();
        }
#pragma warning disable CA1031 // It surfaces when all ranks know.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    private void Report()
    {
        if (_items > _reported)
        {
            _reported = _items;
            Done?.Invoke(_items);
        }
    }

    private void Tell(Turn turn)
    {
        int place = _begun.Count == 0 ? 0 : (_begun.Last().Place + 1) % (Ahead + 1);
        Span<float> facts = _told.AsSpan(place * Facts, Facts);
        bool cancelled = _fault?.SourceException is OperationCanceledException;
        facts[0] = turn.Items;
        facts[1] = turn.Write is null ? 0 : 1;
        facts[2] = cancelled ? 1 : 0;
        facts[3] = _fault is null || cancelled ? 0 : 1;
        _begun.Enqueue((place, job.Communicator.BeginSum(Marshal.UnsafeAddrOfPinnedArrayElement(_told, place * Facts), Facts)));
    }

    /// <summary>Waits for what was told, but for the last few times.</summary>
    private void Hear(int allButLast)
    {
        while (_begun.Count > allButLast)
        {
            (int place, ICollective sum) = _begun.Dequeue();
            sum.Wait();
            ReadOnlySpan<float> facts = _told.AsSpan(place * Facts, Facts);
            _items += (long)facts[0];
            _writes |= facts[1] > 0;
            _cancelled |= facts[2] > 0;
            _failed |= facts[3] > 0;
        }
    }

    private void End()
    {
        Hear(0);
        Tell(default);      // of the last batch's writing
        Hear(0);
        Report();
        if (_failed)
        {
            job.Together(() =>
            {
                if (_fault is { SourceException: not OperationCanceledException })
                {
                    _fault.Throw();
                }
            });
        }

        if (_cancelled)
        {
            throw new OperationCanceledException();
        }
    }
}
