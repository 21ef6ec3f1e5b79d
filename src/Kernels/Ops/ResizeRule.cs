namespace GpuCam.Kernels.Ops;

/// <summary>How a resized pixel is made of the original's.</summary>
public enum Interpolation
{
    /// <summary>It is one of them.</summary>
    Nearest,

    /// <summary>It lies between two of them, along each axis.</summary>
    Linear,
}

/// <summary>
/// Where output pixel o lies in the original; <c>scale</c> is output over input and <c>length = input * scale</c>, which need not be
/// whole (ONNX Resize, <c>coordinate_transformation_mode</c>).
/// </summary>
public enum ResizeCoordinates
{
    /// <summary><c>(o + 1/2) / scale - 1/2</c>: the images' borders coincide.</summary>
    HalfPixel,

    /// <summary>The same, and 0 where the output is one pixel wide.</summary>
    PyTorchHalfPixel,

    /// <summary><c>o * (input - 1) / (length - 1)</c>: the centres of the corner pixels coincide.</summary>
    AlignCorners,

    /// <summary><c>o / scale</c>: pixel 0 on pixel 0.</summary>
    Asymmetric,
}

/// <summary>Which pixel is the nearest (ONNX Resize, <c>nearest_mode</c>).</summary>
public enum ResizeRounding
{
    /// <summary>The nearest, of two the lower.</summary>
    PreferFloor,

    /// <summary>The nearest, of two the upper.</summary>
    PreferCeil,

    /// <summary>The one below.</summary>
    Floor,

    /// <summary>The one above.</summary>
    Ceil,
}

/// <summary>Everything that decides what <see cref="Resize2D"/> does, but the extents.</summary>
/// <param name="Interpolation">How a pixel is made.</param>
/// <param name="Coordinates">Where a pixel lies.</param>
/// <param name="Rounding">Which pixel is the nearest; of no meaning where it is linear.</param>
/// <param name="ScaleH">Output over input height, as the model gives it; the extents are whole numbers and need not give it back.</param>
/// <param name="ScaleW">Output over input width.</param>
public readonly record struct ResizeRule(
    Interpolation Interpolation, ResizeCoordinates Coordinates, ResizeRounding Rounding, float ScaleH, float ScaleW)
{
    /// <summary>Length and original differ by less than this: it was a whole number, before the scale was rounded.</summary>
    private const float Whole = 1e-3f;

    /// <summary>A rule with the scales that take <paramref name="x"/> to <paramref name="y"/>.</summary>
    public static ResizeRule Between(
        Shape x, Shape y, Interpolation interpolation, ResizeCoordinates coordinates, ResizeRounding rounding) =>
        new(interpolation, coordinates, rounding, (float)y.H / x.H, (float)y.W / x.W);

    /// <summary>
    /// Where output <paramref name="o"/> lies, inside the input: the lower of its two taps, and the share of the next one. In float32, as
    /// ONNX Runtime and PyTorch compute it: which pixel is the nearest may hang on the last bit.
    /// </summary>
    public (int Lower, float UpperShare) Tap(int o, int input, int output, float scale)
    {
        float position = Math.Clamp(Position(o, input, output, scale), -1, input);
        if (Interpolation == Interpolation.Nearest)
        {
            float nearest = Rounding switch
            {
                ResizeRounding.PreferFloor => MathF.Ceiling(position - 0.5f),
                ResizeRounding.PreferCeil => MathF.Floor(position + 0.5f),
                ResizeRounding.Floor => MathF.Floor(position),
                _ => MathF.Ceiling(position),
            };
            return (Math.Clamp((int)nearest, 0, input - 1), 0);
        }

        position = Math.Clamp(position, 0, input - 1);
        int lower = (int)position;
        return (lower, position - lower);
    }

    private float Position(int o, int input, int output, float scale)
    {
        switch (Coordinates)
        {
            case ResizeCoordinates.Asymmetric:
                return o / scale;
            case ResizeCoordinates.AlignCorners:
                float length = input * scale;
                length = MathF.Abs(length - output) < Whole ? output : length;
                return o == 0 || input == 1 ? 0 : o * (input - 1) / (length - 1);
            case ResizeCoordinates.PyTorchHalfPixel when output == 1:
                return 0;
            default:
                return ((o + 0.5f) / scale) - 0.5f;
        }
    }
}
