using GpuCam.Model;

namespace GpuCam.Runner.Benchmarks;

/// <summary>What of a network is timed: the words of <c>--cases</c>.</summary>
internal sealed record ModelCases
{
    public const string Forward = "forward";
    public const string Gradient = "gradient";
    public const string Training = "training";
    public const string Nodes = "nodes";
    public const string GradientNodes = "gradient-nodes";
    private const string Maps = "maps";
    private const string All = "all";
    private static readonly string[] s_passes = [Forward, Gradient, Training];
    private static readonly string[] s_tables = [Nodes, GradientNodes];

    /// <summary>The usual cases: what ends within seconds.</summary>
    public const string Usual = $"{Forward},{Maps},{Gradient},{Nodes}";

    /// <summary>Every word.</summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. s_passes, Maps, .. CamMethods.All.Select(method => method.Name), .. s_tables, All];

    /// <summary>Passes and methods, in the order in which they are timed.</summary>
    public required IReadOnlyList<string> Timed { get; init; }

    /// <summary>Tables of steps.</summary>
    public required IReadOnlyList<string> Tables { get; init; }

    /// <summary>Methods that were named, and so are an error where the network has no such maps; others are left out.</summary>
    public required IReadOnlyList<string> Named { get; init; }

    /// <summary>Reads words separated by commas.</summary>
    /// <exception cref="GpuCamException">One is not known.</exception>
    public static ModelCases Parse(string text)
    {
        string[] words = text.Split(',', StringSplitOptions.TrimEntries);
        if (Array.Find(words, word => !Words.Contains(word)) is { } unknown)
        {
            throw new GpuCamException($"--cases {text}: '{unknown}' is not known; choose from {string.Join(", ", Words)}");
        }

        bool all = words.Contains(All);
        string[] methods = [.. CamMethods.All.Where(method => all || words.Contains(method.Name)
            || (words.Contains(Maps) && method.Needs != CamNeeds.Scores && method.Name is not ("random" or "center")))
            .Select(method => method.Name)];
        return new ModelCases
        {
            Timed = [.. ((string[])[Forward, .. methods, Gradient, Training]).Where(word => all || words.Contains(word)
                || methods.Contains(word))],
            Tables = [.. s_tables.Where(word => all || words.Contains(word))],
            Named = [.. methods.Where(words.Contains)],
        };
    }
}
