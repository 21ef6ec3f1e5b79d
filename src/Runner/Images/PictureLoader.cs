using System.Buffers;
using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>
/// Decodes pictures on threads of the pool, a few ahead of whoever takes them, and makes inputs of them. They come in the list's order
/// whatever the number of threads; one that cannot be read comes as the reason why. Take from one thread at a time.
/// </summary>
public sealed class PictureLoader : IDisposable
{
    private readonly IReadOnlyList<ListedPicture> _pictures;
    private readonly PictureLoaderOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Task<Made>> _begun = new();
    private readonly TaskScheduler _scheduler;
    private int _next;
    private int _taken;
    private bool _disposed;

    /// <summary>Begins to decode at once, where pictures are decoded ahead.</summary>
    /// <param name="pictures">What to read, in order.</param>
    /// <param name="options">What to make of them.</param>
    public PictureLoader(IReadOnlyList<ListedPicture> pictures, PictureLoaderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        _pictures = pictures;
        _options = options;
        // Two at least: they sleep while enough is ready, and where decoding takes longer than the network, the network sleeps.
        int workers = options.Workers > 0 ? options.Workers
            : options.Ahead ? Math.Clamp(AllCores.Count / 2, 2, 8) : Math.Max(2, AllCores.Count);
        _scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler;
        Ready = !options.Ahead ? options.BatchSize : options.Ready > 0 ? options.Ready : (2 * options.BatchSize) + workers;
        BeginAhead();
    }

    /// <summary>Pictures that are decoded, or being decoded, before they are asked for: at most this many.</summary>
    public int Ready { get; }

    /// <summary>
    /// Waits for the next pictures: at most <see cref="PictureLoaderOptions.BatchSize"/>, with inputs of one size; null at the end. None
    /// goes beyond a multiple of that number, so that what is together does not depend on where somebody began. Dispose of the batch when
    /// its inputs are no longer needed.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled while waiting.</exception>
    public PictureBatch? Take(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Begin();
        var made = new List<Made>();
        (int Height, int Width)? size = null;
        int room = _options.BatchSize - (_taken % _options.BatchSize);
        while (made.Count < room && _begun.TryPeek(out Task<Made>? task))
        {
            Task.WaitAny([task], cancellation);
            Made next = task.GetAwaiter().GetResult();
            if (next.Picture.Geometry is { } plan)
            {
                if (size is { } common && common != (plan.InputHeight, plan.InputWidth))
                {
                    break;
                }

                size = (plan.InputHeight, plan.InputWidth);
            }

            made.Add(next);
            _begun.Dequeue();
            BeginAhead();
        }

        _taken += made.Count;
        return made.Count == 0 ? null : Batch(made, size ?? (0, 0));
    }

    /// <summary>Ends the threads' work and waits for the pictures that they are at; batches already taken stay valid.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stop.Cancel();
        foreach (Task<Made> task in _begun)
        {
            // Those that have not begun are cancelled; what became of the others nobody will ask.
            Task.WhenAny(task).Wait();
            if (task.IsCompletedSuccessfully)
            {
                Return(task.Result);
            }
        }

        _stop.Dispose();
    }

    private static void Return(Made made)
    {
        if (made.Input is { } input)
        {
            ArrayPool<float>.Shared.Return(input);
        }
    }

    private void BeginAhead()
    {
        if (_options.Ahead)
        {
            Begin();
        }
    }

    private void Begin()
    {
        while (_begun.Count < Ready && _next < _pictures.Count)
        {
            int index = _next++;
            _begun.Enqueue(Task.Factory.StartNew(() => Make(index), _stop.Token, TaskCreationOptions.None, _scheduler));
        }
    }

    private PictureBatch Batch(List<Made> made, (int Height, int Width) size)
    {
        int length = size.Height * size.Width * _options.Channels, rows = 0;
        float[] inputs = ArrayPool<float>.Shared.Rent(Math.Max(1, checked(length * made.Count(one => one.Input is not null))));
        var pictures = new LoadedPicture[made.Count];
        for (int i = 0; i < pictures.Length; i++)
        {
            pictures[i] = made[i].Picture;
            if (made[i].Input is { } input)
            {
                input.AsSpan(0, length).CopyTo(inputs.AsSpan(rows * length, length));
                pictures[i] = pictures[i] with { Row = rows++ };
            }

            Return(made[i]);
        }

        return new PictureBatch(pictures, inputs, rows, size.Height, size.Width, _options.Channels);
    }

    private Made Make(int index)
    {
        ListedPicture picture = _pictures[index];
        try
        {
            return Read(index, picture);
        }
        catch (GpuCamException e)
        {
            return new Made(new LoadedPicture(index, picture, null, null, e.Message), null);
        }
        catch (OutOfMemoryException)
        {
            string reason = $"{picture.Path}: there is not enough memory for this picture; scale it down";
            return new Made(new LoadedPicture(index, picture, null, null, reason), null);
        }
    }

    private Made Read(int index, ListedPicture picture)
    {
        PictureGeometry? plan = null;
        DecodedPicture decoded = ImageReader.ReadReduced(picture.Path, _options.Orientation, (width, height) =>
        {
            plan = Plan(picture, width, height);
            (int shownWidth, int shownHeight) = ShownSize(width, height);
            // Twice what the network sees: filtering from there on hides how the decoder reduced. Nobody counts pixels to draw on.
            return (Math.Max(2 * plan.ScaledWidth, shownWidth * 3 / 4), Math.Max(2 * plan.ScaledHeight, shownHeight * 3 / 4));
        });
        plan ??= Plan(picture, decoded.Width, decoded.Height);
        Image8 image = decoded.Image;
        float[] input = ArrayPool<float>.Shared.Rent(Preprocessing.InputLength(plan, _options.Channels));
        _options.Preprocessing.Apply(
            image.Pixels, plan.OnCopy(image.Width, image.Height), _options.Channels,
            input.AsSpan(0, Preprocessing.InputLength(plan, _options.Channels)));
        (int wide, int high) = ShownSize(image.Width, image.Height);
        return new Made(new LoadedPicture(index, picture, plan, image.ScaledTo(wide, high), null), input);
    }

    private PictureGeometry Plan(ListedPicture picture, int width, int height)
    {
        try
        {
            return _options.Preprocessing.Plan(width, height);
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"{picture.Path}: {e.Message}", e);
        }
    }

    private (int Width, int Height) ShownSize(int width, int height)
    {
        double scale = Math.Min(1, (double)_options.ShownSide / Math.Max(width, height));
        return (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }

    private readonly record struct Made(LoadedPicture Picture, float[]? Input);
}
