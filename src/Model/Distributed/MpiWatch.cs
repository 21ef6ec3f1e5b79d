using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GpuCam.Model;

/// <summary>
/// Finds ranks that do not answer any more. A process that dies is noticed by the launcher; a machine that is cut off, or hangs, is silence,
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

    // The rank, then the name of its machine.
    private const int SignBytes = 64;

    private readonly MpiAbi _abi;
    private readonly nint _communicator;
    private readonly double _limit;
    private readonly double _betweenSigns;
    private readonly Range _others;
    private readonly double[] _silence;
    private readonly string?[] _hosts;
    private readonly nint[] _sends;
    private readonly byte* _own = (byte*)NativeMemory.AllocZeroed(SignBytes);
    private readonly byte* _received = (byte*)NativeMemory.AllocZeroed(SignBytes);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _looked;
    private double _signed = double.NegativeInfinity;
    private nint _receive;

    /// <param name="abi">The library's.</param>
    /// <param name="communicator">One for the signs alone.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="size">How many there are.</param>
    /// <param name="limit">The longest silence, in seconds.</param>
    public MpiWatch(MpiAbi abi, nint communicator, int rank, int size, double limit)
    {
        (_abi, _communicator, _limit) = (abi, communicator, limit);
        _betweenSigns = Math.Min(BetweenSigns, limit / 5);
        _others = rank == 0 ? 1..size : 0..1;
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
            Sign();
        }

        bool lost = false;
        for (int rank = _others.Start.Value; rank < _others.End.Value; rank++)
        {
            _silence[rank] += Math.Min(passed, LongestLook);
            lost |= _silence[rank] > _limit;
        }

        return lost ? Line() : null;
    }

    private void Listen()
    {
        int from = _others.Start.Value == 0 ? 0 : _abi.AnySource;
        fixed (nint* request = &_receive)
        {
            _ = LibMpi.MPI_Irecv((nint)_received, SignBytes, _abi.Byte, from, 0, _communicator, request);
        }
    }

    private void Hear()
    {
        while (Done(ref _receive))
        {
            int rank = *(int*)_received;
            _silence[rank] = 0;
            _hosts[rank] ??= Marshal.PtrToStringUTF8((nint)(_received + sizeof(int)), SignBytes - sizeof(int)).TrimEnd('\0');
            Listen();
        }
    }

    private void Sign()
    {
        for (int rank = _others.Start.Value; rank < _others.End.Value; rank++)
        {
            // One that has not gone out yet will do.
            if (_sends[rank] == 0 || Done(ref _sends[rank]))
            {
                fixed (nint* request = &_sends[rank])
                {
                    *request = 0;
                    _ = LibMpi.MPI_Isend((nint)_own, SignBytes, _abi.Byte, rank, 0, _communicator, request);
                }
            }
        }
    }

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
