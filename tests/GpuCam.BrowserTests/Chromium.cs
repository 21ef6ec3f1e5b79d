using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The system's chromium, which Playwright drives; nothing is downloaded.</summary>
internal static class Chromium
{
    private static readonly string[] s_places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] s_arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>The executable; null where there is none.</summary>
    public static string? Path { get; } = s_places.FirstOrDefault(File.Exists);

    public static BrowserTypeLaunchOptions Options => new() { ExecutablePath = Path, Args = s_arguments };
}

/// <summary>A test that needs a browser: skipped, and said so, only where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() =>
        Skip = Chromium.Path is null ? "NO BROWSER HERE: install chromium (apt-get install chromium) to test the pages" : null;
}

/// <summary>As <see cref="BrowserFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() =>
        Skip = Chromium.Path is null ? "NO BROWSER HERE: install chromium (apt-get install chromium) to test the pages" : null;
}
