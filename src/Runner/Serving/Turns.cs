namespace GpuCam.Runner.Serving;

/// <summary>So many at once; the others wait, but not for ever.</summary>
/// <param name="most">How many at once.</param>
/// <param name="patience">How long one waits.</param>
internal sealed class Turns(int most, TimeSpan patience) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(most);

    /// <summary>Does the work on a thread of its own when it is its turn.</summary>
    /// <exception cref="ServeException">It took too long until then.</exception>
    public async Task<T> TakeAsync<T>(Func<T> work, CancellationToken token)
    {
        if (!await _free.WaitAsync(patience, token).ConfigureAwait(false))
        {
            throw Busy();
        }

        try
        {
            return await Task.Run(work, token).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Does the work if nobody has to wait for it.</summary>
    /// <exception cref="ServeException">There are too many already.</exception>
    public async Task<T> TryAsync<T>(Func<Task<T>> work)
    {
        if (!_free.Wait(0))
        {
            throw Busy();
        }

        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the work that is under way, and lets nobody begin any more.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < most; i++)
        {
            await _free.WaitAsync().ConfigureAwait(false);
        }

        _free.Dispose();
    }

    private static ServeException Busy() =>
        new(503, "there is too much to do here at the moment; try again in a few seconds") { RetryAfter = 2 };
}
