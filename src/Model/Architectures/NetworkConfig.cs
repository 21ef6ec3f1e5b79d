namespace GpuCam.Model;

/// <summary>What a network of this program's own is built from, and what its file says about it.</summary>
/// <param name="Channels">Channels of an input image: 1 or 3 in practice.</param>
/// <param name="Size">Width and height, in pixels, of the images the network was made for; most run on other sizes too.</param>
/// <param name="ClassNames">One name per class, in the order of the logits.</param>
public sealed record NetworkConfig(int Channels, int Size, IReadOnlyList<string> ClassNames)
{
    /// <summary>Which network: one of <see cref="Architectures.Names"/>.</summary>
    public string Architecture { get; init; } = LeNetGap.Architecture;

    /// <summary>How feature maps become features; not of alexnet and vgg, which do not pool.</summary>
    public GlobalPooling Pooling { get; init; }

    /// <summary>How pictures become the image; null for what is usual for the architecture.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Of <see cref="LeNetGap"/>: output channels of the convolutions.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64];

    /// <summary>Of <see cref="LeNetGap"/>: width and height of the convolutions' kernels; odd.</summary>
    public int KernelSize { get; init; } = 5;

    /// <summary>
    /// Of <see cref="LeNetGap"/>: max-pools of 2, behind both convolutions, or 1 for the first alone, which leaves feature maps of twice
    /// the resolution.
    /// </summary>
    public int Pools { get; init; } = 2;

    /// <summary>Of <see cref="LeNetGap"/>: whether the classifier adds a bias; those of all others do.</summary>
    public bool ClassifierBias { get; init; }

    /// <summary>Number of classes.</summary>
    public int ClassCount => ClassNames.Count;

    /// <summary>Throws a <see cref="GpuCamException"/> that names the first value out of range.</summary>
    public void Validate()
    {
        Architecture architecture = Architectures.Find(Architecture);
        Check(Channels >= 1, $"a network needs at least 1 input channel, not {Channels}");
        Check(ClassCount >= 1, "a network needs at least 1 class");
        Check(Channels is 1 or 3 || architecture == LeNetGap.Entry, $"{Architecture} takes pictures of 1 or 3 channels, not {Channels}");
        architecture.Check(this);
    }

    internal static void Check(bool condition, string message)
    {
        if (!condition)
        {
            throw new GpuCamException(message);
        }
    }
}
