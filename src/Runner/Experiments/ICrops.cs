using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>Makes the input of a second look at a part of an image; for any thread.</summary>
internal interface ICrops
{
    /// <summary>Writes the input for what a map found, and that for the true box where there is one.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="n">Which of them.</param>
    /// <param name="found">What to look at, in pixels of the image.</param>
    /// <param name="truth">The true box; null where it is unknown.</param>
    /// <param name="ofFound">Gets the input for <paramref name="found"/>.</param>
    /// <param name="ofTruth">Gets the input for <paramref name="truth"/>.</param>
    /// <returns>The pixels of the image that the first of them shows.</returns>
    Box Place(SampleBatch batch, int n, Box found, Box? truth, Span<float> ofFound, Span<float> ofTruth);
}
