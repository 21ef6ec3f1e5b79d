using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class ReceptiveFieldTests
{
    [Theory]
    [InlineData("conv1", 2, 5, 1, -2)]
    [InlineData("pool1", 2, 6, 2, -2)]
    [InlineData("conv2", 2, 14, 2, -6)]
    [InlineData("pool2", 2, 16, 4, -6)]
    [InlineData("relu2", 1, 14, 2, -6)]
    public void The_layers_of_the_reference_see_this_much(string layer, int pools, int size, int stride, int start)
    {
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 100, ["a", "b"]) { Widths = [2, 3], Pools = pools }, 1);
        var field = ReceptiveField.Of(network.Graph, layer);
        Assert.Equal(new ReceptiveField(size, stride, start), field);
        Assert.Equal(
            new Box(start + stride, start + (2 * stride), start + stride + size - 1, start + (2 * stride) + size - 1), field.At(1, 2));
        Assert.Throws<GpuCamException>(() => ReceptiveField.Of(network.Graph, "conv9"));
    }

    [Fact]
    public void A_pixel_changes_only_cells_whose_field_it_lies_in()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        var field = ReceptiveField.Of(network.Graph, "pool2");
        var shape = new Shape(1, 12, 12, 1);
        float[] image = OpHarness.Random(shape.Count, 5, 0, 1);
        int changes = 0;
        float[] before = Cells(image);
        for (int pixel = 0; pixel < image.Length; pixel++)
        {
            float kept = image[pixel];
            image[pixel] = 3;
            float[] after = Cells(image);
            image[pixel] = kept;
            for (int i = 0; i < after.Length; i++)
            {
                int cell = i / 6;
                if (after[i] == before[i])
                {
                    continue;
                }

                changes++;
                Assert.True(field.At(cell % 3, cell / 3).Contains(pixel % 12, pixel / 12), $"pixel {pixel}, cell {cell}");
            }
        }

        Assert.True(changes > image.Length);
        float[] Cells(float[] x)
        {
            network.Forward(op.Input("x", shape, x));
            return network.Activation("pool2").ToArray();
        }
    }
}
