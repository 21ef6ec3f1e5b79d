namespace GpuCam.Model;

/// <summary>One colour, 8 bits a channel.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>Luma by ITU-R BT.601, rounded; equal channels give exactly their own value.</summary>
    public byte Grey => (byte)(((299 * R) + (587 * G) + (114 * B) + 500) / 1000);

    /// <summary>A grey of the given brightness.</summary>
    public static Rgb FromGrey(byte value) => new(value, value, value);

    /// <summary>[0, 1] to [0, 255], rounded; clamped outside, NaN to 0.</summary>
    public static byte ToByte(float value) => float.IsNaN(value) ? (byte)0 : (byte)(Math.Clamp(value, 0f, 1f) * 255f + 0.5f);
}
