using System.Globalization;
using System.Text;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Reports;

/// <summary>
/// A confusion matrix as an SVG file. Rows are true classes, columns predicted ones; right answers are tinted by their share
/// of the row, wrong ones by the square root of it, so that a few still show. Light and dark by the reader's setting. Long names are cut;
/// what they are in full shows under the pointer.
/// </summary>
internal sealed class ConfusionSvg
{
    private const int Top = 104, Edge = 24, MostNumbers = 30, ScoreWidth = 64, LetterWidth = 8, MostLetters = 20;

    private const string Style = """
        .gc-matrix{--bg:#fff;--ink:#1f2328;--soft:#59636e;--line:#e4e7eb;--right:#0067a3;--wrong:#c85400;
        font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-size:14px}
        @media(prefers-color-scheme:dark){.gc-matrix{--bg:#14171c;--ink:#e9edf2;--soft:#a3adb8;--line:#2b3038;--right:#56b4e9;--wrong:#f0883e}}
        .gc-bg{fill:var(--bg)}.gc-title{font-size:20px;font-weight:600}text{fill:var(--ink)}.gc-soft{fill:var(--soft)}
        .gc-right{fill:var(--right)}.gc-wrong{fill:var(--wrong)}.gc-frame{fill:none;stroke:var(--line)}
        """;

    private readonly IReadOnlyList<IReadOnlyList<long>> _counts;
    private readonly IReadOnlyList<string> _names;
    private readonly string[] _shown;
    private readonly StringBuilder _svg = new();
    private readonly int _cell;
    private readonly int _left;
    private readonly int _top;

    // Names that are wider than a column stand upright above it.
    private readonly bool _upright;

    private ConfusionSvg(IReadOnlyList<IReadOnlyList<long>> counts, IReadOnlyList<string> names)
    {
        _counts = counts;
        _names = names;
        long most = counts.Count == 0 ? 0 : counts.Max(row => row.Max());
        int digits = most.ToString("N0", CultureInfo.InvariantCulture).Length;
        _cell = counts.Count > MostNumbers ? Math.Max(2, 900 / counts.Count) : Math.Max(34, (digits * 8) + 12);
        _shown = [.. names.Select(name => Printable.Name(name, MostLetters))];
        int longest = LetterWidth * (counts.Count > MostNumbers ? 0 : _shown.Select(name => name.Length).DefaultIfEmpty(0).Max());
        _left = Edge + 20 + longest;
        _upright = longest > _cell;
        _top = Top + (_upright ? longest : 0);
    }

    /// <summary>Writes the file: whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="counts">Row: true class. Column: predicted class.</param>
    /// <param name="names">One for each class.</param>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, IReadOnlyList<IReadOnlyList<long>> counts, IReadOnlyList<string> names) =>
        AtomicFile.WriteAllText(path, Render(counts, names));

    /// <summary>The SVG document.</summary>
    public static string Render(IReadOnlyList<IReadOnlyList<long>> counts, IReadOnlyList<string> names) =>
        new ConfusionSvg(counts, names).Render();

    private string Render()
    {
        int size = _counts.Count * _cell;
        int width = Math.Max(360, _left + size + ScoreWidth + Edge), height = _top + size + Edge;
        long all = _counts.Sum(row => row.Sum()), right = _counts.Select((row, i) => row[i]).Sum();
        string summary = string.Create(CultureInfo.InvariantCulture, $"{right:N0} of {all:N0} images right");
        Line($"""<svg class="gc-matrix" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">""");
        Line($"<title>Confusion matrix: {summary}</title><style>{Style}</style>");
        Line($"""<rect class="gc-bg" width="{width}" height="{height}" rx="8"/>""");
        Text("gc-title", Edge, 36, "Confusion", "start");
        Text("gc-soft", Edge, 58, $"rows: true class, columns: predicted; {summary}", "start");
        for (int label = 0; label < _counts.Count; label++)
        {
            Row(label);
        }

        Line($"""<rect class="gc-frame" x="{_left}" y="{_top}" width="{size}" height="{size}"/></svg>""");
        return _svg.ToString();
    }

    private void Row(int label)
    {
        IReadOnlyList<long> row = _counts[label];
        long sum = row.Sum();
        int y = _top + (label * _cell), middle = y + (_cell / 2) + 5;
        bool numbers = _counts.Count <= MostNumbers;
        for (int predicted = 0; predicted < row.Count; predicted++)
        {
            long count = row[predicted];
            if (count == 0)
            {
                continue;
            }

            int x = _left + (predicted * _cell);
            double share = (double)count / sum;
            bool right = predicted == label;
            string hint =
                SvgText.Escape($"{Isolated(label)} taken for {Isolated(predicted)}: {count.ToString("N0", CultureInfo.InvariantCulture)}");
            Line($"""<rect class="{(right ? "gc-right" : "gc-wrong")}" fill-opacity="{0.6 * (right ? share : Math.Sqrt(share)):0.###}" x="{x}" y="{y}" width="{_cell}" height="{_cell}"><title>{hint}</title></rect>""");
            if (numbers)
            {
                Text("", x + (_cell / 2), middle, count.ToString("N0", CultureInfo.InvariantCulture), "middle");
            }
        }

        if (!numbers)
        {
            return;
        }

        Text("gc-soft", _left - 10, middle, _shown[label], "end");
        int column = _left + (label * _cell) + (_cell / 2);
        Text("gc-soft", column, _top - 10, _shown[label], _upright ? "start" : "middle", upright: _upright);
        if (sum > 0)
        {
            Text("gc-soft", _left + (_counts.Count * _cell) + 10, middle, ((double)row[label] / sum)
                .ToString("0.0 %", CultureInfo.InvariantCulture), "start");
        }
    }

    /// <summary>A name that keeps its direction of writing to itself.</summary>
    private string Isolated(int label) => $"\u2068{_names[label]}\u2069";

    private void Text(string style, int x, int y, string text, string anchor, bool upright = false)
    {
        string turned = upright ? string.Create(CultureInfo.InvariantCulture, $" transform=\"rotate(-90 {x} {y})\"") : "";
        int shift = upright ? 5 : 0;
        Line($"""<text class="{style}" x="{x + shift}" y="{y + shift}" text-anchor="{anchor}"{turned}>{SvgText.Escape(text)}</text>""");
    }

    private void Line(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
