using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class ParameterTests
{
    private static readonly Shape s_shape = Shape.Matrix(3, 5);

    [Fact]
    public void A_value_is_read_when_it_is_first_asked_for_and_once_for_all_threads()
    {
        using var device = new HostDevice(Backend.Simd, 1);
        var data = new CountedData();
        using var parameter = new Parameter(device, new GraphParameter("w", ParameterKind.Bias, s_shape, data));
        Assert.Equal((0, 0, s_shape), (data.Reads, device.LiveBuffers, parameter.Shape));
        Parallel.For(0, 8, _ => Assert.Equal(14, parameter.Value.ToArray()[^1]));
        Assert.Equal((1, 1), (data.Reads, device.LiveBuffers));
    }

    [Fact]
    public void A_value_that_is_lent_belongs_to_the_borrower_and_can_be_had_again()
    {
        using var device = new HostDevice(Backend.Simd, 1);
        var data = new CountedData();
        using var parameter = new Parameter(device, new GraphParameter("w", ParameterKind.Bias, s_shape, data));
        parameter.Preload();
        using (Tensor lent = parameter.Lend()!)
        {
            Assert.Equal(7, lent.ToArray()[7]);
        }

        Assert.Equal((1, 0), (data.Reads, device.LiveBuffers));
        parameter.Value.CopyFrom(new float[15]);
        Assert.Null(parameter.Lend());
        Assert.Equal(0, parameter.Value.ToArray()[7]);
        Assert.Equal(2, data.Reads);
    }

    [Fact]
    public void What_cannot_be_read_is_said_to_who_uses_it_and_leaves_no_memory()
    {
        using var device = new HostDevice(Backend.Simd, 1);
        var failing = new GraphParameter("w", ParameterKind.Bias, s_shape, new CountedData { Fails = true });
        using (var parameter = new Parameter(device, failing))
        {
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal("no such number", Assert.Throws<GpuCamException>(() => parameter.Value).Message);
            }
        }

        Assert.Equal(0, device.LiveBuffers);
    }

    [Fact]
    public void A_network_that_loads_in_the_background_can_be_disposed_of_at_once_and_gives_the_same_answer()
    {
        using var device = new HostDevice(Backend.Simd, 2);
        var data = new CountedData();
        var graph = new GraphBuilder();
        Value pooled = graph.GlobalPool("pool", graph.Input("image", new Shape(1, 2, 2, 3)), GlobalPooling.Average);
        Value output = graph.Add("head", new LinearNode(
            pooled, new GraphParameter("head.weight", ParameterKind.LinearWeight, s_shape, data), null));
        var network = new Network(graph.Build(output), []);
        using var x = new Tensor(device, "x", new Shape(1, 2, 2, 3));
        x.CopyFrom([1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2]);
        float[] expected = [20, 23, 26, 29, 32];
        for (int i = 0; i < 20; i++)
        {
            using var execution = new Execution(device, network);
            execution.LoadInBackground();
            if (i % 2 == 0)
            {
                Assert.Equal(expected, execution.Forward(x).ToArray());
            }
        }
    }

    private sealed class CountedData : ParameterData
    {
        private int _reads;

        public int Reads => _reads;

        public bool Fails { get; init; }

        public override void CopyTo(Span<float> target, int start)
        {
            Interlocked.Increment(ref _reads);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = Fails ? throw new GpuCamException("no such number") : start + i;
            }
        }
    }
}
