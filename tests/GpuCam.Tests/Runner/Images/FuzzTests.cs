using System.Diagnostics;
using System.Globalization;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>
/// Damaged files of every format: each is read, or refused in one line that names it; none ends the process, hangs or eats memory.
/// A few run with the suite; GPUCAM_FUZZ_COUNT=N runs N of each format, every format in a process of its own, as a decoder's crash
/// would end this one. Which files those are depends on the format and the number alone, and the number of a bad one is told.
/// </summary>
public class FuzzTests
{
    private const int Few = 250;
    private const string CountVariable = "GPUCAM_FUZZ_COUNT", JournalVariable = "GPUCAM_FUZZ_JOURNAL";
    private static readonly TimeSpan s_stall = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Formats => new(DamagedPictures.Formats);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Damaged_files_are_read_or_refused(string format)
    {
        string? wanted = Environment.GetEnvironmentVariable(CountVariable), journal = Environment.GetEnvironmentVariable(JournalVariable);
        if (wanted is null)
        {
            Run(format, Few, journal: null);
        }
        else if (journal is null)
        {
            RunApart(format);
        }
        else
        {
            Run(format, long.Parse(wanted, CultureInfo.InvariantCulture), journal);
        }
    }

    private static void Run(string format, long count, string? journal)
    {
        long read = 0, flat = 0, most = 0;
        TimeSpan longest = default;
        using FileStream? file =
            journal is null ? null : new FileStream(journal, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (long number = 0; number < count; number++)
        {
            byte[] bytes = DamagedPictures.Make(format, number);
            if (file is not null)
            {
                file.Position = 0;
                file.Write(BitConverter.GetBytes(number));
            }

            bool whole = false;
            ImageReaderCost.Of(() => whole = IsRead(bytes, $"{number}.{format}"), out long allocated, out TimeSpan time);
            read += whole ? 1 : 0;
            most = Math.Max(most, allocated);
            longest = time > longest ? time : longest;
            Assert.True(allocated < 100_000_000, $"{format} {number} took {allocated} bytes");
            Assert.True(time < TimeSpan.FromSeconds(0.5), $"{format} {number} took {time.TotalSeconds:0.00} s");
            if (number == count / 10)
            {
                flat = Resident();
            }
        }

        long grown = Resident() - flat;
        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{format}: {count} files, {read} read, at most {longest.TotalMilliseconds:0} ms and {most >> 20} MB; "
            + $"process {flat >> 20} MB + {grown >> 20} MB\n");
        if (journal is not null)
        {
            File.WriteAllText(journal + ".txt", summary);
            Assert.True(grown < 64 << 20, summary);
        }

        Assert.True(read > 0 && read < count, summary);
    }

    private static bool IsRead(byte[] bytes, string name)
    {
        try
        {
            Image8 image = ImageReader.Read(new MemoryStream(bytes), name);
            return image.Width > 0;
        }
        catch (GpuCamException e)
        {
            Assert.StartsWith(name + ": ", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
            return false;
        }
    }

    private static long Resident()
    {
        // Gives back to the system what is free, so that what is left is in use.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }

    /// <summary>The same test in another process, watched: it must end well, and get on.</summary>
    private static void RunApart(string format)
    {
        string journal = Path.Combine(Path.GetTempPath(), $"gpucam-fuzz-{format}");
        string filter = $"FullyQualifiedName~{nameof(FuzzTests)}&DisplayName~\"{format}\"";
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
                Assert.Fail($"{format} {now} does not end");
            }

            last = now;
        }

        Assert.True(process.ExitCode == 0, $"{format} {Number(journal)} was the last file; {output.Result}{errors.Result}");
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
