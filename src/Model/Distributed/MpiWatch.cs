using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCam.Model;

/// <summary>
/// Finds ranks that do not answer any more. A process that dies is noticed by the launcher; a machine that is cut off or hangs is silence,
/// and what waits for it waits for good. So every rank gives rank 0 a sign of life every two seconds, and rank 0 every rank.
/// </summary>
internal sealed unsafe class MpiWatch
{
    /// <summary>The environment variable with the longest silence, in seconds; 0 for no watch.</summary>
    public const string Variable = "GPUCAM_RANK_TIMEOUT";

    private const double DefaultLimit = 15;
    private const double BetweenSigns = 2;
    private const double BetweenLooks = 0.05;

    // A look that comes late was held up here, by a stopped process or a busy machine: what others sent meanwhile has not been read.
    private const double LongestLook = 0.5;

    // The rank, or its complement for the last sign, then the name of its machine.
    private const int SignBytes = 64;

    private readonly MpiAbi _abi;
    private readonly nint _communicator;
    private readonly double _limit;
    private readonly double _betweenSigns;
    private readonly int[] _others;
    private readonly double[] _silence;
    private readonly string?[] _hosts;
    private readonly nint[] _sends;
    private readonly byte* _own = (byte*)NativeMemory.AllocZeroed(SignBytes);
    private readonly byte* _farewell = (byte*)NativeMemory.AllocZeroed(SignBytes);
    private readonly byte* _received = (byte*)NativeMemory.AllocZeroed(SignBytes);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _looked;
    private double _signed = double.NegativeInfinity;
    private nint _receive;
    private int _farewells;

    /// <param name="abi">The library's.</param>
    /// <param name="communicator">One for the signs alone.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="limit">The longest silence, in seconds.</param>
    public MpiWatch(MpiAbi abi, nint communicator, int rank, int size, double limit)
    {
        (_abi, _communicator, _limit) = (abi, communicator, limit);
        _betweenSigns = Math.Min(BetweenSigns, limit / 5);
        _others = rank == 0 ? [.. Enumerable.Range(1, size - 1)] : [0];
        (_silence, _hosts, _sends) = (new double[size], new string?[size], new nint[size]);
        *(int*)_own = rank;
        string host = Environment.MachineName;
        Encoding.UTF8.GetEncoder().Convert(
            host, new Span<byte>(_own + sizeof(int), SignBytes - sizeof(int)), flush: true, out _, out _, out _);
        Listen();
    }

    /// <summary>The longest silence by the environment.</summary>
    /// <exception cref="GpuCamException">It is no number of seconds.</exception>
    public static double Limit(string? variable) =>
        string.IsNullOrEmpty(variable) ? DefaultLimit
        : double.TryParse(variable, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            && double.IsFinite(seconds) ? seconds
        : throw new GpuCamException(
            $"{Variable} is '{variable}': give the seconds after which a silent rank is lost ({DefaultLimit}), or 0 to wait for ever");

    /// <summary>Gives and takes signs of life where it is time; the line for the user if ranks are silent for too long.</summary>
    public string? Look()
    {
        double now = _clock.Elapsed.TotalSeconds;
        double passed = now - _looked;
        if (passed < BetweenLooks)
        {
            return null;
        }

        _looked = now;
        Hear();
        if (now - _signed >= _betweenSigns)
        {
            _signed = now;
            foreach (int rank in _others)
            {
                // One that is not out yet will do.
                if (IsOut(rank))
                {
                    Send(rank, _own);
                }
            }
        }

        bool lost = false;
        foreach (int rank in _others)
        {
            _silence[rank] += Math.Min(passed, LongestLook);
            lost |= _silence[rank] > _limit;
        }

        return lost ? Line() : null;
    }

    /// <summary>
    /// Tells the others, and hears from them, that no more signs come: one that nobody takes would be a fault at the job's end.
    /// </summary>
    public void Close()
    {
        double end = _clock.Elapsed.TotalSeconds + _limit;
        void Until(Func<bool> done)
        {
            while (!done() && _clock.Elapsed.TotalSeconds < end)
            {
                Hear();
                Thread.Yield();
            }
        }

        *(int*)_farewell = ~*(int*)_own;
        foreach (int rank in _others)
        {
            Until(() => IsOut(rank));
            Send(rank, _farewell);
        }

        Until(() => Array.TrueForAll(_others, IsOut));
        Until(() => _farewells == _others.Length);
    }

    private void Listen()
    {
        int from = _others.Length == 1 ? _others[0] : _abi.AnySource;
        fixed (nint* request = &_receive)
        {
            *request = 0;
            _ = LibMpi.MPI_Irecv((nint)_received, SignBytes, _abi.Byte, from, 0, _communicator, request);
        }
    }

    private void Hear()
    {
        while (_farewells < _others.Length && Done(ref _receive))
        {
            int rank = *(int*)_received;
            if (rank < 0)
            {
                rank = ~rank;
                _farewells++;
            }

            _silence[rank] = 0;
            _hosts[rank] ??= Marshal.PtrToStringUTF8((nint)(_received + sizeof(int)), SignBytes - sizeof(int)).TrimEnd('\0');
            if (_farewells < _others.Length)
            {
                Listen();
            }
        }
    }

    private void Send(int rank, byte* sign)
    {
        fixed (nint* request = &_sends[rank])
        {
            *request = 0;
            _ = LibMpi.MPI_Isend((nint)sign, SignBytes, _abi.Byte, rank, 0, _communicator, request);
        }
    }

    private bool IsOut(int rank) => _sends[rank] == 0 || Done(ref _sends[rank]);

    private bool Done(ref nint request)
    {
        int done = 0;
        fixed (nint* address = &request)
        {
            return LibMpi.MPI_Test(address, &done, _abi.NoStatus) == 0 && done != 0;
        }
    }

    private string Line()
    {
        // They fell silent together, but their last signs were not of the same moment.
        int[] silent = [.. Enumerable.Range(0, _silence.Length).Where(rank => _silence[rank] > _limit - (2 * _betweenSigns))];
        string first = _hosts[silent[0]] is { } host ? $"rank {silent[0]} (host {host})" : $"rank {silent[0]}";
        string all = silent.Length == 1 ? $"{first} has" : $"{first} and {silent.Length - 1} more have";
        return $"{all} not been heard of for {_silence.Max():0} s: the job ends; go on with --resume when the machine is back";
    }
}
