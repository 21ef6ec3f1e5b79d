using System.Diagnostics;
using System.Globalization;

namespace GpuCam.Tests.Fuzzing;

/// <summary>
/// Damaged files of every kind: each is read, or refused in one line that names it; none ends the process, hangs or eats memory.
/// A few run with the suite; GPUCAM_FUZZ_COUNT=N runs N of each kind, =M..N those from M on, every kind in a process of its own, as a
/// decoder's crash would end this one. Which files those are depends on the kind and the number alone, and the number of a bad one is told.
/// </summary>
public class FuzzTests
{
    private const string CountVariable = "GPUCAM_FUZZ_COUNT", JournalVariable = "GPUCAM_FUZZ_JOURNAL";
    private const int MostFaults = 20;
    private static readonly TimeSpan s_stall = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Kinds => [.. FuzzKind.All.Values.Where(kind => kind.Missing is null).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Damaged_files_are_read_or_refused(string name)
    {
        FuzzKind kind = FuzzKind.All[name];
        string? wanted = Environment.GetEnvironmentVariable(CountVariable), journal = Environment.GetEnvironmentVariable(JournalVariable);
        if (wanted is null)
        {
            Run(kind, 0, kind.Few, journal: null);
        }
        else if (journal is null)
        {
            RunApart(name);
        }
        else
        {
            long[] range = [.. wanted.Split("..").Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
            Run(kind, range.Length > 1 ? range[0] : 0, range[^1], journal);
        }
    }

    private static void Run(FuzzKind kind, long first, long end, string? journal)
    {
        long read = 0, flat = 0, most = 0, count = end - first;
        TimeSpan longest = default;
        var faults = new List<string>();
        int known = 0;
        using FileStream? file =
            journal is null ? null : new FileStream(journal, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (long number = first; number < end; number++)
        {
            byte[] bytes = kind.Make(number);
            if (file is not null)
            {
                file.Position = 0;
                file.Write(BitConverter.GetBytes(number));
            }

            ReadingCost.Of(() => read += IsRead(kind, bytes, number, faults) ? 1 : 0, out long allocated, out TimeSpan time);
            most = Math.Max(most, allocated);
            longest = time > longest ? time : longest;
            if (allocated >= kind.MostBytes || time >= kind.MostTime)
            {
                faults.Add($"{kind.Name} {number} took {allocated} bytes and {time.TotalSeconds:0.00} s");
            }

            if (faults.Count > known && journal is not null)
            {
                File.WriteAllBytes($"{journal}-{number}", bytes);
                known = faults.Count;
            }

            Assert.True(faults.Count < MostFaults, string.Join("\n", faults));
            if (number == first + (count / 10))
            {
                flat = Resident();
            }
        }

        long grown = Resident() - flat;
        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{kind.Name}: {count} files, {read} read, at most {longest.TotalMilliseconds:0} ms and {most >> 20} MB; "
            + $"process {flat >> 20} MB + {grown >> 20} MB\n");
        if (journal is not null)
        {
            File.WriteAllText(journal + ".txt", summary);
            Assert.True(grown < 64 << 20, summary);
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
        Assert.True(count < 100 || (read > 0 && read < count), summary);
    }

    private static bool IsRead(FuzzKind kind, byte[] bytes, long number, List<string> faults)
    {
        string name = kind.FileName(number);
        try
        {
            kind.Read(bytes, number, name);
            return true;
        }
        catch (GpuCamException e)
        {
            // What names in a file may do to a line, whoever prints it mends (Printable).
            if (!e.Message.StartsWith(name + ": ", StringComparison.Ordinal))
            {
                faults.Add($"{kind.Name} {number} is refused by '{e.Message}'");
            }
        }
        catch (Exception e)
        {
            faults.Add($"{kind.Name} {number}: {e}");
        }

        return false;
    }

    private static long Resident()
    {
        // Gives back to the system what is free, so that what is left is in use.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }

    /// <summary>The same test in another process, watched: it must end well, and get on.</summary>
    private static void RunApart(string name)
    {
        string journal = Path.Combine(Path.GetTempPath(), $"gpucam-fuzz-{name}");
        string filter = $"FullyQualifiedName~{nameof(FuzzTests)}&DisplayName~\"{name}\"";
        var start = new ProcessStartInfo("dotnet", ["test", typeof(FuzzTests).Assembly.Location, "--filter", filter])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[JournalVariable] = journal;
        File.Delete(journal);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        long last = -1;
        while (!process.WaitForExit(s_stall))
        {
            long now = Number(journal);
            if (now == last)
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"{name} {now} does not end");
            }

            last = now;
        }

        Assert.True(process.ExitCode == 0, $"{name} {Number(journal)} was the last file; {output.Result}{errors.Result}");
    }

    private static long Number(string journal)
    {
        try
        {
            using var file = new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[sizeof(long)];
            file.ReadExactly(bytes);
            return BitConverter.ToInt64(bytes);
        }
        catch (IOException)
        {
            return -1;
        }
    }
}
