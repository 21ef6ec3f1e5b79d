using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>A part of an image in the middle of a blank canvas, unscaled: a digit keeps the size that the network knows it in.</summary>
/// <param name="margin">Pixels added around a box.</param>
/// <param name="canvas">Side of the canvas.</param>
internal sealed class Crop(int margin, int canvas) : ICrops
{
    /// <inheritdoc/>
    public Box Place(SampleBatch batch, int n, Box found, Box? truth, Span<float> ofFound, Span<float> ofTruth)
    {
        if (truth is { } box)
        {
            Place(batch.Image(n), batch.Width, batch.Channels, Window(box, margin, batch.Width, batch.Height, canvas), ofTruth, canvas);
        }

        Box window = Window(found, margin, batch.Width, batch.Height, canvas);
        Place(batch.Image(n), batch.Width, batch.Channels, window, ofFound, canvas);
        return window;
    }

    /// <summary>
    /// The pixels to keep: <paramref name="box"/> grown by <paramref name="margin"/> on every side, inside the image; of what is larger
    /// than the canvas, the middle.
    /// </summary>
    /// <param name="box">Inclusive pixels of the image.</param>
    /// <param name="margin">Pixels.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="canvas">Side of the canvas.</param>
    public static Box Window(Box box, int margin, int width, int height, int canvas)
    {
        (int x0, int x1) = Span(box.X0 - margin, box.X1 + margin, width, canvas);
        (int y0, int y1) = Span(box.Y0 - margin, box.Y1 + margin, height, canvas);
        return new Box(x0, y0, x1, y1);
    }

    /// <summary>Copies a window of an image to the middle of a canvas and blanks the rest.</summary>
    /// <param name="image">HWC.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="channels">Values of a pixel.</param>
    /// <param name="window">From <see cref="Window"/>.</param>
    /// <param name="target">HWC, square, of side <paramref name="canvas"/>.</param>
    /// <param name="canvas">Side of the canvas.</param>
    public static void Place(ReadOnlySpan<float> image, int width, int channels, Box window, Span<float> target, int canvas)
    {
        target.Clear();
        (int left, int top) = ((canvas - window.Width) / 2, (canvas - window.Height) / 2);
        for (int y = 0; y < window.Height; y++)
        {
            ReadOnlySpan<float> row = image.Slice((((window.Y0 + y) * width) + window.X0) * channels, window.Width * channels);
            row.CopyTo(target[((((top + y) * canvas) + left) * channels)..]);
        }
    }

    private static (int First, int Last) Span(int first, int last, int size, int canvas)
    {
        (first, last) = (Math.Max(0, first), Math.Min(size - 1, last));
        int excess = Math.Max(0, last - first + 1 - canvas);
        return (first + (excess / 2), last - (excess - (excess / 2)));
    }
}
