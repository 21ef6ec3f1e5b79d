using System.Runtime.InteropServices;
using GpuCam.Kernels;
using ILGPU;

namespace GpuCam.Tests.Kernels.SelfTests;

/// <summary>
/// A device with a fault: <c>inner</c> (by default the plain host kernels), but what is read back passes through <c>read</c>, what is
/// copied to it through <c>write</c>, and launches through <c>launch</c>; <c>launched</c> hears of every kernel.
/// </summary>
internal sealed class TamperedDevice(
    Action<Span<float>>? read = null, Func<int, int>? launch = null, Action<Type>? launched = null, IDevice? inner = null,
    Action<Span<float>>? write = null, Precision precision = Precision.Float32) : IDevice
{
    private readonly IDevice _inner = inner ?? new HostDevice(Backend.Cpu, 1);
    private readonly Action<Span<float>>? _write = write;

    public Backend Backend => Backend.OpenCL;

    public string Description => "broken";

    public Precision Precision => precision;

    public bool PrefersGroups => _inner.PrefersGroups;

    public int MaxGroupSize => _inner.MaxGroupSize;

    public LaunchTable Launches => _inner.Launches;

    public int LiveBuffers => _inner.LiveBuffers;

    public KernelCompilation Compiled => _inner.Compiled;

    public DeviceBuffer<T> Allocate<T>(int length) where T : unmanaged => new Buffer<T>(this, _inner.Allocate<T>(length));

    /// <summary>Batches reach the host device inside, whole: the fault is elsewhere.</summary>
    public UploadBuffer<T> CreateUpload<T>(int length) where T : unmanaged => _inner.CreateUpload<T>(length);

    public StagingBuffer CreateStaging(int length) => _inner.CreateStaging(length);

    public DeviceBuffer<float> Scratch(int length) => new Buffer<float>(this, _inner.Scratch(length));

    public void Launch<TKernel>(int count, TKernel kernel) where TKernel : struct, IKernel
    {
        launched?.Invoke(typeof(TKernel));
        _inner.Launch(launch is null ? count : launch(count), kernel);
    }

    public void LaunchGroups<TKernel>(int groups, int groupSize, TKernel kernel) where TKernel : struct, IGroupKernel
    {
        launched?.Invoke(typeof(TKernel));
        _inner.LaunchGroups(groups, groupSize, kernel);
    }

    public void Synchronize() => _inner.Synchronize();

    public void Dispose() => _inner.Dispose();

    private sealed class Buffer<T>(TamperedDevice device, DeviceBuffer<T> inner) : DeviceBuffer<T>(device, inner.Length)
        where T : unmanaged
    {
        public override ArrayView<T> View => inner.View;

        /// <summary>For launches that <c>launched</c> forbids: no kernel of the host reads by address.</summary>
        internal override long Address => 0;

        public override void CopyFrom(ReadOnlySpan<T> source, int offset = 0)
        {
            T[] values = source.ToArray();
            if (typeof(T) == typeof(float))
            {
                device._write?.Invoke(MemoryMarshal.Cast<T, float>(values.AsSpan()));
            }

            inner.CopyFrom(values, offset);
        }

        public override void CopyTo(Span<T> target, int offset = 0)
        {
            inner.CopyTo(target, offset);
            if (typeof(T) == typeof(float))
            {
                device.Tamper(MemoryMarshal.Cast<T, float>(target));
            }
        }

        public override void Clear() => inner.Clear();

        protected override void Dispose(bool disposing) => inner.Dispose();
    }

    private void Tamper(Span<float> values) => read?.Invoke(values);
}
