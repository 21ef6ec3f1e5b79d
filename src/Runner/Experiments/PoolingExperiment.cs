using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Experiments;

/// <summary>What a way of pooling reached; localisation is absent where no box is known.</summary>
/// <param name="Pooling"><c>average</c> or <c>max</c>.</param>
/// <param name="Penalty">The λ that was chosen.</param>
/// <param name="TrainAccuracy">Of the head on what it learned from.</param>
/// <param name="TestImages">Images tested on.</param>
/// <param name="Accuracy">On them.</param>
/// <param name="MeanClassAccuracy">Mean of the classes' accuracies.</param>
/// <param name="BoxImages">Images with a box.</param>
/// <param name="GtKnown">Boxes of the true class's map at the paper's threshold with IoU of at least 0.5.</param>
/// <param name="ChosenGtKnown">The same at the threshold that was best on validation images.</param>
/// <param name="ChosenThreshold">That threshold.</param>
/// <param name="PointingGame">Maps whose maximum lies in the true box.</param>
internal sealed record PoolingRow(
    string Pooling, double Penalty, double TrainAccuracy, int TestImages, double Accuracy, double MeanClassAccuracy, long? BoxImages,
    double? GtKnown, double? ChosenGtKnown, double? ChosenThreshold, double? PointingGame);

/// <summary>
/// Average against maximum (arXiv 1512.04150, sections 2 and 3.2) without a training of everything: the same last feature maps, pooled
/// both ways, a linear head on each, and the maps of both heads.
/// </summary>
internal sealed class PoolingExperiment(
    RankJob job, IDevice device, NetworkRequest request, Corpus corpus, int trainImages, Action<string> report)
{
    private const int ValidationImages = 2000;

    /// <summary>Both rows, the average first.</summary>
    /// <param name="count">Test images at most.</param>
    public IReadOnlyList<PoolingRow> Run(int count)
    {
        using Execution average = Load(GlobalPooling.Average);
        report("features of the training images");
        var train = PooledFeatures.Of(job, average, corpus.Train, trainImages);
        PooledFeatures? validation = ReferenceEquals(corpus.Validation, corpus.Train)
            ? null : PooledFeatures.Of(job, average, corpus.Validation, Math.Min(ValidationImages, trainImages));
        PoolingRow first = Row(average, "average", train.Average, validation?.Average, count);
        using Execution maximum = Load(GlobalPooling.Max);
        return [first, Row(maximum, "max", train.Maximum, validation?.Maximum, count)];
    }

    private PoolingRow Row(Execution network, string pooling, LabelledFeatures train, LabelledFeatures? held, int count)
    {
        report($"a head on features pooled by {pooling}");
        var head = FittedHead.Of(job, new HeadFitter(train, held, corpus.Train.ClassNames.Count));
        HeadNetwork.SetHead(network, head.Weights);
        int validation = Math.Min(ValidationImages, Math.Min(count, corpus.Validation.Count));
        var plan = new EvaluationPlan { Validation = new SampleRange(corpus.Validation, 0, validation) };
        using var evaluator = new Evaluator(job, network, corpus.Test, plan);
        EvaluationResult result = evaluator.Run(count);
        LocalisationResult? found = result.Localisation;
        return new PoolingRow(
            pooling, head.Penalty, head.TrainAccuracy, result.Images, result.Accuracy, result.MeanClassAccuracy ?? 0, found?.Count,
            found?.Paper.GtKnown50, found?.Chosen?.GtKnown50, found?.Chosen?.Threshold, found?.PointingGame);
    }

    /// <summary>The network as far as its last feature maps, pooled so, with a head that knows nothing yet.</summary>
    private Execution Load(GlobalPooling pooling) => NetworkLoader.Load(request with { Head = null }, device, body =>
    {
        Value maps = PooledFeatures.LayerOf(body);
        var builder = new GraphBuilder(body.Graph, maps);
        string name = "pooled";
        while (builder.Has(name))
        {
            name = $"head.{name}";
        }

        Node node = pooling == GlobalPooling.Average ? new GlobalAveragePoolNode(maps) : new GlobalMaxPoolNode(maps);
        Value pooled = builder.Add(name, node);
        Network cut = new(builder.Build(pooled), []) { Preprocessing = body.Preprocessing };
        int classes = corpus.Train.ClassNames.Count, channels = pooled.Shape.C;
        return HeadNetwork.Attach(
            cut, cut.Graph.Output, corpus.Train.ClassNames, new HeadWeights(new float[classes * channels], new float[classes]));
    });
}
