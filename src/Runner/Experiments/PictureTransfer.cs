using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Experiments;

/// <summary>What features reached on a folder of pictures.</summary>
/// <param name="Data">The folder.</param>
/// <param name="Classes">Its classes.</param>
/// <param name="TrainPictures">Pictures that the head learned from, those that its penalty was chosen on included.</param>
/// <param name="TestPictures">Pictures that it was tested on.</param>
/// <param name="Features"><c>model</c>, or <c>untrained</c> for the same network with random weights.</param>
/// <param name="Penalty">The λ that was chosen.</param>
/// <param name="TrainAccuracy">On the pictures that the head learned from.</param>
/// <param name="Accuracy">On the test pictures.</param>
/// <param name="MeanClassAccuracy">Mean of the classes' accuracies on them.</param>
internal sealed record PictureTransferRow(
    string Data, int Classes, int TrainPictures, int TestPictures, string Features, double Penalty, double TrainAccuracy,
    double Accuracy, double MeanClassAccuracy);

/// <summary>
/// Globally pooled features as a generic representation (arXiv 1512.04150, section 4, its table of data sets): for each folder of
/// pictures a linear head on the features of a network, and on those of the same network with random weights.
/// </summary>
internal sealed class PictureTransfer(RankJob job, IDevice device, NetworkRequest request, ulong seed, Action<string> report)
{
    /// <summary>The rows of one folder: the model's, then the untrained network's.</summary>
    /// <param name="data">The folder, with the classes that it has itself.</param>
    /// <param name="count">Test pictures at most.</param>
    public IReadOnlyList<PictureTransferRow> Run(PictureSetOptions data, int count)
    {
        var set = PictureSet.Open(data, report);
        using Execution trained = NetworkLoader.Load(request with { Head = null }, device);
        using Execution untrained = NetworkLoader.Load(request with { Head = null }, device);
        HeadNetwork.Unlearn(untrained, seed);
        var corpus = Corpus.Of(set, trained.Network, data.Orientation);
        Execution[] both = [trained, untrained];
        report($"features of {corpus.Message}");
        PooledFeatures[] train = PooledFeatures.Of(job, both, corpus.Train, int.MaxValue);
        PooledFeatures[]? validation =
            ReferenceEquals(corpus.Validation, corpus.Train) ? null : PooledFeatures.Of(job, both, corpus.Validation, int.MaxValue);
        PooledFeatures[] test = PooledFeatures.Of(job, both, corpus.Test, count);
        GlobalPooling pooling = trained.Network.Tail!.Pooling;
        return [.. ((string[])["model", "untrained"]).Select((name, i) =>
            Row(set, name, train[i].By(pooling), validation?[i].By(pooling), test[i].By(pooling)))];
    }

    private PictureTransferRow Row(
        PictureSet set, string name, LabelledFeatures train, LabelledFeatures? validation, LabelledFeatures test)
    {
        var head = FittedHead.Of(job, new HeadFitter(train, validation, set.ClassNames.Count));
        Classification found = test.Test(head.Weights);
        return new PictureTransferRow(
            set.Folder, set.ClassNames.Count, train.Labels.Length + (validation?.Labels.Length ?? 0), test.Labels.Length, name,
            head.Penalty, head.TrainAccuracy, found.Accuracy, found.MeanOfClasses);
    }
}
