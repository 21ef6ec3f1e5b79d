namespace GpuCam.Runner.Serving;

/// <summary>
/// The page of <c>gpucam serve</c>: a frame that asks for one style and one script beside it, <c>assets/page.css</c> and
/// <c>assets/page.js</c>.
/// </summary>
internal static class ServePage
{
    /// <summary>The frame: UTF-8.</summary>
    public static byte[] Html { get; } =
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>GpuCam</title>
        <link rel="stylesheet" href="assets/page.css"><script src="assets/page.js" defer></script></head><body></body></html>

        """u8.ToArray();

    /// <summary>The style: UTF-8.</summary>
    public static byte[] Style { get; } = [];

    /// <summary>The script: UTF-8.</summary>
    public static byte[] Script { get; } = [];
}
