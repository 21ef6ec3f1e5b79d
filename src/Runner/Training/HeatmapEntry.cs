using GpuCam.Model;

namespace GpuCam.Runner.Training;

/// <summary>A line of <c>heatmaps.jsonl</c>: what the network said of the images whose maps were drawn, <c>img_1</c> first.</summary>
internal sealed record HeatmapEntry(int Step, IReadOnlyList<HeatmapImage> Images);

/// <summary>One of them.</summary>
/// <param name="Class">Name of the true class, whose map was drawn.</param>
/// <param name="Predicted">Name of the most probable class.</param>
/// <param name="Probability">The probability that it got.</param>
/// <param name="Loss">Softmax cross-entropy: minus the logarithm of the true class's probability.</param>
/// <param name="Box">The true box; absent where there is none.</param>
internal sealed record HeatmapImage(string Class, string Predicted, double Probability, double Loss, Box? Box);
