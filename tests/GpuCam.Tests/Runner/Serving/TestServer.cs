using System.Net;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Serving;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>
/// A server in this process, on a free port, with a network whose map is known: of the class "bright" the brightness of the picture, of
/// "dark" the same with a minus.
/// </summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const int Side = 16;

    private readonly IDevice _device;
    private readonly Execution _network;
    private readonly PictureServer _server;

    private TestServer(IDevice device, Execution network, PictureServer server)
    {
        (_device, _network, _server) = (device, network, server);
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}/"), Timeout = TimeSpan.FromMinutes(1) };
    }

    /// <summary>No limits that a test could meet by accident.</summary>
    public static ServeOptions Free { get; } = new() { Port = 0, Rate = 1_000_000, Burst = 1_000_000, MostConnections = 1000 };

    public HttpClient Client { get; }

    public int Port => _server.Port;

    public string Url => _server.Url;

    public int LiveBuffers => _device.LiveBuffers;

    /// <summary>What the server told who runs it.</summary>
    public ConcurrentQueue<string> Reports { get; private init; } = [];

    public static async Task<TestServer> StartAsync(ServeOptions? options = null, int channels = 1, int side = Side)
    {
        var device = new HostDevice(Backend.Cpu, 1);
        Execution network = Bright(device, channels, side);
        var reports = new ConcurrentQueue<string>();
        PictureServer server = await PictureServer.StartAsync(network, "bright", options ?? Free, reports.Enqueue);
        return new TestServer(device, network, server) { Reports = reports };
    }

    /// <summary>A grey PNG of that size: white in the box, else black.</summary>
    public static byte[] Picture(int width, int height, Box white, params byte[][] chunks) =>
        new PngBuilder(width, height, 8, 0, (x, y, _) => white.Contains(x, y) ? 255 : 0) { Before = chunks }.Build();

    /// <summary>A form with a picture and fields.</summary>
    public static MultipartFormDataContent Form(byte[] file, string name = "a.png", params (string Name, string Value)[] fields)
    {
        var part = new ByteArrayContent(file);
        part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "picture", FileName = $"\"{name}\"" };
        var form = new MultipartFormDataContent { part };
        foreach ((string field, string value) in fields)
        {
            form.Add(new StringContent(value), field);
        }

        return form;
    }

    /// <summary>Asks for a map, and expects an answer.</summary>
    public async Task<JsonElement> ExplainAsync(byte[] file, params (string Name, string Value)[] fields)
    {
        using HttpResponseMessage response = await Client.PostAsync("api/explain", Form(file, "a.png", fields));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {text}");
        return Parse(text);
    }

    /// <summary>Posts a form, and expects an error of one line, that status and those fragments.</summary>
    public Task<string> RefuseAsync(HttpContent content, int status, params string[] fragments) =>
        RefuseAsync(new HttpRequestMessage(HttpMethod.Post, "api/explain") { Content = content }, status, fragments);

    /// <summary>The same for any request.</summary>
    public async Task<string> RefuseAsync(HttpRequestMessage request, int status, params string[] fragments)
    {
        using HttpResponseMessage response = await Client.SendAsync(request);
        return await CheckAsync(response, status, fragments);
    }

    /// <summary>Sends a picture again and again until it is refused: where the clock has a say in when that is.</summary>
    public async Task RefuseInTheEndAsync(byte[] picture, int status, params string[] fragments)
    {
        while (true)
        {
            using HttpResponseMessage response = await Client.PostAsync("api/explain", Form(picture));
            if (response.StatusCode != HttpStatusCode.OK)
            {
                await CheckAsync(response, status, fragments);
                return;
            }
        }
    }

    private static async Task<string> CheckAsync(HttpResponseMessage response, int status, string[] fragments)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        JsonElement answer = Parse(text);
        string error = answer.GetProperty("error").GetString()!;
        Assert.Single(answer.EnumerateObject());
        Assert.DoesNotContain('\n', error);
        Assert.All(fragments, fragment => Assert.Contains(fragment, error, StringComparison.Ordinal));
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
        return error;
    }

    /// <summary>From now on the network fails, as one does whose file is gone.</summary>
    public void Break() => _network.Dispose();

    public static JsonElement Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    public static Box BoxOf(JsonElement corners) => new(
        corners.GetProperty("x0").GetInt32(), corners.GetProperty("y0").GetInt32(), corners.GetProperty("x1").GetInt32(),
        corners.GetProperty("y1").GetInt32());

    /// <summary>The values of a map.</summary>
    public static float[] ValuesOf(JsonElement map)
    {
        byte[] bytes = map.GetProperty("values").GetBytesFromBase64();
        float[] values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        Assert.Equal(map.GetProperty("width").GetInt32() * map.GetProperty("height").GetInt32(), values.Length);
        return values;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _network.Dispose();
        _device.Dispose();
    }

    private static Execution Bright(IDevice device, int channels, int side)
    {
        var builder = new GraphBuilder();
        Value image = builder.Input(GraphLayers.Image, new Shape(1, side, side, 1));
        Value features = builder.Relu("features", builder.Conv2D("conv", image, channels, channels == 1 ? 1 : 3));
        Value pooled = builder.GlobalPool("pooled", features, GlobalPooling.Average);
        Graph graph = builder.Build(builder.Linear("classifier", pooled, 3, bias: false));
        var network = new Execution(device, new Network(graph, ["bright", "dark", "half <b>as</b> bright"])
        {
            Preprocessing = Preprocessing.Preset("unit") with
            {
                Fit = PictureFit.Stretch,
                Width = side,
                Height = side,
                Order = ChannelOrder.Grey,
            },
        });
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = new float[parameter.Value.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = parameter.Name == "classifier.weight" ? new float[] { 1, -1, 0.5f }[i % 3]
                    : parameter.Name == "conv.weight" ? 1 + (i % 7 * 0.1f * (channels - 1)) : 0;
            }

            parameter.Value.CopyFrom(values);
        }

        return network;
    }
}
