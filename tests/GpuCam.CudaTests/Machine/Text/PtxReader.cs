namespace GpuCam.CudaTests.Machine.Text;

/// <summary>Walks through PTX text and knows the line it is in.</summary>
internal sealed class PtxReader
{
    private readonly string _text;
    private int _place;

    public PtxReader(string text) => _text = WithoutComments(text);

    /// <summary>The line of the next character, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Goes past white space; false at the end of the text.</summary>
    public bool SkipSpace()
    {
        while (_place < _text.Length && char.IsWhiteSpace(_text[_place]))
        {
            Advance();
        }

        return _place < _text.Length;
    }

    /// <summary>The next character.</summary>
    public char Peek() => _text[_place];

    /// <summary>Goes past the next character.</summary>
    public void Skip() => Advance();

    /// <summary>Whether the text goes on with <paramref name="word"/>.</summary>
    public bool StartsWith(string word) => string.CompareOrdinal(_text, _place, word, 0, word.Length) == 0;

    /// <summary>The text before the next of <paramref name="ends"/>, and goes past that one.</summary>
    public string Until(params ReadOnlySpan<char> ends) => Until(out _, ends);

    /// <summary>The same, and tells which one it was.</summary>
    public string Until(out char end, params ReadOnlySpan<char> ends)
    {
        int start = _place;
        while (_place < _text.Length && !ends.Contains(_text[_place]))
        {
            Advance();
        }

        if (_place == _text.Length)
        {
            throw new MachineFault($"the text ends where one of '{ends}' is expected");
        }

        string found = _text[start.._place];
        end = _text[_place];
        Advance();
        return found;
    }

    private void Advance()
    {
        if (_text[_place++] == '\n')
        {
            Line++;
        }
    }

    private static string WithoutComments(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Split("//")[0]));
}
