using GpuCam.Model;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// A head with the penalty that was chosen for it. Rank 0 of a job fits it: a step of a fit takes little time beside sending its sums
/// around, and so all ranks have the same head, whatever their processors are.
/// </summary>
/// <param name="Weights">The head.</param>
/// <param name="Penalty">The λ that was chosen.</param>
/// <param name="TrainAccuracy">On what it was fitted on.</param>
internal sealed record FittedHead(HeadWeights Weights, double Penalty, double TrainAccuracy)
{
    /// <summary>Fits one.</summary>
    public static FittedHead Of(RankJob job, HeadFitter fitter) => job.OfFirst(() =>
    {
        HeadEntry? last = null;
        HeadWeights weights = fitter.Fit(null, entry => last = entry, default);
        return new FittedHead(weights, last!.Penalty, last.TrainAccuracy);
    });
}
