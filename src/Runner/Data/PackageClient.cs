using System.ComponentModel;
using System.Diagnostics;

namespace GpuCam.Runner.Data;

/// <summary>Runs the command line client of a package registry.</summary>
internal static class PackageClient
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="program">The client's name, found on the path.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="folder">Where.</param>
    /// <param name="patience">Ends it when it takes longer.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>Exit code, standard output and standard error.</returns>
    /// <exception cref="IOException">It is not installed.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or was cancelled; it and what it started are gone.</exception>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IEnumerable<string> arguments, string folder, TimeSpan patience, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(patience);
        using Process process = Start(start);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timer.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(timer.Token);
            await process.WaitForExitAsync(timer.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        string name = Path.GetFileNameWithoutExtension(start.FileName);
        try
        {
            return Process.Start(start) ?? throw new IOException($"{name} did not start");
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{name} is not installed", e);
        }
    }
}
