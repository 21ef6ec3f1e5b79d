using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner;

/// <summary>What the values of an option are called on the command line and in files.</summary>
internal sealed class OptionNames<T>(string option, params (string Name, T Value)[] all)
    where T : struct, Enum
{
    /// <summary>All names, in the order in which messages list them.</summary>
    public IReadOnlyList<string> Names { get; } = [.. all.Select(entry => entry.Name)];

    /// <summary>The value of that name.</summary>
    /// <exception cref="GpuCamException">There is none; the message lists the names.</exception>
    public T Parse(string name)
    {
        foreach ((string known, T value) in all)
        {
            if (known == name)
            {
                return value;
            }
        }

        throw new GpuCamException($"{option} {name} is not known; choose {string.Join(", ", Names.SkipLast(1))} or {Names[^1]}");
    }

    /// <summary>What a value is called.</summary>
    public string NameOf(T value) => all.First(entry => entry.Value.Equals(value)).Name;
}

/// <summary>The names of each enumeration that an option chooses from.</summary>
internal static class OptionNames
{
    public static OptionNames<ImageBackground> Background { get; } =
        new("--background", ("dark", ImageBackground.Dark), ("light", ImageBackground.Light));

    public static OptionNames<ImageOrientation> Orientation { get; } =
        new("--orientation", ("exif", ImageOrientation.Exif), ("stored", ImageOrientation.Stored));

    public static OptionNames<GlobalPooling> Pooling { get; } =
        new("--pooling", ("average", GlobalPooling.Average), ("max", GlobalPooling.Max));

    public static OptionNames<Precision> Precision { get; } =
        new("--precision", [.. Enum.GetValues<Precision>().Select(value => (DeviceCatalog.NameOf(value), value))]);

    public static OptionNames<Protocol> Protocol { get; } =
        new("--protocol", ("strict", Data.Protocol.Strict), ("seed", Data.Protocol.Seed));

    public static OptionNames<GradientReduction> Reduction { get; } =
        new("--reduce", ("ordered", GradientReduction.Ordered), ("fast", GradientReduction.Fast));

    public static OptionNames<ResizeMode> Resize { get; } =
        new("--resize", ("half-pixel", ResizeMode.HalfPixel), ("legacy", ResizeMode.Legacy));

    public static OptionNames<CamTarget> Target { get; } =
        new("--target", ("logit", CamTarget.Logit), ("probability", CamTarget.Probability), ("margin", CamTarget.Margin));

    public static OptionNames<PictureFit> Fit { get; } = new(
        "--fit", ("crop", PictureFit.Crop), ("stretch", PictureFit.Stretch), ("pad", PictureFit.Pad), ("none", PictureFit.None));

    public static OptionNames<MapRules> Rules { get; } =
        new("--rules", ("papers", MapRules.Components), ("wsolevaluation", MapRules.Contours));

    public static OptionNames<CamSmoothing> Smoothing { get; } =
        new("--smooth", ("none", CamSmoothing.None), ("aug", CamSmoothing.Augmentation), ("eigen", CamSmoothing.PrincipalComponent));
}
