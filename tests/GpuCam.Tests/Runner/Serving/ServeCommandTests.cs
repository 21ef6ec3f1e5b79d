using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Serving;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.Tests.Runner.Serving;

public sealed class ServeCommandTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    /// <summary>Options, and what the error must say.</summary>
    public static TheoryData<string, string, string> BadOptions => new()
    {
        { "--port", "-1", "1 to 65535" },
        { "--port", "65536", "1 to 65535" },
        { "--bind", "nonsense", "--bind nonsense is no address" },
        { "--bind", "203.0.113.9", "--bind 203.0.113.9 is no address of this machine" },
        { "--token", "short", "at least 8" },
        { "--token", "with a blank in it", "letters and digits" },
        { "--map-time", "0", "more than 0" },
        { "--map-time", "NaN", "more than 0" },
        { "--model", "nowhere.onnx", "nowhere.onnx" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void An_option_that_cannot_be_is_one_line_of_error(string option, string value, string part)
    {
        string[] model = option == "--model" ? [] : ["--model", trained.Model];
        string[] port = option == "--port" ? [] : ["--port", "0"];
        Gpucam.Call(["serve", "--backend", "simd", .. model, .. port, option, value]).Refused(part);
    }

    [Fact]
    public void A_port_that_another_program_has_is_told()
    {
        using var sockets = ListenSockets.Open(IPAddress.Loopback, 0);
        string port = sockets.Port.ToString(CultureInfo.InvariantCulture);
        Gpucam.Call("serve", "--model", trained.Model, "--backend", "simd", "--port", port).Refused(
            $"--port {port} is in use by another program; give another, or 0 for a free one");
    }

    [Fact]
    public void A_free_port_is_the_same_by_both_protocols()
    {
        using var sockets = ListenSockets.Open(null, 0);
        IPEndPoint[] ends = [.. sockets.EndPoints];
        Assert.All(ends, end => Assert.True(IPAddress.IsLoopback(end.Address) && end.Port == sockets.Port && end.Port > 0));
        Assert.Equal(Socket.OSSupportsIPv6 ? 2 : 1, ends.Length);
    }

    [Fact]
    public async Task As_a_process_it_says_where_it_is_keeps_its_memory_and_ends_when_it_is_told_to()
    {
        int port;
        using (var sockets = ListenSockets.Open(IPAddress.Loopback, 0))
        {
            port = sockets.Port;
        }

        using Gpucam.Running server = Gpucam.Start(
            Path.GetTempPath(), "serve", "--model", trained.Run, "--backend", "simd", "--fit", "stretch", "--json", "--port", $"{port}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}/") };
        Assert.True(server.WaitUntil(() => IsUp(client).GetAwaiter().GetResult()));
        JsonElement model = TestServer.Parse(await client.GetStringAsync("api/model"));
        Assert.Equal("run", model.GetProperty("name").GetString());

        byte[] picture = await File.ReadAllBytesAsync(trained.Image);
        await AskAsync(100);
        long before = ResidentBytes(server.Id);
        await AskAsync(300);
        long grown = ResidentBytes(server.Id) - before;
        Assert.True(grown < 32 << 20, $"{grown} bytes more after 300 requests");

        server.Interrupt();
        Outcome outcome = server.Wait();
        JsonElement said = outcome.Json();
        Assert.Equal(($"http://localhost:{port}/", port), (said.GetProperty("url").GetString(), said.GetProperty("port").GetInt32()));
        Assert.False(said.TryGetProperty("token", out _));
        Assert.Equal("", outcome.Errors);
        Assert.Equal(CommandLine.Done, outcome.ExitCode);

        async Task AskAsync(int count)
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, token) =>
            {
                string method = i % 2 == 0 ? "cam" : "gradcam";
                using HttpResponseMessage response =
                    await client.PostAsync("api/explain", TestServer.Form(picture, "a.png", ("method", method)), token);
                Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.TooManyRequests, $"{response.StatusCode}");
            });
        }
    }

    private static async Task<bool> IsUp(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync("");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static long ResidentBytes(int process) => 1024 * long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))[6..^2].Trim(),
        CultureInfo.InvariantCulture);
}
