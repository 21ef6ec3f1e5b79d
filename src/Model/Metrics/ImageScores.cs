namespace GpuCam.Model;

/// <summary>
/// How sure a network is: for image n the softmax probability of class <paramref name="classes"/>[n], to <paramref name="scores"/>[n].
/// </summary>
/// <param name="images">As many images as classes, HWC one after the other.</param>
/// <param name="classes">A class for each image.</param>
/// <param name="scores">One score for each image; overwritten.</param>
public delegate void ImageScores(ReadOnlySpan<float> images, ReadOnlySpan<int> classes, Span<double> scores);
