using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// Some samples of another source, in its order: <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> - 1.
/// </summary>
public sealed class SampleRange(ISampleSource source, int first, int count) : ISampleSource
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int Height => source.Height;

    /// <inheritdoc/>
    public int Width => source.Width;

    /// <inheritdoc/>
    public int Channels => source.Channels;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => source.ClassNames;

    /// <inheritdoc/>
    public bool ShowsInput => source.ShowsInput;

    /// <inheritdoc/>
    public string Description => $"samples {first} to {first + count - 1} of: {source.Description}";

    /// <inheritdoc/>
    public void Fill(int index, Span<float> image, out int label, out Box? box, Span<byte> mask)
    {
        source.Fill(Place(index), image, out label, out box, mask);
    }

    /// <inheritdoc/>
    public Image8 Shown(int index) => source.Shown(Place(index));

    /// <inheritdoc/>
    DataPicture? ISampleSource.PictureOf(int index) => source.PictureOf(Place(index));

    /// <inheritdoc/>
    PictureGeometry? ISampleSource.GeometryOf(int index) => source.GeometryOf(Place(index));

    private int Place(int index) => (uint)index < (uint)count ? first + index
        : throw new ArgumentOutOfRangeException(nameof(index), $"sample {index} of {count}");
}
