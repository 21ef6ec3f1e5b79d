using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A convolution, its ReLU and a max-pool of 2x2 as one launch, where the device has a kernel for it: what would be pooled is never
/// stored, and
/// the gradient passes ReLU on the pooled side, a quarter of the cells. Shares the parameters of the layers that it stands for.
/// </summary>
internal sealed class ConvPoolBlock : IDisposable
{
    private readonly Conv2DLayer _convolution;
    private readonly ReusedTensor _output;
    private readonly ReusedBuffer<int> _argmax;
    private readonly ReusedTensor _rectified;
    private readonly ReusedTensor _unpooled;
    private readonly ReusedTensor _inputGradient;
    private Tensor? _input;

    private ConvPoolBlock(IDevice device, int first, Conv2DLayer convolution, string name)
    {
        First = first;
        _convolution = convolution;
        _output = new ReusedTensor(device, name);
        _argmax = new ReusedBuffer<int>(device);
        _rectified = new ReusedTensor(device, $"gradient before the ReLU of {name}");
        _unpooled = new ReusedTensor(device, $"gradient before {name}");
        _inputGradient = new ReusedTensor(device, $"gradient of the input of {convolution.Name}");
    }

    /// <summary>Place of the convolution among the network's layers.</summary>
    public int First { get; }

    /// <summary>Place of the first layer behind the max-pool.</summary>
    public int End => First + 3;

    /// <summary>The blocks among these layers; none on devices that run each layer for itself.</summary>
    public static IReadOnlyList<ConvPoolBlock> Find(IDevice device, IReadOnlyList<Layer> layers)
    {
        var blocks = new List<ConvPoolBlock>();
        for (int i = 0; device.PrefersGroups && i + 2 < layers.Count; i++)
        {
            if (layers[i] is Conv2DLayer convolution && layers[i + 1] is ReluLayer && layers[i + 2] is MaxPool2DLayer { Size: 2 } pool)
            {
                blocks.Add(new ConvPoolBlock(device, i, convolution, pool.Name));
            }
        }

        return blocks;
    }

    /// <summary>Computes the pooled output, valid until the next call.</summary>
    public Tensor Forward(Tensor x)
    {
        Conv2DGeometry g = _convolution.Geometry(x.Shape);
        Tensor y = _output.Get(Pool2DGeometry.Square(g.Y, 2, 2, 0).Y);
        _input = x;
        Conv2D.ForwardMaxPool(x, _convolution.Weight.Value, _convolution.Bias.Value, y, _argmax.Get(y.Count), g, relu: true);
        return y;
    }

    /// <summary>As <see cref="Layer.Backward"/>, for the last <see cref="Forward"/>.</summary>
    public Tensor? Backward(Tensor dy, bool needInputGradient)
    {
        Tensor x = _input ?? throw new InvalidOperationException("the block has not run forward yet");
        Conv2DGeometry g = _convolution.Geometry(x.Shape);
        Tensor rectified = _rectified.Get(dy.Shape), unpooled = _unpooled.Get(g.Y);
        Relu.Backward(_output.Get(dy.Shape), dy, rectified);
        MaxPool2D.Backward(rectified, _argmax.Get(dy.Count), unpooled, Pool2DGeometry.Square(g.Y, 2, 2, 0));
        Conv2D.BackwardWeight(x, unpooled, _convolution.Weight.Gradient, g);
        Conv2D.BackwardBias(rectified, _convolution.Bias.Gradient);
        if (!needInputGradient)
        {
            return null;
        }

        Tensor dx = _inputGradient.Get(x.Shape);
        Conv2D.BackwardData(unpooled, _convolution.Weight.Value, dx, g);
        return dx;
    }

    /// <summary>Frees all memory but the parameters.</summary>
    public void Dispose()
    {
        _output.Dispose();
        _argmax.Dispose();
        _rectified.Dispose();
        _unpooled.Dispose();
        _inputGradient.Dispose();
    }
}
