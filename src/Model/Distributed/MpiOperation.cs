namespace GpuCam.Model;

/// <summary>A call that begins something and returns at once: what <see cref="LibMpi"/> has with an I after MPI_.</summary>
internal unsafe delegate int MpiCall(nint* request);

/// <summary>A call under way: begun and advanced by the thread of MPI, waited for by others.</summary>
internal sealed unsafe class MpiOperation(string name, MpiCall call, MpiThread thread) : ICollective
{
    private readonly TaskCompletionSource _ended = new();

    // Also keeps what the call was given alive until it is done.
    private readonly MpiCall _call = call;

    private nint _request;
    private string? _error;

    /// <inheritdoc/>
    /// <exception cref="GpuCamException">The library of MPI failed.</exception>
    public void Wait()
    {
        if (!_ended.Task.IsCompleted)
        {
            thread.Hurry(_ended.Task);
        }

        if (_error is not null)
        {
            throw new GpuCamException($"{name} failed: {_error}");
        }
    }

    /// <summary>Hands the call to the library.</summary>
    internal void Begin()
    {
        fixed (nint* request = &_request)
        {
            Note(_call(request));
        }
    }

    /// <summary>Whether it is done; the library moves data in here.</summary>
    internal bool Advance(MpiAbi abi)
    {
        if (_ended.Task.IsCompleted)
        {
            return true;
        }

        int done = 0;
        fixed (nint* request = &_request)
        {
            Note(LibMpi.MPI_Test(request, &done, abi.NoStatus));
        }

        if (done != 0)
        {
            _ended.TrySetResult();
        }

        return _ended.Task.IsCompleted;
    }

    private void Note(int error)
    {
        if (error != 0)
        {
            _error = MpiText.OfError(error);
            _ended.TrySetResult();
        }
    }
}
