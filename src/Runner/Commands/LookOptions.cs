using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Commands;

/// <summary>The options that say how maps are laid over pictures.</summary>
internal sealed class LookOptions
{
    private static readonly HeatmapOptions s_usual = new();

    private readonly Option<float> _opacity =
        new("--opacity")
        {
            Description = "share of the colours over the picture, 0 to 1", DefaultValueFactory = _ => s_usual.Alpha,
            HelpName = "X"
        };
    private readonly Option<string> _colors =
        new("--colors")
        {
            Description = $"colour map: {string.Join(", ", ColorMaps.All.Select(map => map.Name))}",
            DefaultValueFactory = _ => ColorMaps.Jet.Name, HelpName = "NAME"
        };
    private readonly Option<bool> _alone = new("--map-alone") { Description = "draw the map alone, without the picture under it" };
    private readonly Option<float> _from =
        new("--draw-from")
        {
            Description = "draw nothing where the map is below this share of its range, 0 to 1", DefaultValueFactory = _ => s_usual.From,
            HelpName = "X"
        };
    private readonly Option<int?> _side =
        new("--side")
        {
            Description = "longer side of what is drawn, at most; small pictures are enlarged to 400 (default: 640, or 320 for more than "
                + $"{CamDrawing.FewPictures} pictures)",
            HelpName = "PIXELS"
        };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _colors.CompletionSources.Add([.. ColorMaps.All.Select(map => map.Name)]);
        foreach (Option option in (Option[])[_opacity, _colors, _alone, _from, _side])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Longer side of what is drawn.</summary>
    public int? Side(ParseResult parsed) => parsed.GetValue(_side);

    /// <summary>The rest.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="background">What pictures are drawn on.</param>
    /// <exception cref="GpuCamException">There is no such colour map.</exception>
    public HeatmapOptions Read(ParseResult parsed, ImageBackground background) => new()
    {
        Alpha = parsed.GetValue(_opacity),
        Colors = ColorMaps.ByName(parsed.GetRequiredValue(_colors)),
        MapAlone = parsed.GetValue(_alone),
        From = parsed.GetValue(_from),
        Background = background,
    };
}
