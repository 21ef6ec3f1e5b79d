using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using GpuCam.Model;

namespace GpuCam.MpiProbe;

/// <summary>What a rank can be told to do.</summary>
internal static class Probes
{
    public static int Run(MpiCommunicator ranks, string[] arguments)
    {
        int Number(int index) => int.Parse(arguments[index], CultureInfo.InvariantCulture);
        switch (arguments[0])
        {
            case "calls":
                new Calls(ranks).All();
                Say(ranks, $"{ranks.Size} ranks, {ranks.LocalSize} here, {ranks.Description}: calls are right");
                return 0;
            case "turns":
                Mark(ranks, arguments);
                Say(ranks, $"{Turns(ranks, TimeSpan.FromSeconds(Number(1)))} turns");
                return 0;
            case "work":
                Mark(ranks, arguments);
                Thread.Sleep(TimeSpan.FromSeconds(Number(1)));
                _ = ranks.AllGather([]);
                Say(ranks, "worked");
                return 0;
            case "abort":
                if (ranks.Rank == Number(1))
                {
                    Thread.Sleep(300);
                    ranks.Abort(Number(2));
                }

                _ = Turns(ranks, TimeSpan.FromMinutes(1));
                return 0;
            case "signals":
                Say(ranks, CatchesNull() ? "signals are .NET's" : "a null was not caught");
                return 0;
            default:
                return 2;
        }
    }

    /// <summary>Small and large messages back to back until the time is over, on rank 0's clock.</summary>
    private static unsafe int Turns(MpiCommunicator ranks, TimeSpan time)
    {
        long started = Stopwatch.GetTimestamp();
        float[] values = GC.AllocateArray<float>(1 << 20, pinned: true);
        int turns = 0;
        while (true)
        {
            fixed (float* address = values)
            {
                ranks.BeginSum((nint)address, turns % 100 == 0 ? values.Length : 100).Wait();
            }

            turns++;
            if (ranks.Broadcast([Stopwatch.GetElapsedTime(started) < time ? (byte)1 : (byte)0])[0] == 0)
            {
                return turns;
            }
        }
    }

    /// <summary>Makes the file that may be named last: all ranks are there.</summary>
    private static void Mark(MpiCommunicator ranks, string[] arguments)
    {
        _ = ranks.AllGather([]);
        if (ranks.Rank == 0 && arguments.Length > 2)
        {
            File.Create(arguments[2]).Dispose();
        }
    }

    private static bool CatchesNull()
    {
        try
        {
            return Length(null) < 0;
        }
        catch (NullReferenceException)
        {
            return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Length(string? text) => text!.Length;

    private static void Say(MpiCommunicator ranks, string line)
    {
        if (ranks.Rank == 0)
        {
            Voice.Say(line, Voice.Output);
        }
    }
}
