namespace GpuCam.Kernels;

/// <summary>Staging on the host itself, where launches have ended when they return.</summary>
internal sealed unsafe class HostStaging(HostDevice device, int length) : StagingBuffer(length)
{
    private readonly HostBuffer<float> _memory = new(device, length);

    public override nint Address => (nint)_memory.HostPointer();

    public override void Mark(int number)
    {
    }

    public override void Await(int number)
    {
    }

    public override void Download(Tensor source, int place) => source.CopyTo(Place(place, source));

    public override void Upload(int place, Tensor target) => target.CopyFrom(Place(place, target));

    public override void Finish()
    {
    }

    public override nint CudaAddress(Tensor tensor) => 0;

    protected override void Dispose(bool disposing) => _memory.Dispose();
}
