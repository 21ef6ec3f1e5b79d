namespace GpuCam.Runner.Reports;

/// <summary>The lines of a run's log, which may be written to at this moment.</summary>
internal static class LogLines
{
    /// <summary>All complete lines; a last one without its end is being written and does not count. None where there is no log.</summary>
    public static string[] Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string text = File.ReadAllText(path);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
