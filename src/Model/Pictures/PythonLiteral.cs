using System.Text;
using System.Text.Json;

namespace GpuCam.Model;

/// <summary>Dictionaries, lists and tuples of texts and numbers as Python prints them: some exporters keep class names so.</summary>
internal static class PythonLiteral
{
    /// <summary>
    /// The same as JSON: other quotes, numbers as keys in quotes. Null for a text that ends within quotes, or has escapes that names do
    /// without.
    /// </summary>
    public static string? ToJson(string text)
    {
        var json = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '\'' or '"')
            {
                if (Quoted(text, ref i) is not { } inside)
                {
                    return null;
                }

                json.Append(JsonSerializer.Serialize(inside));
            }
            else if (char.IsAsciiDigit(c))
            {
                int end = i;
                while (end < text.Length && char.IsAsciiDigit(text[end]))
                {
                    end++;
                }

                bool key = text.AsSpan(end).TrimStart().StartsWith(":");
                json.Append(key ? "\"" : "").Append(text, i, end - i).Append(key ? "\"" : "");
                i = end - 1;
            }
            else
            {
                json.Append(c switch { '(' => '[', ')' => ']', _ => c });
            }
        }

        return json.ToString();
    }

    /// <summary>The text between the quotes at <paramref name="at"/>, which moves to the closing one.</summary>
    private static string? Quoted(string text, ref int at)
    {
        char quote = text[at];
        var inside = new StringBuilder();
        while (++at < text.Length)
        {
            char c = text[at];
            if (c == quote)
            {
                return inside.ToString();
            }

            if (c == '\\' && at + 1 < text.Length)
            {
                if (Escaped(text[++at]) is not { } meant)
                {
                    return null;
                }

                c = meant;
            }

            inside.Append(c);
        }

        return null;
    }

    private static char? Escaped(char c) => c switch
    {
        'n' => '\n',
        't' => '\t',
        '\'' or '"' or '\\' => c,
        _ => null,
    };
}
