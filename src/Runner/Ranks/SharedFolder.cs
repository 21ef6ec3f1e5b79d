using System.Diagnostics;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Ranks;

/// <summary>Whether an output folder is one and the same for all ranks: rank 0 puts a file there, and the others look for it.</summary>
internal static class SharedFolder
{
    private const int Named = 3;

    // A network file system shows a file of another machine late.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="RankJob.CheckShared"/>
    public static void Check(RankJob job, string folder)
    {
        if (job.IsAlone)
        {
            return;
        }

        string[] made = [];
        string name = job.Broadcast($".gpucam.job-{Guid.NewGuid():N}");
        string token = Path.Combine(folder, name);
        bool refused = true;
        try
        {
            job.Together(() =>
            {
                if (job.IsFirst)
                {
                    made = Make(folder);
                    Put(folder, token);
                }
            });
            Seen[] seen = job.AllGather(new Seen(Environment.MachineName, Sees(token)));
            int[] blind = [.. Enumerable.Range(0, job.Size).Where(rank => !seen[rank].Is)];
            if (blind.Length > 0)
            {
                string ranks = string.Join(", ", blind.Take(Named).Select(rank => $"rank {rank} ({seen[rank].Host})"))
                    + (blind.Length > Named ? $" and {blind.Length - Named} more" : "");
                throw new JobException(
                    $"the output folder {folder} of rank 0 ({seen[0].Host}) is not there for {ranks}: all ranks write into it; give one on "
                        + "a file system that all machines share",
                    CommandLine.BadInput);
            }

            job.Together(() =>
            {
                if (!job.IsFirst)
                {
                    Put(folder, $"{token}.{job.Rank}");
                    File.Delete($"{token}.{job.Rank}");
                }
            });
            refused = false;
        }
        finally
        {
            if (job.IsFirst)
            {
                Forget(token, refused ? made : []);
            }
        }
    }

    /// <summary>Makes a folder, and returns what of its path was not there, the innermost first.</summary>
    private static string[] Make(string folder)
    {
        var missing = new List<string>();
        for (string? path = Path.GetFullPath(folder); path is not null && !Path.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Add(path);
        }

        Writing(folder, () => Directory.CreateDirectory(folder));
        return [.. missing];
    }

    private static void Put(string folder, string file) => Writing(folder, () => File.WriteAllBytes(file, []));

    private static void Writing(string folder, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputException.Of($"the output folder {folder} cannot be written ({e.Message.TrimEnd('.')}); give another --out", e);
        }
    }

    private static bool Sees(string file)
    {
        for (var clock = Stopwatch.StartNew(); !File.Exists(file); Thread.Sleep(50))
        {
            if (clock.Elapsed > s_patience)
            {
                return false;
            }
        }

        return true;
    }

    private static void Forget(string token, string[] folders)
    {
        try
        {
            File.Delete(token);
            foreach (string folder in folders)
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds something of somebody else's by now, or the disk is gone: the error that is on its way says more.
        }
    }

    private sealed record Seen(string Host, bool Is);
}
