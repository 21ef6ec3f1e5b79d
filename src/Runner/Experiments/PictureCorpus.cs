using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Experiments;

/// <summary>Pictures of any size as the samples of an experiment.</summary>
internal static class PictureCorpus
{
    /// <summary>The splits of a folder, each as a network takes it.</summary>
    /// <exception cref="GpuCamException">
    /// Nothing says how pictures become the network's input, that is not square, or there are none to test on.
    /// </exception>
    public static Corpus Of(PictureSet set, Network network, ImageOrientation orientation)
    {
        Preprocessing preprocessing = network.Preprocessing ?? throw new GpuCamException(PictureSource.NoPreprocessing);
        Shape image = network.Graph.Input.Shape;
        return image.H == image.W
            ? Corpus.Of(set, preprocessing, image.H, image.C, orientation)
            : throw new GpuCamException($"the network takes {image.W}x{image.H} pixels; this needs a network for square images");
    }
}
