using System.Net.Http.Headers;
using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Serving;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.CudaTests.Driver;

/// <summary>One network on a CUDA device, and many who ask it at once: threads of a program, visitors of a server.</summary>
public sealed class ExplainerThreadTests : DriverTest
{
    private const int Side = 32, Callers = 8;

    private static readonly ExplainRequest s_request = new() { Method = "gradcam" };

    [DriverFact]
    public void Eight_threads_get_what_one_gets()
    {
        long before = CudaDriver.Memory.Allocated;      // a device that was lost in another test has left some
        var options = new ExplainerOptions { Backend = Backend.Cuda, Preprocessing = Preprocessing.Preset("unit") };
        var explainer = Explainer.Load(ProgramFiles.Resnet, options);
        Explanation[] alone = [.. Enumerable.Range(0, Callers).Select(i => Explain(explainer, i))];
        var together = new Explanation[Callers];
        Thread[] threads = [.. Enumerable.Range(0, Callers).Select(i => new Thread(() => together[i] = Explain(explainer, i)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        foreach ((Explanation one, Explanation other) in alone.Zip(together))
        {
            Assert.NotNull(other);
            Assert.Equal(one.Best, other.Best);
            Assert.Equal(one.Map.Values.ToArray(), other.Map.Values.ToArray());
        }

        var last = new Thread(explainer.Dispose);
        last.Start();
        last.Join();
        Assert.Equal(before, CudaDriver.Memory.Allocated);
    }

    [DriverFact]
    public async Task Visitors_at_once_get_what_one_gets()
    {
        using IDevice device = Open();
        using Execution network = NetworkLoader.Load(
            new ExplainerOptions { Preprocessing = Preprocessing.Preset("unit") }.Request(ProgramFiles.Resnet), device);
        await using PictureServer server = await PictureServer.StartAsync(
            network, "resnet", new ServeOptions { Port = 0, Rate = 1000, Burst = 1000 }, line => Assert.Fail(line));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}/") };
        string[] alone = new string[Callers];
        for (int i = 0; i < Callers; i++)
        {
            alone[i] = await AskAsync(client, i);
        }

        Assert.Equal(alone, await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => AskAsync(client, i))));
    }

    /// <summary>The map of the answer; other parts of it tell the time.</summary>
    private static async Task<string> AskAsync(HttpClient client, int seed)
    {
        var file = new ByteArrayContent(new PngBuilder(Side, Side, 8, 0, (x, y, _) => (x * (seed + 3)) + (y * 5)).Build());
        file.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "picture", FileName = "a.png" };
        using var form = new MultipartFormDataContent { file };
        using HttpResponseMessage response = await client.PostAsync(new Uri("api/explain", UriKind.Relative), form);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        using var answer = JsonDocument.Parse(text);
        return answer.RootElement.GetProperty("map").GetRawText();
    }

    private static Explanation Explain(Explainer explainer, int seed)
    {
        byte[] pixels = new byte[Side * Side * 3];
        new Random(seed).NextBytes(pixels);
        return explainer.Explain(pixels, Side, Side, s_request);
    }
}
