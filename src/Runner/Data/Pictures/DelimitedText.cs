namespace GpuCam.Runner.Data;

/// <summary>
/// Lines of CSV and TSV (RFC 4180): a field that holds the separator or begins with a quote stands in quotes, and a quote in it is doubled.
/// </summary>
internal static class DelimitedText
{
    /// <summary>The fields of a line; null where a quote does not end its field.</summary>
    public static string[]? Fields(string text, char separator)
    {
        if (!text.Contains('"', StringComparison.Ordinal))
        {
            return text.Split(separator);
        }

        var fields = new List<string>();
        for (int at = 0; at <= text.Length;)
        {
            if (at == text.Length || text[at] != '"')
            {
                int end = text.IndexOf(separator, at);
                end = end < 0 ? text.Length : end;
                fields.Add(text[at..end]);
                at = end + 1;
                continue;
            }

            int close = at + 1;
            while ((close = text.IndexOf('"', close)) >= 0 && close + 1 < text.Length && text[close + 1] == '"')
            {
                close += 2;
            }

            if (close < 0 || (close + 1 < text.Length && text[close + 1] != separator))
            {
                return null;
            }

            fields.Add(text[(at + 1)..close].Replace("\"\"", "\"", StringComparison.Ordinal));
            at = close + 2;
        }

        return [.. fields];
    }

    /// <summary>A line of these fields.</summary>
    public static string Line(IEnumerable<string> fields, char separator) =>
        string.Join(separator, fields.Select(field => field.Contains(separator, StringComparison.Ordinal) || field.StartsWith('"')
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field));
}
