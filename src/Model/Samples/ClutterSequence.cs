using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A sequence of cluttered samples, as a device needs to know it.</summary>
/// <param name="Rule">What the samples are made by.</param>
/// <param name="Limits">The steps of the distribution of the number of patches (see <see cref="ClutteredImages"/>); empty where it is fixed.</param>
/// <param name="Origin">Position of sample 0 among all that the rule can make.</param>
/// <param name="Count">Number of samples, after which they begin anew.</param>
public sealed record ClutterSequence(ClutterRule Rule, IReadOnlyList<uint> Limits, long Origin, int Count);
