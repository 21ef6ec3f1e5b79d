using System.Text.Json;
using System.Text.Json.Serialization;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels;

/// <summary>
/// The user's word on how group kernels are launched: a JSON file that the environment variable
/// <see cref="Variable"/> names, such as <c>{ "forward": { "tile": "256x32", "groupSize": 128 }, "backwardWeight": { "splits": 64 } }</c>.
/// Rows: forward, backwardData, backwardWeight, reductions; what is left out stays as the device's limits suggest.
/// </summary>
public static class LaunchFile
{
    /// <summary>Names the file.</summary>
    public const string Variable = "GPUCAM_LAUNCH";

    private const int MaxSplits = 65536;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <summary>The device's table with what the file says, or as it is if <see cref="Variable"/> is not set.</summary>
    /// <exception cref="GpuCamException">The file cannot be read, or says something that no device can do.</exception>
    public static LaunchTable Apply(LaunchTable table) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? Apply(table, path) : table;

    /// <summary>The device's table with what the file at <paramref name="path"/> says.</summary>
    /// <exception cref="GpuCamException">The file cannot be read, or says something that no device can do.</exception>
    public static LaunchTable Apply(LaunchTable table, string path)
    {
        ArgumentNullException.ThrowIfNull(table);
        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(File.ReadAllText(path), s_options) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{Variable}={path}: {e.Message}; known are forward, backwardData, backwardWeight and " +
                "reductions, each with groupSize, tile and splits", e);
        }

        return table with
        {
            Forward = Checked("forward", content.Forward, hasTile: true),
            BackwardData = Checked("backwardData", content.BackwardData, hasTile: true),
            BackwardWeight = Checked("backwardWeight", content.BackwardWeight, hasTile: true),
            Reductions = Checked("reductions", content.Reductions, hasTile: false),
        };

        LaunchRow Checked(string name, Row? row, bool hasTile)
        {
            if (row is null)
            {
                return default;
            }

            int most = hasTile ? table.MaxGroupSize : Math.Min(table.MaxGroupSize, GroupTree.MaxThreads);
            if (row.GroupSize is { } size && (size < 1 || size > most))
            {
                throw Error($"{name}.groupSize is {size}: give a number from 1 to {most}");
            }

            if (row.Splits is < 1 or > MaxSplits)
            {
                throw Error($"{name}.splits is {row.Splits}: give a number from 1 to {MaxSplits}");
            }

            if (row.Tile is null)
            {
                return new LaunchRow(row.GroupSize ?? 0, null, row.Splits ?? 0);
            }

            if (!hasTile)
            {
                throw Error($"{name} have no tile");
            }

            TileSize tile = TileSize.All.FirstOrDefault(t => t.ToString() == row.Tile) ??
                throw Error($"{name}.tile is '{row.Tile}': give one of {string.Join(", ", TileSize.All)}");
            return tile.SharedBytes <= table.SharedMemory
                ? new LaunchRow(row.GroupSize ?? 0, tile, row.Splits ?? 0)
                : throw Error($"{name}.tile {tile} takes {tile.SharedBytes} bytes of shared memory, the device has {table.SharedMemory}");
        }

        GpuCamException Error(string what) => new($"{Variable}={path}: {what}");
    }

    private sealed record Content(Row? Forward, Row? BackwardData, Row? BackwardWeight, Row? Reductions);

    private sealed record Row(int? GroupSize, string? Tile, int? Splits);
}
