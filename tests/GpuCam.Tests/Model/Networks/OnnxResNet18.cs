using System.Globalization;
using GpuCam.Tests.Model.Onnx;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Networks;

/// <summary>
/// ResNet-18 up to its pooled features as CNTK exports it: a third block in the last stage, the shortcut before the block, less padding
/// behind than in front where windows step by two, and names that say nothing.
/// </summary>
internal static class OnnxResNet18
{
    public static byte[] Make(int size)
    {
        var model = new TestModel();
        int count = 0;
        model.Input("image", 1, 3, size, size);
        string x = Convolution("image", 3, 64, 7, 2, relu: true);
        model.Node("MaxPool", x, "pool", Attribute("kernel_shape", 3, 3), Attribute("strides", 2, 2), Attribute("pads", 1, 1, 0, 0));
        x = "pool";
        int channels = 64;
        foreach (int width in (int[])[64, 64, 128, 128, 256, 256, 512, 512, 512])
        {
            int stride = width == channels ? 1 : 2;
            string shortcut = stride == 1 ? x : Convolution(x, channels, width, 1, 2, relu: false);
            string y = Convolution(x, channels, width, 3, stride, relu: true);
            y = Convolution(y, width, width, 3, 1, relu: false);
            model.Node("Add", $"{y} {shortcut}", $"sum{count}").Node("Relu", $"sum{count}", $"block{count}");
            (x, channels) = ($"block{count}", width);
        }

        return model.Node("GlobalAveragePool", x, "features").Output("features", 1, 512, 1, 1).ToArray();

        string Convolution(string input, int inputs, int outputs, int kernel, int stride, bool relu)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{++count}");
            long before = kernel / 2, after = stride == 2 ? Math.Max(0, before - 1) : before;
            float deviation = MathF.Sqrt(6f / (inputs * kernel * kernel));
            Numbers($"w{name}", [outputs, inputs, kernel, kernel], 0, deviation);
            model.Node("Conv", $"{input} w{name}", $"conv{name}", Attribute("kernel_shape", kernel, kernel),
                Attribute("strides", stride, stride), Attribute("pads", before, before, after, after));
            Numbers($"scale{name}", [outputs], 1, 0.25f);
            Numbers($"shift{name}", [outputs], 0, 0.125f);
            Numbers($"mean{name}", [outputs], 0, 0.125f);
            Numbers($"variance{name}", [outputs], 1, 0.5f);
            model.Node("BatchNormalization", $"conv{name} scale{name} shift{name} mean{name} variance{name}", $"norm{name}",
                Attribute("epsilon", 1e-3f));
            if (relu)
            {
                model.Node("Relu", $"norm{name}", $"relu{name}");
            }

            return relu ? $"relu{name}" : $"norm{name}";
        }

        void Numbers(string name, long[] extents, float shift, float scale)
        {
            float[] values = MadeWeights.Uniform(name, (int)extents.Aggregate(1L, (product, extent) => product * extent));
            model.Initializer(Floats(name, extents, [.. values.Select(value => shift + (scale * value))]));
        }
    }
}
