using System.Diagnostics;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>One browser, and the pages that all tests look at: of small made-up runs, and of one that was really trained.</summary>
public sealed class Pages : IAsyncLifetime
{
    private static readonly DateTime s_then = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _root = Directory.CreateTempSubdirectory("gpucam-browser-").FullName;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A made-up run: 12 images, 6 evaluations.</summary>
    internal MadeUpRun Small { get; private set; } = null!;

    /// <summary>Its page.</summary>
    public string SmallReport { get; private set; } = "";

    /// <summary>A folder that <c>train</c> wrote.</summary>
    public string Trained => Path.Combine(_root, "trained");

    /// <summary>A folder that <c>cam</c> wrote.</summary>
    public string Cams => Path.Combine(_root, "cams");

    /// <summary>Another, of a method that ends in a ReLU.</summary>
    public string RectifiedCams => Path.Combine(_root, "rectified");

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            return;
        }

        Small = new MadeUpRun(Folder("small"), images: 12, steps: 6);
        SmallReport = RunReport.Write(new RunFolder(Small.Folder), []);
        await Call(
            "train", "--out", Trained, "--digits", "synthetic", "--size", "36", "--distractors", "2", "--widths", "4,8", "--batch", "8",
            "--steps", "12",
            "--every", "4", "--eval-images", "20", "--final-eval-images", "20", "--heatmaps", "3", "--threads", "1", "--canvas", "36:1",
            "--lr", "0.003");
        await Call("cam", "--model", Trained, Path.Combine(Trained, "img_1", "input.png"), "--top", "3", "--threads", "1", "--out", Cams);
        await Call("cam", "--model", Trained, Path.Combine(Trained, "img_1", "input.png"), "--method", "hirescam", "--layer", "conv2",
            "--top", "1", "--threads", "1", "--out", RectifiedCams);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(Chromium.Options);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>A new folder under the one that goes away in the end.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>Opens a file and waits until it has drawn itself.</summary>
    internal async Task<OpenPage> Open(
        string file, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool stopClock = false)
    {
        IPage page = await _browser!.NewPageAsync(
            new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme });
        string address = new Uri(file).AbsoluteUri;
        var open = new OpenPage(page, address);
        if (stopClock)
        {
            await page.Clock.InstallAsync(new ClockInstallOptions { TimeDate = s_then });
        }

        var clock = Stopwatch.StartNew();
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("html[data-ready]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Attached });
        open.LoadTime = clock.Elapsed;
        if (stopClock)
        {
            await page.Clock.PauseAtAsync(s_then.AddDays(1));
        }

        return open;
    }

    private static async Task Call(params string[] arguments)
    {
        int exitCode = await CommandLine.RunAsync(arguments);
        Assert.True(exitCode == CommandLine.Done, $"gpucam {string.Join(' ', arguments)} ended with exit code {exitCode}");
    }
}

/// <summary>
/// A page under test. When it is closed, it must have said nothing on the console and asked for nothing but its own file, or what its
/// own server has.
/// </summary>
internal class OpenPage : IAsyncDisposable
{
    private readonly List<string> _complaints = [];

    public OpenPage(IPage page, string own)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (!(IsRefused && message.Text.StartsWith("Failed to load resource: the server responded", StringComparison.Ordinal)))
            {
                _complaints.Add($"console: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Add($"error: {error}");
        page.Dialog += (_, dialog) => _complaints.Add($"dialog: {dialog.Message}");
        page.WebSocket += (_, socket) => _complaints.Add($"socket: {socket.Url}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Scheme is not ("data" or "blob") && !request.Url.StartsWith(own, StringComparison.Ordinal))
            {
                _complaints.Add($"request: {request.Url}");
            }
        };
    }

    public IPage Page { get; }

    public TimeSpan LoadTime { get; set; }

    /// <summary>Whether a server's refusal, which browsers write on the console, is expected.</summary>
    public bool IsRefused { get; set; }

    public ILocator Viewer => Page.Locator(".viewer canvas");

    public ILocator Slider => Page.Locator(".player input");

    public ILocator Tiles => Page.Locator(".tile");

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Page.CloseAsync();
        Assert.Empty(_complaints);
    }

    /// <summary>The pixels of a canvas, as text.</summary>
    public static Task<string> Pixels(ILocator canvas) => canvas.EvaluateAsync<string>("canvas => canvas.toDataURL()");

    /// <summary>Moves the slider as its user does: an input event follows.</summary>
    public Task Slide(int frame) => Slider.FillAsync($"{frame}");

    public async Task<int> Frame() => int.Parse(await Slider.InputValueAsync(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The order of the tiles: each one's place in the data.</summary>
    public Task<int[]> Order() =>
        Page.EvaluateAsync<int[]>("() => [...document.querySelectorAll('.tile')].map(tile => +tile.dataset.item)");

    /// <summary>Points at a pixel of the large map and reads the value that the page shows.</summary>
    public async Task<double> ValueAt(int x, int y, int size)
    {
        await Viewer.HoverAsync(new LocatorHoverOptions { Position = await Place(x, y, size) });
        string shown = await Page.Locator("#value").TextContentAsync() ?? "";
        Assert.EndsWith($" at x {x}, y {y}", shown, StringComparison.Ordinal);
        Assert.StartsWith(shown.Split(' ')[0], await Page.Locator("#tip").TextContentAsync() ?? "", StringComparison.Ordinal);
        return double.Parse(shown.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<Position> Place(int x, int y, int size)
    {
        await Viewer.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await Viewer.BoundingBoxAsync())!;
        return new Position { X = (x + 0.5f) / size * box.Width, Y = (y + 0.5f) / size * box.Height };
    }
}

[CollectionDefinition(Name)]
public sealed class PagesGroup : ICollectionFixture<Pages>
{
    public const string Name = "pages";
}
