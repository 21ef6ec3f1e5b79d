using System.Runtime.InteropServices;

namespace GpuCam.Model;

/// <summary>
/// What ranks tell each other in a step beside gradients, as words of 32 bits: each its vote, and of each of its shards the sum of losses,
/// image after image, and the right answers.
/// </summary>
internal sealed class StepNotes(Sharding sharding)
{
    private const int VoteWords = 3, ShardWords = 3;
    private readonly int[] _words = new int[(VoteWords * sharding.Ranks.Size) + (ShardWords * sharding.Shards)];

    /// <summary>Words of all ranks.</summary>
    public int Words => _words.Length;

    /// <summary>The words of a rank.</summary>
    public Span<int> Of(int rank)
    {
        int first = First(rank);
        return _words.AsSpan(first, First(rank + 1) - first);
    }

    /// <summary>Notes the vote of this rank, and forgets what others said.</summary>
    public void Begin(StepVote vote)
    {
        Array.Clear(_words);
        Span<int> own = Of(sharding.Ranks.Rank);
        own[0] = vote.Stop ? 1 : 0;
        MemoryMarshal.Write(MemoryMarshal.AsBytes(own[1..3]), vote.Seconds);
    }

    /// <summary>Notes what a shard of this rank saw.</summary>
    public void Note(int shard, StepResult seen)
    {
        int rank = sharding.Ranks.Rank, at = VoteWords + (ShardWords * (shard - sharding.FirstShardOf(rank)));
        Span<int> words = Of(rank).Slice(at, ShardWords);
        MemoryMarshal.Write(MemoryMarshal.AsBytes(words[..2]), seen.LossSum);
        words[2] = seen.Correct;
    }

    /// <summary>What a batch saw, added up shard after shard, and what was agreed.</summary>
    public (StepResult Result, StepVote Agreed) Sum(int images)
    {
        double losses = 0;
        int correct = 0;
        bool stop = false;
        for (int rank = 0; rank < sharding.Ranks.Size; rank++)
        {
            Span<int> words = Of(rank);
            stop |= words[0] != 0;
            for (int at = VoteWords; at < words.Length; at += ShardWords)
            {
                losses += MemoryMarshal.Read<double>(MemoryMarshal.AsBytes(words.Slice(at, 2)));
                correct += words[at + 2];
            }
        }

        double seconds = MemoryMarshal.Read<double>(MemoryMarshal.AsBytes(Of(0).Slice(1, 2)));
        return (new StepResult(losses, correct, images), new StepVote(stop, seconds));
    }

    /// <summary>
    /// The words as floats that can be summed over the ranks: halves of 16 bits, those of other ranks zero, so that no sum rounds.
    /// </summary>
    public void WriteSummable(Span<float> floats)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            (floats[2 * i], floats[(2 * i) + 1]) = (_words[i] & 0xffff, (int)((uint)_words[i] >> 16));
        }
    }

    /// <summary>Takes such sums.</summary>
    public void ReadSums(ReadOnlySpan<float> floats)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] = (int)floats[2 * i] | ((int)floats[(2 * i) + 1] << 16);
        }
    }

    private int First(int rank) => (VoteWords * rank) + (ShardWords * sharding.FirstShardOf(rank));
}
