using GpuCam.Model;

namespace GpuCam.Runner.Cams;

/// <summary>What maps were made with, as answers and manifests say it: the values of the options of the same names.</summary>
internal sealed record MapSettings(string Smooth, int TopChannels, int Samples, float Noise, float Gamma, ulong Seed)
{
    public static MapSettings Of(MapChoice choice) => new(
        SmoothingNames.NameOf(choice.Smoothing), choice.Settings.TopChannels, choice.Settings.Samples, choice.Settings.Noise, choice.Settings.Gamma, choice.Settings.Seed);
}

/// <summary>The values of <c>--smooth</c>.</summary>
internal static class SmoothingNames
{
    private static readonly (string Name, CamSmoothing Smoothing)[] s_all =
        [("none", CamSmoothing.None), ("aug", CamSmoothing.Augmentation), ("eigen", CamSmoothing.PrincipalComponent)];

    public static CamSmoothing Parse(string name) => Array.Exists(s_all, entry => entry.Name == name)
        ? Array.Find(s_all, entry => entry.Name == name).Smoothing
        : throw new GpuCamException($"--smooth {name} is not known; choose none, aug or eigen");

    public static string NameOf(CamSmoothing smoothing) => Array.Find(s_all, entry => entry.Smoothing == smoothing).Name;
}
