using System.CommandLine;
using System.Text.Json.Nodes;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands.Help;

/// <summary>
/// What each preset sets, as the table under the options of <c>train</c>: made of the options and the presets themselves.
/// </summary>
internal static class PresetTable
{
    /// <summary>A row of names, then one for each option whose value a preset gives.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Command train)
    {
        JsonObject[] presets = [.. Presets.Names.Select(name => JsonNode.Parse(RunnerJson.Line(Presets.Get(name)))!.AsObject())];
        return
        [
            ["--preset", .. Presets.Names],
            .. train.Options.Where(option => option.Name != "--preset" && presets[0].ContainsKey(SettingOf(option)))
                .Select(option => (string[])[option.Name, .. presets.Select(preset => Text(preset, option))]),
        ];
    }

    /// <summary>The name in <c>run.json</c>.</summary>
    private static string SettingOf(Option option) => option.Name switch
    {
        "--arch" => "architecture",
        "--lr" => "learning_rate",
        "--keep" => "keep_checkpoints",
        var name => name[2..].Replace('-', '_'),
    };

    /// <summary>Pictures have an augmentation of their own; what is 0 is said by another option.</summary>
    private static string Text(JsonObject preset, Option option) => option.Name switch
    {
        "--augment" when Text(preset["augmentation"]!) is not "none" and var pictures => pictures,
        "--steps" or "--epochs" or "--every" when Text(preset[SettingOf(option)]!) == "0" => "-",
        _ => Text(preset[SettingOf(option)]!),
    };

    private static string Text(JsonNode value) => value switch
    {
        JsonArray list => string.Join(',', list.Select(item => item!.ToJsonString())),
        _ => value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(),
    };
}
