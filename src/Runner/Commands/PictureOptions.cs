using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary>The options that say how pictures are read and shown.</summary>
internal static class PictureOptions
{
    /// <summary>The option <c>--orientation</c>; null is <c>exif</c>.</summary>
    public static Option<string?> Orientation()
    {
        var option = new Option<string?>("--orientation")
        {
            Description = "which way up image files are read: exif (as viewers show them) or stored (as their pixels lie) (default: exif)",
            HelpName = "HOW",
        };
        option.CompletionSources.Add([.. OptionNames.Orientation.Names]);
        return option;
    }

    /// <summary>The option <c>--background</c>.</summary>
    /// <param name="usual">What null stands for, in words.</param>
    public static Option<string?> Background(string usual)
    {
        var option = new Option<string?>("--background")
        {
            Description = "what images are drawn on: dark (light strokes on black; shown inverted under maps, as ink on paper) or light "
                + $"(shown as they are) (default: {usual})",
            HelpName = "NAME",
        };
        option.CompletionSources.Add([.. OptionNames.Background.Names]);
        return option;
    }

    /// <summary>What was given, else what the run of a model says, else light.</summary>
    public static ImageBackground BackgroundOf(string? given, string model) => given is null
        ? RunRecord.OfModel(model)?.Settings.ShownBackground ?? ImageBackground.Light
        : OptionNames.Background.Parse(given);
}
