using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Labelled images of one size by index. Sample i is always the same, whatever was asked before and from whichever thread.
/// </summary>
public interface ISampleSource
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Rows of every image.</summary>
    int Height { get; }

    /// <summary>Columns of every image.</summary>
    int Width { get; }

    /// <summary>Values per pixel: 1, or 3 (equal ones, where the source is grey).</summary>
    int Channels { get; }

    /// <summary>The names of the classes; a label is an index into it.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of classes.</summary>
    int ClassCount => ClassNames.Count;

    /// <summary>What the samples are, in one line, for logs.</summary>
    string Description { get; }

    /// <summary>Whether images are what people see: values in [0, 1], black to white. Else <see cref="Shown"/> has to be asked.</summary>
    bool ShowsInput => true;

    /// <summary>Writes sample <paramref name="index"/>; called from several threads at once.</summary>
    /// <param name="index">0 … <see cref="Count"/> - 1.</param>
    /// <param name="image">
    /// Height * Width * Channels values, channels fastest, in [0, 1] where <see cref="ShowsInput"/>; overwritten entirely.
    /// </param>
    /// <param name="label">The class.</param>
    /// <param name="box">The smallest box around the object, or null where the source does not know.</param>
    /// <param name="mask">Height * Width bytes, set to 1 on the object's pixels and 0 elsewhere (all 0 where unknown); or empty.</param>
    void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask);

    /// <summary>Sample <paramref name="index"/> as people see it, Width x Height: what maps are laid over.</summary>
    Image8 Shown(int index)
    {
        float[] image = new float[Height * Width * Channels];
        Fill(index, image, out _, out _, []);
        return Image8.FromFloats(image, Width, Height, Channels);
    }

    /// <summary>The picture that sample <paramref name="index"/> shows; null where the sample itself is the picture.</summary>
    internal DataPicture? PictureOf(int index) => null;

    /// <summary>Where the sample lies on that picture; null where there is none.</summary>
    internal PictureGeometry? GeometryOf(int index) => null;
}
