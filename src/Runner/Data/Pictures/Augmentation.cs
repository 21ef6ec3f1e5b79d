using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Data;

/// <summary>
/// How training pictures are changed at random, anew in each epoch: a part of random size and proportions, scaled to the input (the rule of
/// torchvision's RandomResizedCrop), mirrored half of the time, and of other brightness, contrast and saturation. What becomes of a picture
/// is a pure function of seed, picture and epoch.
/// </summary>
internal sealed record Augmentation
{
    private const int Attempts = 10;

    private Augmentation()
    {
    }

    /// <summary>The names, for the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "mirror", "standard", "strong"];

    /// <summary>What the command line calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The least share of a picture's area that a crop has; null crops nothing.</summary>
    public double? LeastArea { get; init; }

    /// <summary>The least width to height of a crop; the most is its inverse.</summary>
    public double LeastRatio { get; init; } = 3.0 / 4;

    /// <summary>Whether half of the pictures are mirrored.</summary>
    public bool Mirror { get; init; }

    /// <summary>Brightness, contrast and saturation are multiplied by 1 - this to 1 + this, each by itself.</summary>
    public float Colour { get; init; }

    /// <summary>Whether anything becomes of a picture.</summary>
    public bool Changes => LeastArea is not null || Mirror || Colour > 0;

    /// <summary>The augmentation of that name.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public static Augmentation Named(string name) => name switch
    {
        "none" => new() { Name = name },
        "mirror" => new() { Name = name, Mirror = true },
        "standard" => new() { Name = name, LeastArea = 0.08, Mirror = true },
        "strong" => new() { Name = name, LeastArea = 0.08, Mirror = true, Colour = 0.4f },
        _ => throw new GpuCamException($"there is no augmentation '{name}'; give {string.Join(", ", Names)}"),
    };

    /// <summary>
    /// The part of a picture that is taken: an area of <see cref="LeastArea"/> to 1 of it, and proportions whose logarithm is uniform
    /// between those of <see cref="LeastRatio"/>, at a uniform place. After ten that do not fit, the middle, as large as the proportions
    /// allow.
    /// </summary>
    public Box Crop(int width, int height, ref RandomSequence random)
    {
        if (LeastArea is not { } least)
        {
            return new Box(0, 0, width - 1, height - 1);
        }

        double area = (double)width * height, reach = -Math.Log(LeastRatio);
        for (int i = 0; i < Attempts; i++)
        {
            double target = area * (least + ((1 - least) * random.NextUniform()));
            double ratio = Math.Exp(reach * ((2.0 * random.NextUniform()) - 1));
            int w = (int)Math.Round(Math.Sqrt(target * ratio)), h = (int)Math.Round(Math.Sqrt(target / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height)
            {
                int top = random.NextBelow(height - h + 1), left = random.NextBelow(width - w + 1);
                return new Box(left, top, left + w - 1, top + h - 1);
            }
        }

        int wide = Math.Clamp((int)Math.Round(height / LeastRatio), 1, width);
        int high = Math.Clamp((int)Math.Round(width / LeastRatio), 1, height);
        return new Box((width - wide) / 2, (height - high) / 2, ((width - wide) / 2) + wide - 1, ((height - high) / 2) + high - 1);
    }

    /// <summary>
    /// Changes colours of 8 bits: brightness <c>b x</c>, then contrast <c>c x + (1 - c) m</c> about the mean brightness m of the picture,
    /// then saturation <c>s x + (1 - s) g</c> about the pixel's own brightness g (ITU-R BT.601), each rounded and clamped.
    /// </summary>
    public void ChangeColours(Image8 image, ref RandomSequence random)
    {
        if (Colour == 0)
        {
            return;
        }

        float brightness = Factor(ref random), contrast = Factor(ref random), saturation = Factor(ref random);
        byte[] pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = Rounded(brightness * pixels[i]);
        }

        long sum = 0;
        foreach (byte grey in image.ToGrey())
        {
            sum += grey;
        }

        float mean = (float)Math.Round((double)sum / (image.Width * image.Height));
        for (int i = 0; i < pixels.Length; i += 3)
        {
            byte r = Contrasted(pixels[i]), g = Contrasted(pixels[i + 1]), b = Contrasted(pixels[i + 2]);
            float grey = (1 - saturation) * new Rgb(r, g, b).Grey;
            pixels[i] = Rounded((saturation * r) + grey);
            pixels[i + 1] = Rounded((saturation * g) + grey);
            pixels[i + 2] = Rounded((saturation * b) + grey);
        }

        byte Contrasted(byte value) => Rounded((contrast * value) + ((1 - contrast) * mean));
    }

    private float Factor(ref RandomSequence random) => random.NextBetween(1 - Colour, 1 + Colour);

    private static byte Rounded(float value) => (byte)(Math.Clamp(value, 0, 255) + 0.5f);
}
