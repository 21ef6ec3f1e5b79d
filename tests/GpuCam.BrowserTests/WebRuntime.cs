using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>
/// onnxruntime-web in a page: a server of its own on the loopback gives the package's files (<c>GPUCAM_ORT_WEB</c> names their folder),
/// models and images; the page runs the models by WebAssembly.
/// </summary>
public sealed class WebRuntime : IAsyncLifetime, IDisposable
{
    private const string Page = """
        <!doctype html><meta charset="utf-8"><title>onnxruntime-web</title><link rel="icon" href="data:,">
        <script src="/ort/ort.wasm.min.js"></script>
        <script>ort.env.wasm.numThreads = 1; ort.env.wasm.wasmPaths = "/ort/"; ort.env.logLevel = "error";</script>
        """;

    private const string Run = """
        async inputs => {
          const load = async name => {
            const answer = await fetch(name);
            if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
            return answer.arrayBuffer();
          };
          const session = await ort.InferenceSession.create(new Uint8Array(await load("/model")), { executionProviders: ["wasm"] });
          const feeds = {};
          for (const { name, type, extents, file } of JSON.parse(inputs)) {
            const numbers = await load(file);
            feeds[name] = new ort.Tensor(type, type === "int64" ? new BigInt64Array(numbers) : new Float32Array(numbers), extents);
          }
          const results = await session.run(feeds);
          const outputs = session.outputNames.map(name =>
            ({ name, extents: [...results[name].dims], values: Array.from(results[name].data, Number) }));
          await session.release();
          return JSON.stringify(outputs);
        }
        """;

    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HttpListener _listener = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IPage? _page;
    private string _root = "";

    /// <summary>Where the package's files are; null where nobody says so.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("GPUCAM_ORT_WEB");

    public async Task InitializeAsync()
    {
        if (Chromium.Path is null || Folder is null)
        {
            return;
        }

        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _root = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(_root);
        _listener.Start();
        _ = Serve();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(Chromium.Options);
        _page = await _browser.NewPageAsync();
        _page.SetDefaultTimeout(300_000);
        _page.Request += (_, request) => Requests.Add(request.Url);
        await _page.GotoAsync(_root);
    }

    /// <summary>What the page asked for.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Its own address.</summary>
    public string Root => _root;

    /// <summary>Runs a model in the page.</summary>
    internal async Task<Dictionary<string, (float[] Values, long[] Extents)>> RunAsync(
        byte[] model, params (string Name, Array Numbers, long[] Extents)[] inputs)
    {
        _files["/model"] = model;
        var described = new List<object>();
        foreach ((string name, Array numbers, long[] extents) in inputs)
        {
            string file = $"/input{described.Count}";
            _files[file] = numbers is float[] floats ? MemoryMarshal.AsBytes(floats.AsSpan()).ToArray()
                : MemoryMarshal.AsBytes(((long[])numbers).AsSpan()).ToArray();
            string type = numbers is float[]? "float32" : "int64";
            described.Add(new { name, type, extents, file });
        }

        string said = await _page!.EvaluateAsync<string>(Run, JsonSerializer.Serialize(described));
        using var outputs = JsonDocument.Parse(said);
        return outputs.RootElement.EnumerateArray().ToDictionary(
            output => output.GetProperty("name").GetString()!,
            output => (Numbers(output.GetProperty("values")), output.GetProperty("extents").Deserialize<long[]>()!));

        // What is no number JSON calls null.
        static float[] Numbers(JsonElement values) =>
            [.. values.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle())];
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        Dispose();
    }

    public void Dispose() => _listener.Close();

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                HttpListenerContext call = await _listener.GetContextAsync();
                string path = call.Request.Url!.AbsolutePath;
                byte[]? content = path == "/" ? Encoding.UTF8.GetBytes(Page)
                    : path.StartsWith("/ort/", StringComparison.Ordinal) && File.Exists(InFolder(path)) ? File.ReadAllBytes(InFolder(path))
                    : _files.GetValueOrDefault(path);
                call.Response.StatusCode = content is null ? 404 : 200;
                call.Response.ContentType = Path.GetExtension(path) switch
                {
                    ".js" or ".mjs" => "text/javascript",
                    ".wasm" => "application/wasm",
                    _ => path == "/" ? "text/html" : "application/octet-stream",
                };
                await call.Response.OutputStream.WriteAsync(content ?? []);
                call.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static string InFolder(string path) => Path.Combine(Folder!, Path.GetFileName(path));
}

/// <summary>A test in onnxruntime-web: skipped, and said so, only where there is no browser or nobody says where the package is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WebRuntimeTheoryAttribute : TheoryAttribute
{
    public WebRuntimeTheoryAttribute() => Skip = Chromium.Path is null ? "NO BROWSER HERE: install chromium to run models in it"
        : WebRuntime.Folder is null ? "NO ONNXRUNTIME-WEB HERE: name the folder of its ort.wasm.min.js in GPUCAM_ORT_WEB" : null;
}
