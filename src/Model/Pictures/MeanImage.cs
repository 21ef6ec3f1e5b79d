namespace GpuCam.Model;

/// <summary>A picture that is subtracted from every input, as the oldest ImageNet networks want it.</summary>
public sealed class MeanImage
{
    private readonly float[] _values;

    /// <summary>A mean image of the given values.</summary>
    /// <param name="values">Layout [height, width, channels], the channels in the network's order, after the scale.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channels">Channels.</param>
    /// <exception cref="GpuCamException">Extents and values disagree.</exception>
    public MeanImage(float[] values, int height, int width, int channels)
    {
        if (height < 1 || width < 1 || channels < 1 || (long)height * width * channels != values.Length)
        {
            throw new GpuCamException($"a mean image of {height} x {width} x {channels} does not hold {values.Length} values");
        }

        if (Array.FindIndex(values, value => !float.IsFinite(value)) is >= 0 and int at)
        {
            throw new GpuCamException($"value {at} of the mean image is {values[at]}, not a finite number; make it again");
        }

        _values = values;
        Height = height;
        Width = width;
        Channels = channels;
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Channels.</summary>
    public int Channels { get; }

    /// <summary>The values, layout [height, width, channels].</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>From the layout [channels, height, width], in which ONNX files keep it.</summary>
    /// <exception cref="GpuCamException">Extents and values disagree.</exception>
    public static MeanImage FromPlanes(ReadOnlySpan<float> planes, int channels, int height, int width)
    {
        float[] values = new float[planes.Length];
        if ((long)channels * height * width == planes.Length)
        {
            int pixels = height * width;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = planes[(i % channels * pixels) + (i / channels)];
            }
        }

        return new MeanImage(values, height, width, channels);
    }

    /// <summary>The values in that layout.</summary>
    public float[] ToPlanes()
    {
        float[] planes = new float[_values.Length];
        for (int i = 0; i < planes.Length; i++)
        {
            planes[(i % Channels * Height * Width) + (i / Channels)] = _values[i];
        }

        return planes;
    }
}
