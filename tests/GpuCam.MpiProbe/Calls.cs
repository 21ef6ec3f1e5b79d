using GpuCam.Model;

namespace GpuCam.MpiProbe;

/// <summary>Every call of a communicator, with what is awkward: nothing, much, unequal, many.</summary>
internal sealed unsafe class Calls(MpiCommunicator ranks)
{
    private const int Many = 10_000;

    public void All()
    {
        Places();
        Broadcasts();
        Gathers();
        Sums();
        Exchanges();
        InTurn();
    }

    private static float[] Pinned(int count) => GC.AllocateArray<float>(count, pinned: true);

    private static nint Address(float[] values)
    {
        fixed (float* address = values)
        {
            return (nint)address;
        }
    }

    private void Require(bool right, string what)
    {
        if (!right)
        {
            Voice.Say($"rank {ranks.Rank}: {what}", Voice.Errors);
            ranks.Abort(3);
        }
    }

    private void Places()
    {
        byte[][] all = ranks.AllGather([(byte)ranks.Rank, (byte)ranks.LocalRank, (byte)ranks.LocalSize]);
        Require(all.Select(place => (int)place[0]).SequenceEqual(Enumerable.Range(0, ranks.Size)), "ranks");
        Require(all.All(place => place[1] < place[2] && place[2] <= ranks.Size), "places on a machine");
    }

    private void Broadcasts()
    {
        foreach (int length in (int[])[0, 1, 1000, 100_000_000])
        {
            byte[] data = ranks.Rank == 0 ? new byte[length] : [1, 2, 3];
            for (int i = 0; ranks.Rank == 0 && i < length; i++)
            {
                data[i] = (byte)(i * 7);
            }

            byte[] all = ranks.Broadcast(data);
            bool right = all.Length == length;
            for (int i = 0; i < all.Length; i++)
            {
                right &= all[i] == (byte)(i * 7);
            }

            Require(right, $"broadcast of {length} bytes");
        }
    }

    private void Gathers()
    {
        foreach (int unit in (int[])[0, 1, 100_000])
        {
            // Rank 1 gives nothing; others by their number.
            byte[] Of(int rank) => rank == 1 ? [] : [.. Enumerable.Repeat((byte)(rank + 1), unit * (rank + 1))];
            byte[]?[] wanted = [.. Enumerable.Range(0, ranks.Size).Select(Of)];
            bool Same(byte[][] all) => all.Length == ranks.Size
                && all.Zip(wanted).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            byte[][]? first = ranks.Gather(Of(ranks.Rank));
            Require(first is null == ranks.Rank > 0 && (first is null || Same(first)), $"gather of {unit} bytes");
            Require(Same(ranks.AllGather(Of(ranks.Rank))), $"gather of {unit} bytes on all ranks");
        }
    }

    private void Sums()
    {
        foreach (int count in (int[])[0, 1, 1000, 5_000_000])
        {
            float[] values = Pinned(count);
            for (int i = 0; i < count; i++)
            {
                values[i] = (ranks.Rank + 1) * (i % 100);
            }

            ranks.BeginSum(Address(values), count).Wait();
            int factor = ranks.Size * (ranks.Size + 1) / 2;
            Require(values.Select((value, i) => value == factor * (i % 100)).All(right => right), $"sum of {count} floats");
        }
    }

    private void Exchanges()
    {
        foreach (int unit in (int[])[0, 1, 200_000])
        {
            // Rank a sends b (a + 1) units to rank b, from behind to front: nothing to rank 0, and so nothing is the same for two pairs.
            int Count(int a, int b) => unit * b * (a + 1);
            RankStretch[] to = new RankStretch[ranks.Size], from = new RankStretch[ranks.Size];
            int sent = 0, received = 5;
            for (int rank = ranks.Size - 1; rank >= 0; rank--)
            {
                to[rank] = new RankStretch(sent, Count(ranks.Rank, rank));
                from[rank] = new RankStretch(received, Count(rank, ranks.Rank));
                sent += to[rank].Count;
                received += from[rank].Count;
            }

            float[] gone = Pinned(sent), come = Pinned(received);
            gone.AsSpan().Fill(ranks.Rank + 1);
            ranks.BeginExchange(Address(gone), to, Address(come), from).Wait();
            Require(come[..5].All(value => value == 0), "an exchange writes where it should not");
            Require(
                Enumerable.Range(0, ranks.Size)
                    .All(rank => come.AsSpan(from[rank].First, from[rank].Count).IndexOfAnyExcept(rank + 1f) < 0),
                $"exchange of {unit} floats");

            // What came is given to all: a stretch for each rank, in place.
            RankStretch[] parts =
            [
                .. Enumerable.Range(0, ranks.Size).Select(rank => new RankStretch(unit * rank * rank, unit * ((2 * rank) + 1))),
            ];
            float[] whole = Pinned(unit * ranks.Size * ranks.Size);
            whole.AsSpan(parts[ranks.Rank].First, parts[ranks.Rank].Count).Fill(ranks.Rank + 1);
            ranks.BeginGather(Address(whole), parts).Wait();
            Require(
                parts.Select((part, rank) => whole.AsSpan(part.First, part.Count).IndexOfAnyExcept(rank + 1f) < 0).All(right => right),
                $"gather of {unit} floats");
        }
    }

    /// <summary>Many small ones, some of them under way together and waited for the other way round.</summary>
    private void InTurn()
    {
        float[] values = Pinned(4);
        nint address = Address(values);
        for (int i = 0; i < Many / 2; i++)
        {
            values.AsSpan().Fill(i % 1000);
            ICollective one = ranks.BeginSum(address, 2), other = ranks.BeginSum(address + (2 * sizeof(float)), 2);
            other.Wait();
            one.Wait();
            Require(values.AsSpan().IndexOfAnyExcept((float)ranks.Size * (i % 1000)) < 0, $"sum {i} of many");
        }
    }
}
