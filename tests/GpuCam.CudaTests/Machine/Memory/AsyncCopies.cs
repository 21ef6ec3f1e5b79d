namespace GpuCam.CudaTests.Machine.Memory;

/// <summary>The copies to shared memory that a warp has begun and not waited for, in groups that each lane commits for itself.</summary>
internal sealed class AsyncCopies
{
    /// <summary>A copy of up to 16 bytes, the rest zeros.</summary>
    /// <param name="Lane">Who began it.</param>
    /// <param name="CommitGroup">The group of copies that it belongs to, counted for the lane.</param>
    /// <param name="Target">Where it goes in shared memory.</param>
    /// <param name="Source">Where it comes from in global memory.</param>
    /// <param name="Bytes">How many are written.</param>
    /// <param name="Read">How many of those are read.</param>
    public readonly record struct Copy(int Lane, int CommitGroup, uint Target, nint Source, int Bytes, int Read);

    private readonly List<Copy> _copies = [];
    private readonly int[] _committed = new int[Warp.Lanes];

    public void Clear()
    {
        _copies.Clear();
        Array.Clear(_committed);
    }

    public void Add(int lane, uint target, nint source, int bytes, int read) =>
        _copies.Add(new Copy(lane, _committed[lane], target, source, bytes, read));

    /// <summary>Closes the lane's group of copies and opens the next.</summary>
    public void Commit(int lane) => _committed[lane]++;

    /// <summary>Takes out the copies of these lanes, all but those of the latest <paramref name="pending"/> groups committed.</summary>
    public List<Copy> Await(uint mask, int pending) =>
        Take(copy => (mask >> copy.Lane & 1) != 0 && copy.CommitGroup < _committed[copy.Lane] - pending);

    /// <summary>Takes out all copies of these lanes, committed or not.</summary>
    public List<Copy> AwaitAll(uint mask) => Take(copy => (mask >> copy.Lane & 1) != 0);

    private List<Copy> Take(Predicate<Copy> isDone)
    {
        List<Copy> done = _copies.FindAll(isDone);
        _copies.RemoveAll(isDone);
        return done;
    }
}
