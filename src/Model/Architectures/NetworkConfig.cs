namespace GpuCam.Model;

/// <summary>What a network of the <see cref="LeNetGap"/> family is built from, and what its file says about it.</summary>
/// <param name="Channels">Channels of an input image: 1 or 3 in practice.</param>
/// <param name="Size">Width and height, in pixels, of the images the network was made for; it runs on other sizes too.</param>
/// <param name="ClassNames">One name per class, in the order of the logits.</param>
public sealed record NetworkConfig(int Channels, int Size, IReadOnlyList<string> ClassNames)
{
    /// <summary>Output channels of the convolutions.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64];

    /// <summary>Width and height of the convolutions' kernels; odd.</summary>
    public int KernelSize { get; init; } = 5;

    /// <summary>How feature maps become features.</summary>
    public GlobalPooling Pooling { get; init; }

    /// <summary>
    /// Max-pools of 2: behind both convolutions, or 1 for the first alone, which leaves feature maps of twice the resolution.
    /// </summary>
    public int Pools { get; init; } = 2;

    /// <summary>Whether the classifier adds a bias.</summary>
    public bool ClassifierBias { get; init; }

    /// <summary>Number of classes.</summary>
    public int ClassCount => ClassNames.Count;

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first value out of range.</summary>
    public void Validate()
    {
        Check(Channels >= 1, $"a network needs at least 1 input channel, not {Channels}");
        Check(Pools is 1 or 2, $"this network has 1 or 2 pools, not {Pools}");
        Check(Size >= 1 << Pools,
            $"images for {(Pools == 1 ? "one pool" : "two pools")} of 2 must have at least {1 << Pools} pixels a side, not {Size}");
        Check(ClassCount >= 1, "a network needs at least 1 class");
        Check(Widths.Count == 2, $"this network has 2 convolutions, so it needs 2 widths, not {Widths.Count}");
        foreach (int width in Widths)
        {
            Check(width >= 1, $"a convolution needs at least 1 output channel, not {width}");
        }

        Check(KernelSize >= 1 && KernelSize % 2 == 1, $"the kernel size must be odd, not {KernelSize}");
    }

    private static void Check(bool condition, string message)
    {
        if (!condition)
        {
            throw new GpuCamException(message);
        }
    }
}
