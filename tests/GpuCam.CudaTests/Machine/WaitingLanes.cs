namespace GpuCam.CudaTests.Machine;

/// <summary>Lanes of a warp that stand at later instructions than those that execute now.</summary>
internal sealed class WaitingLanes
{
    private readonly List<(int Place, uint Mask)> _waiting = [];

    /// <summary>The smallest index at which some wait.</summary>
    public int First { get; private set; } = int.MaxValue;

    public void Clear()
    {
        _waiting.Clear();
        First = int.MaxValue;
    }

    /// <summary>Lets lanes wait at an index.</summary>
    public void Add(int place, uint mask)
    {
        int index = _waiting.FindIndex(one => one.Place == place);
        if (index >= 0)
        {
            _waiting[index] = (place, _waiting[index].Mask | mask);
        }
        else
        {
            _waiting.Add((place, mask));
            First = Math.Min(First, place);
        }
    }

    /// <summary>
    /// Takes lanes that stand at an index, none or more, and returns those that go next: with those that wait there, or instead of them.
    /// </summary>
    public (int Place, uint Mask) Exchange(int place, uint mask)
    {
        if (mask != 0)
        {
            Add(place, mask);
        }

        if (_waiting.Count == 0)
        {
            return (place, 0);
        }

        int index = _waiting.FindIndex(one => one.Place == First);
        (int Place, uint Mask) next = _waiting[index];
        _waiting.RemoveAt(index);
        First = _waiting.Count == 0 ? int.MaxValue : _waiting.Min(one => one.Place);
        return next;
    }
}
