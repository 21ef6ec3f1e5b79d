namespace GpuCam.Runner.Reports;

/// <summary>
/// A map as a page stores it: <c>height * width</c> values, row after row, each <c>min + q / 65535 * (max - min)</c> with q an
/// unsigned 16-bit number; all of them little-endian in base64. The page enlarges them to the image as training did.
/// </summary>
/// <param name="Width">Values in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Min">Value of q = 0.</param>
/// <param name="Max">Value of q = 65535.</param>
/// <param name="Q">The base64 text; null when the map holds NaN or an infinity.</param>
internal sealed record PackedMap(int Width, int Height, float Min, float Max, string? Q);
