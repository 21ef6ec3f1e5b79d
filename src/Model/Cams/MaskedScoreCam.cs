using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// What Score-CAM and its kin share: every channel, enlarged to the image and stretched to 0 … 1, becomes a mask; the class's
/// logit of the masked image, mean over some passes, decides by softmax over the channels what the channel weighs. (The papers
/// take a baseline's logit off every score: the softmax does not see it.)
/// </summary>
/// <param name="passes">Variants of each masked image.</param>
/// <param name="topChannels">Only this many channels, those that vary most over the pixels; 0 for all.</param>
public abstract class MaskedScoreCam(int passes, int topChannels) : WeightedCam
{
    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Scores;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor images = context.Images, features = context.Keep(context.Features);
        var series = new ChannelSeries(context, features, topChannels);
        series.ForEachBatch(context, images.Shape, (first, count, imageOf, channelOf) =>
        {
            Tensor planes = context.Memory("planes", features.Shape.WithC(1).WithN(count));
            Tensor masks = context.Memory("masks", images.Shape.WithC(1).WithN(count));
            Tensor masked = context.Memory("masked images", images.Shape.WithN(count));
            ChannelPlanes.Forward(features, imageOf, channelOf, planes);
            BilinearResize.Forward(planes, masks, context.Resize);
            MinMaxNormalize.Forward(masks, masks);
            for (int pass = 0; pass < passes; pass++)
            {
                context.Token.ThrowIfCancellationRequested();
                MaskedImages.Forward(images, imageOf, masks, Noise(context, masks.Shape.WithN(1), pass), Factor(pass), masked);
                double[] scores = series.ClassScores(context, context.Execution.Forward(masked), first);
                for (int m = 0; m < count; m++)
                {
                    series.Scores[first + m] += scores[m] / passes;
                }
            }
        });
        context.Execution.Forward(images);
        series.Softmax();
        return series.Upload(context);
    }

    /// <summary>What the masked image is multiplied by in this pass, 0 … <c>passes - 1</c>.</summary>
    protected virtual float Factor(int pass) => 1;

    /// <summary>What is added to the masks in this pass, in this shape, [1, H, W, 1]; null for nothing.</summary>
    protected virtual Tensor? Noise(CamContext context, Shape shape, int pass) => null;
}
