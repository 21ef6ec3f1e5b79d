namespace GpuCam.Model;

/// <summary>
/// What the paper of class activation maps puts in place of the layers that it cuts off AlexNet, VGG and GoogLeNet (Zhou et al.,
/// arXiv 1512.04150, section 3): a convolution of 3x3, stride 1, padding 1, with 1,024 channels, global average pooling, and one linear
/// layer. A ReLU follows the convolution as it follows all others.
/// </summary>
internal static class GapSurgery
{
    /// <summary>Name of the convolution that is added.</summary>
    public const string Convolution = "cam_conv";

    /// <summary>Name of the linear layer that is added.</summary>
    public const string Head = "cam_fc";

    private const int Channels = 1024;

    /// <summary>Ends a network in it; the shapes are those of VGG at 224x224 and 1,000 classes.</summary>
    public static Value End(GraphBuilder graph, Value x, NetworkConfig config)
    {
        x = graph.Conv2D(Convolution, x, Channels, 3, stride: 1, pad: 1);       //  512@14x14 → 1024@14x14
        x = graph.Relu("cam_relu", x);
        x = graph.GlobalPool(x, config.Pooling);                                // 1024@14x14 → 1024
        return graph.Linear(Head, x, config.ClassCount, bias: true);            // 1024       → 1000
    }
}
