using System.Runtime.InteropServices;

namespace GpuCam.Kernels;

/// <summary>
/// The parts of a job that a worker of <see cref="HostThreads"/> begins with, first … end - 1 in one word so that one exchange takes one.
/// It fills two cache lines: workers take their own without disturbing others.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct HostStretch
{
    /// <summary>What stands for the first part where only its owner may take it.</summary>
    private const int Owned = int.MinValue;

    [FieldOffset(64)]
    private long _range;

    /// <summary>These parts, for anyone to take.</summary>
    public void Hold(int first, int end) => Volatile.Write(ref _range, Pack(first, end));

    /// <summary>One part, for its owner alone.</summary>
    public void Own(int part) => Volatile.Write(ref _range, Pack(Owned + part, part + 1));

    /// <summary>Takes the first part, or for anyone but the owner the last.</summary>
    public bool TryTake(bool owner, out int part)
    {
        for (long range = Volatile.Read(ref _range); ;)
        {
            int first = (int)(range >> 32), end = (int)range;
            part = !owner ? end - 1 : first < 0 ? first - Owned : first;
            if (first >= end || (first < 0 && !owner))
            {
                return false;
            }

            long rest = first < 0 ? Pack(end, end) : owner ? Pack(first + 1, end) : Pack(first, end - 1);
            long before = Interlocked.CompareExchange(ref _range, rest, range);
            if (before == range)
            {
                return true;
            }

            range = before;
        }
    }

    private static long Pack(int first, int end) => ((long)first << 32) | (uint)end;
}
