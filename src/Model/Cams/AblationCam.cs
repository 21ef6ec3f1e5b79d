using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Ablation-CAM (WACV 2020): a channel weighs the share of the class's logit that is lost without it,
/// <c>(y - y with A_k = 0) / |y|</c>; undivided where y is 0. Where other ways lead past the layer, a residual branch for one, they stay
/// as they are.
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
        int logitCount = context.LogitCount;
        bool alone = context.Execution.IsBottleneck(context.Layer);
        var series = new ChannelSeries(context, features, 0);
        series.ForEachBatch(context, features.Shape, (first, count, imageOf, channelOf) =>
        {
            Tensor ablated = context.Memory("ablated features", features.Shape.WithN(count));
            ChannelDrop.Forward(features, imageOf, channelOf, ablated);
            Tensor? copies = alone ? null : Copies(context, images, imageOf, count);
            double[] left = series.ClassScores(context, context.Execution.ForwardFrom(context.Layer, ablated, copies), first);
            for (int m = 0; m < count; m++)
            {
                int n = series.ImageOf(first + m);
                double whole = context.Score.Of(logits.AsSpan(n * logitCount, logitCount), context.Classes[n]);
                series.Scores[first + m] = (whole - left[m]) / (whole == 0 ? 1 : Math.Abs(whole));
            }
        });
        context.Execution.Forward(images);
        return series.Upload(context);
    }

    private static Tensor Copies(CamContext context, Tensor images, DeviceBuffer<int> imageOf, int count)
    {
        int[] none = new int[count];
        Array.Fill(none, -1);
        Tensor copies = context.Memory("copies of images", images.Shape.WithN(count));
        ChannelDrop.Forward(images, imageOf, context.Integers("no channels", none), copies);
        return copies;
    }
}
