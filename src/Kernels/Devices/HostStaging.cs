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

    public override void Download(Tensor from, int to) => from.CopyTo(Place(to, from));

    public override void Upload(int from, Tensor to) => to.CopyFrom(Place(from, to));

    public override void Finish()
    {
    }

    public override nint CudaAddress(Tensor tensor) => 0;

    protected override void Dispose(bool disposing) => _memory.Dispose();
}
