using System.Text;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>
/// Catches what is written to the console by whoever created this and by the threads and tasks that it starts, and by nobody else: tests
/// that look at the console need not wait for each other.
/// </summary>
internal sealed class CaughtConsole : IDisposable
{
    private static readonly AsyncLocal<CaughtConsole?> s_current = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _errors = new() { NewLine = "\n" };
    private readonly CaughtConsole? _outer = s_current.Value;

    static CaughtConsole()
    {
        Console.SetOut(new Router(Console.Out, caught => caught._output));
        Console.SetError(new Router(Console.Error, caught => caught._errors));
    }

    public CaughtConsole() => s_current.Value = this;

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    public void Dispose()
    {
        s_current.Value = _outer;
        _output.Dispose();
        _errors.Dispose();
    }

    /// <summary>The console synchronises its writers, so that this one need not.</summary>
    private sealed class Router(TextWriter console, Func<CaughtConsole, StringWriter> writer) : TextWriter
    {
        public override Encoding Encoding => console.Encoding;

        private TextWriter Current => s_current.Value is { } caught ? writer(caught) : console;

        public override void Write(char value) => Current.Write(value);

        public override void Write(string? value) => Current.Write(value);

        public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

        public override void Flush() => Current.Flush();
    }
}
