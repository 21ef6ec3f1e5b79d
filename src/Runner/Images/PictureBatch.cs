using System.Buffers;
using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>What a <see cref="PictureLoader"/> makes of pictures.</summary>
/// <param name="Preprocessing">How they become inputs; what <see cref="Preprocessing.ForNetwork"/> gave.</param>
/// <param name="Channels">Channels of the network.</param>
/// <param name="BatchSize">Most pictures of a batch.</param>
public sealed record PictureLoaderOptions(Preprocessing Preprocessing, int Channels, int BatchSize)
{
    /// <summary>Which way up pictures are read.</summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Exif;

    /// <summary>The longer side of the pictures to draw on, at most; smaller pictures stay as they are.</summary>
    public int ShownSide { get; init; } = 1024;

    /// <summary>
    /// Whether pictures are decoded while the network computes. Where it computes on all cores, each would only wait for the other: then
    /// a batch is decoded on all cores when it is asked for.
    /// </summary>
    public bool Ahead { get; init; } = true;

    /// <summary>Pictures that are decoded at once; 0 chooses: half of the cores, two to eight.</summary>
    public int Workers { get; init; }

    /// <summary>Pictures to have ready at most; 0 chooses two batches and one for each worker.</summary>
    public int Ready { get; init; }
}

/// <summary>One picture of a <see cref="PictureLoader"/>, or why there is none.</summary>
/// <param name="Index">Its place in the list.</param>
/// <param name="Listed">What was asked for.</param>
/// <param name="Geometry">Where the input lies on the picture in its file's full size; null with an error.</param>
/// <param name="Shown">The picture to draw on, upright and perhaps scaled down; null with an error.</param>
/// <param name="Error">One line that says why the picture cannot be explained; null where it can.</param>
public sealed record LoadedPicture(int Index, ListedPicture Listed, PictureGeometry? Geometry, Image8? Shown, string? Error)
{
    /// <summary>Its row of <see cref="PictureBatch.Inputs"/>; -1 with an error.</summary>
    public int Row { get; init; } = -1;
}

/// <summary>Pictures in the list's order, and the inputs of those that could be read.</summary>
public sealed class PictureBatch : IDisposable
{
    private float[]? _inputs;

    internal PictureBatch(IReadOnlyList<LoadedPicture> pictures, float[] inputs, int count, int height, int width, int channels)
    {
        Pictures = pictures;
        _inputs = inputs;
        Count = count;
        Height = height;
        Width = width;
        Channels = channels;
    }

    /// <summary>All pictures, also those that could not be read.</summary>
    public IReadOnlyList<LoadedPicture> Pictures { get; }

    /// <summary>Inputs: the pictures that could be read.</summary>
    public int Count { get; }

    /// <summary>Rows of each input; 0 where there is none.</summary>
    public int Height { get; }

    /// <summary>Columns of each input.</summary>
    public int Width { get; }

    /// <summary>Channels of each input.</summary>
    public int Channels { get; }

    /// <summary>The inputs, layout [Count, Height, Width, Channels].</summary>
    /// <exception cref="ObjectDisposedException">The batch is disposed of.</exception>
    public ReadOnlySpan<float> Inputs
    {
        get
        {
            ObjectDisposedException.ThrowIf(_inputs is null, this);
            return _inputs.AsSpan(0, Count * Height * Width * Channels);
        }
    }

    /// <summary>Gives the inputs' memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _inputs, null) is { } inputs)
        {
            ArrayPool<float>.Shared.Return(inputs);
        }
    }
}
