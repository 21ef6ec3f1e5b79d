using System.Buffers;

namespace GpuCam.Model;

/// <summary>
/// Makes a network's input of a picture: scales it to 8 bits, as the loaders of Pillow and torchvision do, then normalises.
/// </summary>
internal static class PictureInput
{
    private const int Levels = 256;

    /// <summary>See <see cref="Preprocessing.Apply"/>.</summary>
    public static void Write(Preprocessing how, ReadOnlySpan<byte> rgb, PictureGeometry plan, int channels, Span<float> input)
    {
        RgbPicture.Check(rgb, plan.PictureWidth, plan.PictureHeight);
        if (channels is not (1 or 3) || input.Length != Preprocessing.InputLength(plan, channels))
        {
            throw new GpuCamException(
                $"an input of {plan.InputHeight} x {plan.InputWidth} x {channels} does not take {input.Length} values");
        }

        Box shown = plan.Shown;
        int length = shown.Width * shown.Height * 3;
        byte[] scaled = ArrayPool<byte>.Shared.Rent(length);
        Scale(how.Filter, rgb, plan, shown, scaled.AsSpan(0, length));
        if (shown.Area < (long)plan.InputWidth * plan.InputHeight)
        {
            // The mean colour, which is what becomes zero.
            input.Clear();
        }

        float[] table = Table(how, channels);
        for (int y = shown.Y0, from = 0; y <= shown.Y1; y++)
        {
            int to = ((y * plan.InputWidth) + shown.X0) * channels;
            Span<float> row = input.Slice(to, shown.Width * channels);
            Normalize(how.Order, table, scaled.AsSpan(from, shown.Width * 3), channels, row);
            from += shown.Width * 3;
            if (how.MeanImage is { } mean)
            {
                Subtract(mean.Values.Slice(to, row.Length), how.Deviation, channels, row);
            }
        }

        ArrayPool<byte>.Shared.Return(scaled);
    }

    /// <summary>See <see cref="Preprocessing.Show"/>.</summary>
    public static void Show(Preprocessing how, ReadOnlySpan<byte> rgb, PictureGeometry plan, Span<byte> shown)
    {
        if (rgb.Length != 3L * plan.PictureWidth * plan.PictureHeight || shown.Length != 3L * plan.InputWidth * plan.InputHeight)
        {
            throw new GpuCamException($"{rgb.Length} bytes are no picture of {plan.PictureWidth} x {plan.PictureHeight} pixels, or "
                + $"{shown.Length} bytes no {plan.InputWidth} x {plan.InputHeight}; give 3 bytes a pixel");
        }

        Box part = plan.Shown;
        if (part.Area == (long)plan.InputWidth * plan.InputHeight)
        {
            Scale(how.Filter, rgb, plan, part, shown);
            return;
        }

        byte[] scaled = new byte[3 * part.Area];
        Scale(how.Filter, rgb, plan, part, scaled);
        for (int i = 0; i < shown.Length; i++)
        {
            int channel = how.Order == ChannelOrder.Bgr ? 2 - (i % 3) : i % 3;
            double mean = how.Order == ChannelOrder.Grey ? how.Mean[0] : Of(how.Mean, channel);
            shown[i] = (byte)Math.Clamp(Math.Round(mean / how.Scale), 0, byte.MaxValue);
        }

        for (int y = 0; y < part.Height; y++)
        {
            int to = 3 * (((part.Y0 + y) * plan.InputWidth) + part.X0);
            scaled.AsSpan(3 * y * part.Width, 3 * part.Width).CopyTo(shown[to..]);
        }
    }

    private static void Scale(PictureFilter filter, ReadOnlySpan<byte> rgb, PictureGeometry plan, Box shown, Span<byte> scaled)
    {
        long left = shown.X0 + plan.OffsetX, top = shown.Y0 + plan.OffsetY;
        if ((plan.ScaledWidth, plan.ScaledHeight) == (plan.PictureWidth, plan.PictureHeight))
        {
            for (int y = 0; y < shown.Height; y++)
            {
                rgb.Slice((int)((((top + y) * plan.PictureWidth) + left) * 3), shown.Width * 3).CopyTo(scaled[(y * shown.Width * 3)..]);
            }

            return;
        }

        double stepX = (double)plan.PictureWidth / plan.ScaledWidth, stepY = (double)plan.PictureHeight / plan.ScaledHeight;
        Resampler.Bytes(
            rgb, plan.PictureWidth, new AxisFilter(filter, plan.PictureWidth, left * stepX, stepX, shown.Width),
            new AxisFilter(filter, plan.PictureHeight, top * stepY, stepY, shown.Height), scaled);
    }

    /// <summary>[channels, 256]: what every 8-bit value becomes, mean image aside.</summary>
    private static float[] Table(Preprocessing how, int channels)
    {
        float[] table = new float[channels * Levels];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (float)(((i % Levels * how.Scale) - Of(how.Mean, i / Levels)) / Of(how.Deviation, i / Levels));
        }

        return table;
    }

    private static void Normalize(ChannelOrder order, ReadOnlySpan<float> table, ReadOnlySpan<byte> rgb, int channels, Span<float> row)
    {
        if (order != ChannelOrder.Grey && channels == 3)
        {
            (int first, int last) = order == ChannelOrder.Bgr ? (2, 0) : (0, 2);
            for (int i = 0; i + 2 < rgb.Length; i += 3)
            {
                row[i] = table[rgb[i + first]];
                row[i + 1] = table[Levels + rgb[i + 1]];
                row[i + 2] = table[(2 * Levels) + rgb[i + last]];
            }

            return;
        }

        for (int i = 0; i < row.Length; i++)
        {
            int pixel = i / channels * 3;
            int grey = ((299 * rgb[pixel]) + (587 * rgb[pixel + 1]) + (114 * rgb[pixel + 2]) + 500) / 1000;
            row[i] = table[(i % channels * Levels) + grey];
        }
    }

    private static void Subtract(ReadOnlySpan<float> mean, IReadOnlyList<double> deviation, int channels, Span<float> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            row[i] -= (float)(mean[i] / Of(deviation, i % channels));
        }
    }

    private static double Of(IReadOnlyList<double> values, int channel) => values[values.Count == 1 ? 0 : channel];
}
