using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuCam.Runner;

/// <summary>A standard stream that says what becomes of text that cannot be written: the disk behind it is full, nobody reads it.</summary>
internal sealed class ConsoleWriter(TextWriter inner, Action<Exception> failed) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Standard error is for people: what cannot be said is dropped, and the work goes on.</summary>
    public static ConsoleWriter ForReports(TextWriter error) => new(error, _ => { });

    /// <summary>
    /// The standard output of this process. The console's own stream drops what goes into a pipe that nobody reads, without a word.
    /// </summary>
    /// <param name="launched">Whether a launcher started it, which gives it a terminal of its own making: what is said there goes anywhere,
    /// and the console would begin by greeting it.</param>
    public static TextWriter OpenOutput(bool launched) => Open(1, launched || Console.IsOutputRedirected, () => Console.Out);

    /// <summary>The standard error of this process.</summary>
    /// <param name="launched">As for <see cref="OpenOutput"/>.</param>
    public static TextWriter OpenError(bool launched) => Open(2, launched, () => Console.Error);

    /// <summary>Standard output is for results: one that cannot be delivered is an error.</summary>
    public static ConsoleWriter ForResults(TextWriter output) => new(output, e => throw new OutputException(
        $"standard output cannot be written ({e.Message.TrimEnd('.')}); the result is lost, so make room and run it again", e));

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => inner.Write(value));

    /// <inheritdoc/>
    public override void WriteLine() => Try(inner.WriteLine);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    /// <inheritdoc/>
    public override void Flush() => Try(inner.Flush);

    private static TextWriter Open(int number, bool direct, Func<TextWriter> console)
    {
        try
        {
            if (direct && !OperatingSystem.IsWindows())
            {
                var stream = new FileStream(new SafeFileHandle(number, ownsHandle: false), FileAccess.Write, bufferSize: 0);
                return stream.CanSeek ? console() : new StreamWriter(stream) { AutoFlush = true };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It is closed, as the console will say.
        }

        return console();
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failed(e);
        }
    }
}
