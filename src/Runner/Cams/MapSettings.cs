namespace GpuCam.Runner.Cams;

/// <summary>What maps were made with, as answers and manifests say it: the values of the options of the same names.</summary>
internal sealed record MapSettings(string Smooth, int TopChannels, int Samples, float Noise, float Gamma, ulong Seed)
{
    public static MapSettings Of(MapChoice choice) => new(
        OptionNames.Smoothing.NameOf(choice.Smoothing), choice.Settings.TopChannels, choice.Settings.Samples, choice.Settings.Noise,
        choice.Settings.Gamma, choice.Settings.Seed);
}
