using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A sequence of cluttered samples, as a device needs to know it.</summary>
/// <param name="Rule">What the samples are made by.</param>
/// <param name="Limits">The steps of the distribution of the number of patches (see <see cref="ClutteredImages"/>); empty where it is
/// fixed.</param>
/// <param name="Origin">Position of sample 0 among all that the rule can make.</param>
/// <param name="Count">Number of samples, after which they begin anew.</param>
/// <param name="WriteTarget">Writes the target of a sample, 28 * 28 bytes, where that is not a digit of the pool as it is; else
/// null.</param>
public sealed record ClutterSequence(ClutterRule Rule, IReadOnlyList<uint> Limits, long Origin, int Count, TargetWriter? WriteTarget);

/// <summary>Writes the target of sample <paramref name="index"/>.</summary>
public delegate void TargetWriter(int index, Span<byte> pixels);
