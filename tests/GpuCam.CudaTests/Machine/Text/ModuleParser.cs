using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>Finds the entry points of a PTX text, their parameters and what all of them share.</summary>
internal sealed partial class ModuleParser(string ptx, bool fuse)
{
    private const int MostThreads = 1024;
    private readonly PtxReader _reader = new(ptx);
    private readonly List<string> _dynamicShared = [];

    public IEnumerable<PtxKernel> Parse()
    {
        while (_reader.SkipSpace())
        {
            if (_reader.StartsWith(".version") || _reader.StartsWith(".target") || _reader.StartsWith(".address_size"))
            {
                _reader.Until('\n');
                continue;
            }

            int line = _reader.Line;
            string head = _reader.Until(out char end, '{', ';');
            if (end == '{')
            {
                yield return ParseEntry(line, head);
            }
            else if (DynamicShared().Match(head) is { Success: true } match)
            {
                _dynamicShared.Add(match.Groups["name"].Value);
            }
            else
            {
                throw new MachineFault($"line {line}: '{head.Trim()}' is not known outside of a kernel");
            }
        }
    }

    private PtxKernel ParseEntry(int line, string head)
    {
        Match match = Entry().Match(head);
        if (!match.Success)
        {
            throw new MachineFault($"line {line}: '{head.Trim()}' begins no kernel");
        }

        Match limit = Limit().Match(match.Groups["limits"].Value);
        var body = new BodyParser(_reader, match.Groups["name"].Value, fuse ? new Contraction() : null);
        foreach (string name in _dynamicShared)
        {
            body.Symbols.AddDynamicShared(name);
        }

        var sizes = new List<int>();
        foreach (Match parameter in Parameter().Matches(match.Groups["parameters"].Value))
        {
            int element = PtxType.Parse(parameter.Groups["type"].Value).Bytes;
            int alignment = parameter.Groups["align"].Success ? Number(parameter.Groups["align"]) : element;
            int bytes = element * (parameter.Groups["count"].Success ? Number(parameter.Groups["count"]) : 1);
            body.Symbols.AddParameter(parameter.Groups["name"].Value, bytes, alignment);
            sizes.Add(bytes);
        }

        return new PtxKernel(
            match.Groups["name"].Value, sizes, limit.Success ? Number(limit.Groups["threads"]) : MostThreads, body.Parse());
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\.extern\s+\.shared\s+(\.align\s+\d+\s+)?\.b8\s+(?<name>[\w$]+)\[\]\s*$")]
    private static partial Regex DynamicShared();

    [GeneratedRegex(@"^\s*(\.visible\s+)?\.entry\s+(?<name>[\w$]+)\s*(\((?<parameters>[^)]*)\))?(?<limits>[^{]*)$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?<name>[\w$]+)(\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.maxntid\s+(?<threads>\d+)")]
    private static partial Regex Limit();
}
