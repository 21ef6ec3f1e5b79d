using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Ablation-CAM (WACV 2020): a channel weighs the share of the class's logit that is lost without it,
/// <c>(y - y with A_k = 0) / |y|</c>; undivided where y is 0.
/// </summary>
public sealed class AblationCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "ablationcam";

    /// <inheritdoc/>
    public override string Description => "channels weighted by what the logit loses without them";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Scores;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor images = context.Images, features = context.Keep(context.Features);
        float[] logits = context.Logits();
        int classCount = context.Network.Config.ClassCount;
        var series = new ChannelSeries(context, features, 0);
        series.ForEachBatch(context, features.Shape, (first, count, imageOf, channelOf) =>
        {
            Tensor ablated = context.Memory("ablated features", features.Shape.WithN(count));
            ChannelDrop.Forward(features, imageOf, channelOf, ablated);
            double[] left = series.ClassLogits(context, context.Network.ForwardFrom(context.Layer, ablated), first);
            for (int m = 0; m < count; m++)
            {
                int n = series.ImageOf(first + m);
                double whole = logits[(n * classCount) + context.Classes[n]];
                series.Scores[first + m] = (whole - left[m]) / (whole == 0 ? 1 : Math.Abs(whole));
            }
        });
        context.Network.Forward(images);
        return series.Upload(context);
    }
}
