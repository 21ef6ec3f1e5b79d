using System.Globalization;
using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Runner.Serving;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>
/// One browser, and two servers in this process, of a network whose maps are known: of the class "red" ten times the red of the picture
/// less five times its green and its blue, and so on. One server sees the middle of a picture, the other all of it, and asks for a token.
/// </summary>
public sealed class ServedPages : IAsyncLifetime
{
    public const string Token = "0123456789abcdef";

    /// <summary>Rows of weights: how much red, green and blue speak for a class.</summary>
    private static readonly (string Name, float[] Weights)[] s_classes =
    [
        ("red", [10, -5, -5]), ("green", [-3, 10, -5]), ("blue", [-5, -5, 10]), ("yellow", [1, 1, -8]), ("cyan", [-8, 4, 4]),
        ("magenta", [4, -8, 4]), ("a <b>bright</b> one", [0.5f, 0.5f, 0.5f]), ("dark red", [1, -2, -2]), ("dark green", [-2, 1, -2]),
    ];

    private readonly IDevice[] _devices = [new HostDevice(Backend.Cpu, 1), new HostDevice(Backend.Cpu, 1)];
    private readonly List<Execution> _networks = [];
    private readonly List<PictureServer> _servers = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal static Box Red { get; } = new(24, 8, 47, 23);

    internal static Box Green { get; } = new(56, 40, 71, 55);

    /// <summary>96 x 64 pixels, of which the middle 64 x 64 are seen: on black a red rectangle and a smaller green one.</summary>
    public static byte[] Scene { get; } = SceneOf(96, 64);

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null)
        {
            return;
        }

        var free = new ServeOptions { Port = 0, Rate = 1_000_000, Burst = 1_000_000 };
        await Start(_devices[0], PictureFit.Crop, free);
        await Start(_devices[1], PictureFit.Pad, free with { Token = Token });
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
        foreach (PictureServer server in _servers)
        {
            await server.DisposeAsync();
        }

        foreach (Execution network in _networks)
        {
            network.Dispose();
        }

        foreach (IDevice device in _devices)
        {
            device.Dispose();
        }
    }

    /// <summary>Opens the page, and waits until it knows its model, or that it may not.</summary>
    internal async Task<OpenServe> Open(
        string address = "", int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool padded = false)
    {
        IPage page = await _browser!.NewPageAsync(
            new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme });
        string server = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_servers[padded ? 1 : 0].Port}/");
        var open = new OpenServe(page, server) { IsRefused = padded };
        await page.GotoAsync(server + address);
        await open.Ready();
        return open;
    }

    /// <summary>The same scene, larger or smaller.</summary>
    internal static byte[] SceneOf(int width, int height)
    {
        var image = new Image8(width, height);
        Fill(Red, new Rgb(255, 0, 0));
        Fill(Green, new Rgb(0, 255, 0));
        using var stream = new MemoryStream();
        PngWriter.Write(image, stream);
        return stream.ToArray();

        void Fill(Box box, Rgb colour) => image.FillRectangle(
            box.X0 * width / 96, box.Y0 * height / 64, box.Width * width / 96, box.Height * height / 64, colour);
    }

    private async Task Start(IDevice device, PictureFit fit, ServeOptions options)
    {
        const int Side = 32;
        var builder = new GraphBuilder();
        Value image = builder.Input(GraphLayers.Image, new Shape(1, Side, Side, 3));
        Value early = builder.Relu("early", builder.Conv2D("conv1", image, 3, 1));
        Value late = builder.Relu("late", builder.Conv2D("conv2", early, 3, 1));
        Value pooled = builder.GlobalPool("pooled", late, GlobalPooling.Average);
        Graph graph = builder.Build(builder.Linear("classifier", pooled, s_classes.Length, bias: false));
        var network = new Execution(device, new Network(graph, [.. s_classes.Select(entry => entry.Name)])
        {
            Preprocessing = Preprocessing.Preset("unit") with { Fit = fit, Width = Side, Height = Side },
        });
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = new float[parameter.Value.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Name == "classifier.weight" ? s_classes[i % s_classes.Length].Weights[i / s_classes.Length]
                    : parameter.Name.EndsWith(".weight", StringComparison.Ordinal) && i / 3 == i % 3 ? 1 : 0;
            }

            parameter.Value.CopyFrom(values);
        }

        _networks.Add(network);
        _servers.Add(await PictureServer.StartAsync(network, "colours", options, line => Assert.Fail(line)));
    }
}

/// <summary>The page of a server, and what is done with it.</summary>
internal sealed class OpenServe(IPage page, string server) : OpenPage(page, server)
{
    private const string MakeTransfer =
        "const transfer = new DataTransfer(); for (const [name, type, text] of files) transfer.items.add(new File([Uint8Array.from("
        + "atob(text), letter => letter.charCodeAt(0))], name, { type }));";

    public ILocator Refused => Page.Locator("#refused");

    /// <summary>The line under a map.</summary>
    public ILocator Result => Page.Locator(".pane .found .result").First;

    public ILocator Classes => Page.Locator(".pane >> nth=0 >> .answers button");

    public ILocator Shown => Page.Locator(".pane >> nth=0 >> .answers [aria-pressed=true]");

    public Task Ready() => Page.WaitForSelectorAsync(
        "html[data-ready]", new PageWaitForSelectorOptions { State = WaitForSelectorState.Attached });

    /// <summary>Waits until nothing is at work.</summary>
    public Task Idle() => Page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]')");

    public async Task Choose(byte[] file, string name = "scene.png", string type = "image/png")
    {
        await Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = file });
        await Idle();
    }

    public Task Drop(byte[] file, string name) => Transfer(
        "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))", file, name);

    public Task Paste(byte[] file, string name) => Transfer(
        "document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))", file, name);

    /// <summary>Selects, and waits for the map.</summary>
    public async Task Select(string id, string value)
    {
        await Page.Locator($"#{id}").SelectOptionAsync(value);
        await Idle();
    }

    /// <summary>Does something that asks the server, and gives the answer.</summary>
    public async Task<JsonElement> Answer(Func<Task> act)
    {
        IResponse response = await Page.RunAndWaitForResponseAsync(
            act, response => response.Url.EndsWith("/api/explain", StringComparison.Ordinal));
        JsonElement answer = (await response.JsonAsync())!.Value;
        await Idle();
        return answer;
    }

    /// <summary>What stands beside a word under a map.</summary>
    public async Task<string> Says(string word, int pane = 0) => await Page.Locator($".pane >> nth={pane} >> .says dt")
        .Filter(new LocatorFilterOptions { HasText = word }).Locator("xpath=following-sibling::dd[1]").TextContentAsync() ?? "";

    /// <summary>The place of a pixel of the picture in the window.</summary>
    public async Task<(float X, float Y)> Place(double x, double y, int width, int height)
    {
        await Viewer.First.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await Viewer.First.BoundingBoxAsync())!;
        double scale = Math.Min(box.Width / width, box.Height / height);
        return ((float)(box.X + ((box.Width - (scale * width)) / 2) + (scale * (x + 0.5))),
            (float)(box.Y + ((box.Height - (scale * height)) / 2) + (scale * (y + 0.5))));
    }

    private async Task Transfer(string act, byte[] file, string name)
    {
        await Page.EvaluateAsync(
            $"files => {{ {MakeTransfer} {act}; }}", new[] { new[] { name, "image/png", Convert.ToBase64String(file) } });
        await Idle();
    }
}

[CollectionDefinition(Name)]
public sealed class ServedPagesGroup : ICollectionFixture<ServedPages>
{
    public const string Name = "served pages";
}
