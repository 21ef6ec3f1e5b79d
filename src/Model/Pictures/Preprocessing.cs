namespace GpuCam.Model;

/// <summary>
/// How an RGB picture of any size becomes the input of a network, as data: scaled and cut (<see cref="Fit"/>), then of every value x from
/// 0 to 255 <c>y = (x * Scale - MeanImage - Mean) / Deviation</c>, in the network's order of channels.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>The side of the input where neither the network nor the preprocessing says one.</summary>
    public const int UsualSide = 224;

    /// <summary>What the scaled picture is larger than the crop by, since AlexNet: 256 to 224.</summary>
    internal const double UsualMargin = 256.0 / 224;

    /// <summary>The names of the presets.</summary>
    public static IReadOnlyList<string> Presets { get; } = ["imagenet", "caffe", "tf", "unit"];

    /// <summary>What it is called in lists and errors: a preset's name, or the file it was read from.</summary>
    public required string Name { get; init; }

    /// <summary>How a picture meets the size of the input.</summary>
    public PictureFit Fit { get; init; } = PictureFit.Crop;

    /// <summary>Rows of the input; null leaves them to the network, and with <see cref="PictureFit.None"/> to the picture.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input; null as <see cref="Height"/>.</summary>
    public int? Width { get; init; }

    /// <summary>What the scaled picture is larger than the input by, 1 or more; Pad and None do not heed it.</summary>
    public double Margin { get; init; } = 1;

    /// <summary>How pixels are scaled.</summary>
    public PictureFilter Filter { get; init; } = PictureFilter.Bilinear;

    /// <summary>What the channels are.</summary>
    public ChannelOrder Order { get; init; } = ChannelOrder.Rgb;

    /// <summary>What 8-bit values are multiplied by first.</summary>
    public double Scale { get; init; } = 1.0 / 255;

    /// <summary>What is subtracted after <see cref="Scale"/>: one number, or one a channel in the network's order.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0];

    /// <summary>What the difference is divided by: one number, or one a channel in the network's order.</summary>
    public IReadOnlyList<double> Deviation { get; init; } = [1];

    /// <summary>Subtracted as well, pixel by pixel; of exactly the input's size.</summary>
    public MeanImage? MeanImage { get; init; }

    /// <summary>The preset of that name (docs/pictures.md has the values).</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static Preprocessing Preset(string name) => name switch
    {
        "imagenet" => new() { Name = name, Margin = UsualMargin, Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225] },
        "caffe" => new() { Name = name, Margin = UsualMargin, Order = ChannelOrder.Bgr, Scale = 1, Mean = [103.939, 116.779, 123.68] },
        "tf" => new() { Name = name, Margin = 1 / 0.875, Scale = 1 / 127.5, Mean = [1] },
        "unit" => new() { Name = name },
        _ => throw new GpuCamException($"there is no preprocessing '{name}'; give {string.Join(", ", Presets)} or a JSON file"),
    };

    /// <summary>
    /// The same for a network's input: its size replaces <see cref="Height"/> and <see cref="Width"/>, and the scaled size follows by
    /// <see cref="Margin"/>. What the network leaves open stays as it is here, or becomes <see cref="UsualSide"/>.
    /// </summary>
    /// <param name="height">Rows that the network takes; null for any.</param>
    /// <param name="width">Columns that the network takes; null for any.</param>
    /// <param name="channels">Channels that the network takes.</param>
    /// <exception cref="GpuCamException">The network's channels or the mean image do not fit.</exception>
    public Preprocessing ForNetwork(int? height, int? width, int channels)
    {
        if (channels is not (1 or 3))
        {
            throw new GpuCamException($"the network takes {channels} channels, but a picture has 3, or 1 as grey; make one for pictures");
        }

        int? usual = Fit == PictureFit.None ? null : UsualSide;
        Preprocessing fitted = this with
        {
            Height = height ?? Height ?? usual,
            Width = width ?? Width ?? usual,
            Order = channels == 1 ? ChannelOrder.Grey : Order,
            Mean = ForChannels(Mean, channels, "means"),
            Deviation = ForChannels(Deviation, channels, "deviations"),
        };
        return MeanImage is not { } mean || (fitted.Height, fitted.Width, channels) == (mean.Height, mean.Width, mean.Channels)
            ? fitted
            : throw new GpuCamException($"{Name}: the mean image is {mean.Height} x {mean.Width} x {mean.Channels}, but the input of the "
                + $"network {fitted.Height} x {fitted.Width} x {channels}; give its mean as numbers");
    }

    /// <summary>What becomes of a picture of that size, and the way back.</summary>
    /// <param name="width">Columns of the picture as viewers show it.</param>
    /// <param name="height">Its rows.</param>
    /// <exception cref="GpuCamException">It has no pixels, or has not the size that must be where nothing is scaled.</exception>
    public PictureGeometry Plan(int width, int height) => PictureGeometry.Of(this, width, height);

    /// <summary>Floats of one input, of what <see cref="Plan"/> gave.</summary>
    /// <param name="geometry">The plan.</param>
    /// <param name="channels">Channels of the network.</param>
    public static int InputLength(PictureGeometry geometry, int channels) =>
        checked(geometry.InputHeight * geometry.InputWidth * channels);

    /// <summary>Makes the input of a picture.</summary>
    /// <param name="rgb">The picture, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="geometry">What <see cref="Plan"/> gave for it.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="input">Gets [height, width, channels] of the plan.</param>
    /// <exception cref="GpuCamException">A length does not fit.</exception>
    public void Apply(ReadOnlySpan<byte> rgb, PictureGeometry geometry, int channels, Span<float> input) =>
        PictureInput.Write(this, rgb, geometry, channels, input);

    /// <summary>The same picture as people see it: scaled and cut as the input is, with the mean colour where it is padded.</summary>
    /// <param name="rgb">The picture, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="geometry">What <see cref="Plan"/> gave for it.</param>
    /// <param name="shown">Gets 3 bytes a pixel, RGB, for the pixels of the plan's input.</param>
    /// <exception cref="GpuCamException">A length does not fit.</exception>
    public void Show(ReadOnlySpan<byte> rgb, PictureGeometry geometry, Span<byte> shown) => PictureInput.Show(this, rgb, geometry, shown);

    private IReadOnlyList<double> ForChannels(IReadOnlyList<double> values, int channels, string what)
    {
        if (values.Count == channels || values.Count == 1)
        {
            return values;
        }

        return channels == 1 && values.All(value => value == values[0])
            ? [values[0]]
            : throw new GpuCamException($"{Name} has {what} for {values.Count} channels, but the network takes {channels}; "
                + $"give unit, or a file with {(channels == 1 ? "one number" : $"{channels} numbers")}");
    }
}
