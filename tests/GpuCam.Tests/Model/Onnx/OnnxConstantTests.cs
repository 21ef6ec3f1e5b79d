using System.Runtime.InteropServices;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

public class OnnxConstantTests
{
    public static TheoryData<int[], int[]> Turns => new()
    {
        { [130, 5, 3, 7], [2, 3, 1, 0] },       // a convolution's weight, with rows that fill no tile
        { [64, 230, 3, 3], [2, 3, 1, 0] },      // more columns than a tile has
        { [66, 1, 3, 3], [2, 3, 1, 0] },        // of a depthwise one
        { [3, 7, 1, 1], [2, 3, 1, 0] },
        { [70, 4099], [1, 0] },                 // a linear layer's
        { [1, 5], [1, 0] },
        { [6, 5, 4, 3], [0, 2, 3, 1] },         // rows stay rows
        { [6, 5, 4, 3], [3, 1, 0, 2] },
    };

    [Theory]
    [MemberData(nameof(Turns))]
    public void Numbers_in_another_order_of_axes_are_where_they_belong(int[] extents, int[] order)
    {
        float[] values = [.. Enumerable.Range(0, extents.Aggregate(1, (product, extent) => product * extent)).Select(i => (float)i)];
        var constant = new OnnxConstant([.. extents.Select(extent => (long)extent)], values);
        Assert.Equal(Turned(values, extents, order), constant.With(constant.View.Transpose(order)).ToFloats());
    }

    [Fact]
    public void What_is_wrong_with_one_number_is_said_from_any_thread()
    {
        double[] values = new double[256 * 1024];
        values[200_000] = 1e300;
        Proto tensor = TestModel.Bare("t", OnnxType.Double, 256, 1024).Bytes(9, MemoryMarshal.AsBytes<double>(values).ToArray());
        using OnnxFile file = OnnxTensorTests.With(tensor).Open();
        var constant = new OnnxConstant(file.Model.Graph.Initializers["t"]);
        GpuCamException error = Assert.Throws<GpuCamException>(constant.With(constant.View.Transpose([1, 0])).ToFloats);
        Assert.Contains("too large for float32", error.Message, StringComparison.Ordinal);
    }

    private static float[] Turned(float[] values, int[] extents, int[] order)
    {
        int[] strides = new int[extents.Length];
        for (int axis = extents.Length - 1, stride = 1; axis >= 0; stride *= extents[axis--])
        {
            strides[axis] = stride;
        }

        var turned = new List<float>(values.Length);
        Walk(0, 0);
        return [.. turned];

        void Walk(int depth, int at)
        {
            if (depth == order.Length)
            {
                turned.Add(values[at]);
                return;
            }

            for (int i = 0; i < extents[order[depth]]; i++)
            {
                Walk(depth + 1, at + (i * strides[order[depth]]));
            }
        }
    }
}
