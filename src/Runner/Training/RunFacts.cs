using System.Text;
using System.Text.Json.Nodes;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>What the ranks of a training run must have alike before its first step.</summary>
internal static class RunFacts
{
    /// <summary>Ends the job where ranks differ in a setting, in what computes, or in the pictures that they found.</summary>
    /// <param name="job">The job.</param>
    /// <param name="settings">The settings, complete.</param>
    /// <param name="device">What this rank computes on.</param>
    /// <param name="set">The pictures; null for generated samples.</param>
    /// <param name="say">Gets a line where ranks have other processors or GPUs, and the run's bits hang on which rank is where.</param>
    public static void Agree(RankJob job, TrainSettings settings, IDevice device, PictureSet? set, Action<string> say)
    {
        if (job.IsAlone)
        {
            return;
        }

        var facts = JsonNode.Parse(RunnerJson.Line(settings))!.AsObject()
            .ToDictionary(pair => $"the setting {pair.Key}", pair => pair.Value?.ToJsonString() ?? "unset");
        facts["the backend"] = DeviceCatalog.NameOf(device.Backend);
        if (set is not null)
        {
            facts["the pictures of --data (SHA-256 of their list)"] =
                Convert.ToHexStringLower(Sha256.Of(Encoding.UTF8.GetBytes(SplitTable.Text(set))));
        }

        job.Agree(facts);
        if (settings.Reduction == GradientReduction.Ordered)
        {
            job.Compare(
                device is HostDevice host ? $"vectors of {host.VectorBits} bits" : device.Description,
                (first, other) => $"warning  {first}, but {other}: the bits of this run depend on which rank is where",
                say);
        }
    }
}
