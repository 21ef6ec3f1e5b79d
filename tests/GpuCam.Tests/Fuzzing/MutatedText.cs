using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuCam.Tests.Fuzzing;

/// <summary>Changes a token of a text that is JSON or looks like it: a number, what stands in quotes, seldom a bracket or comma.</summary>
internal static partial class MutatedText
{
    private static readonly string[] s_numbers =
    [
        "0", "1", "2", "3", "4", "5", "8", "16", "100", "65536", "2147483647", "2147483648", "4294967296", "4611686018427387904",
        "9223372036854775807", "9223372036854775808", "-1", "1.0", "1e3", "007", "NaN", "null", "[]", "99999999999999999999999999",
    ];

    private static readonly string[] s_marks = ["{", "}", "[", "]", "(", ")", ",", ":", "", "\n", "\t", "null", "true", "False"];

    /// <summary>The text with some tokens changed; <paramref name="words"/> are what may stand in quotes.</summary>
    public static string Change(string text, string[] words, Random random)
    {
        for (int edits = random.Next(3) > 0 ? 1 : random.Next(2, 4); edits > 0; edits--)
        {
            Match[] tokens = [.. Token().Matches(text).Cast<Match>()];
            bool any = random.Next(8) == 0;
            Match[] wanted = [.. tokens.Where(token => any || token.Value.Length > 1 || char.IsDigit(token.Value[0]))];
            if (wanted.Length == 0)
            {
                return text;
            }

            Match token = wanted[random.Next(wanted.Length)];
            string instead = Instead(token.Value, [.. tokens.Select(t => t.Value)], words, random);
            text = $"{text[..token.Index]}{instead}{text[(token.Index + token.Length)..]}";
        }

        return text;
    }

    private static string Instead(string token, string[] tokens, string[] words, Random random)
    {
        switch (random.Next(12))
        {
            case 0:
                return tokens[random.Next(tokens.Length)];
            case 1:
                return token + token;
        }

        if (long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return random.Next(4) switch
            {
                0 => $"{number + 1}",
                1 => $"{number - 1}",
                2 => $"{random.Next(0, 12)}",
                _ => s_numbers[random.Next(s_numbers.Length)],
            };
        }

        return token[0] is not ('"' or '\'') ? s_marks[random.Next(s_marks.Length)] : random.Next(6) switch
        {
            0 => $"{token[0]}{token[0]}",
            1 => $"{token[..^1]}{(char)random.Next(1, 400)}{token[0]}",
            2 => $"{token[..^1]}\\n{token[0]}",
            _ => $"{token[0]}{words[random.Next(words.Length)]}{token[0]}",
        };
    }

    /// <summary>Some of the numbers, by others that are no less sound: what remains can be read.</summary>
    public static string OtherNumbers(string text, Random random) =>
        Digits().Replace(text, match => random.Next(3) == 0 ? $"{random.Next(1, 7)}" : match.Value);

    /// <summary>Bytes of a text, one for each character where they fit.</summary>
    public static byte[] Bytes(string text, bool utf8) => utf8 ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);

    [GeneratedRegex("""'[^']*'|"(\\.|[^"\\])*"|\d+|[A-Za-z]+|[^\s\w]""")]
    private static partial Regex Token();

    [GeneratedRegex("""(?<![\w'".])\d+(?![\w'".])""")]
    private static partial Regex Digits();
}
