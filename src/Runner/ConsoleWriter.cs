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
    public static TextWriter OpenOutput()
    {
        try
        {
            if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
            {
                StreamWriter writer = Open(1);
                return writer.BaseStream.CanSeek ? Console.Out : writer;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It is closed, as the console will say.
        }

        return Console.Out;
    }

    /// <summary>
    /// Standard output (1) or error (2) without a word to the terminal, which the console would greet: a launcher gives its ranks one of its
    /// own making, and what they say goes anywhere.
    /// </summary>
    public static StreamWriter Open(int number) =>
        new(new FileStream(new SafeFileHandle(number, ownsHandle: false), FileAccess.Write, bufferSize: 0)) { AutoFlush = true };

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
