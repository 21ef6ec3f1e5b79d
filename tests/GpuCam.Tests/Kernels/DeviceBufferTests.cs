using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class DeviceBufferTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Buffers_copy_parts_and_are_counted_until_disposed(string name)
    {
        using IDevice device = TestDevices.Create(name);
        using (DeviceBuffer<int> buffer = device.Allocate<int>(5))
        {
            Assert.Equal(1, device.LiveBuffers);
            buffer.Clear();
            buffer.CopyFrom([7, 8], 3);
            buffer.CopyFrom([], 5);
            int[] part = new int[3];
            buffer.CopyTo(part, 1);
            Assert.Equal([0, 0, 7], part);
            Assert.Equal([0, 0, 0, 7, 8], buffer.ToArray());
            Assert.Throws<ArgumentException>(() => buffer.CopyFrom([1, 2], 4));
            Assert.Throws<ArgumentException>(() => buffer.CopyTo(part, -1));
            buffer.Dispose();
            Assert.Throws<ObjectDisposedException>(() => buffer.View);
        }

        Assert.Equal(0, device.LiveBuffers);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate<float>(0));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void An_op_on_a_disposed_tensor_is_an_error_not_a_crash(string name)
    {
        using IDevice device = TestDevices.Create(name);
        using var x = new Tensor(device, "x", Shape.Vector(100));
        var y = new Tensor(device, "y", Shape.Vector(100));
        y.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Relu.Forward(x, y));
    }
}
