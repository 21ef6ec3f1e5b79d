using System.Net;
using GpuCam.Model;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>Who may ask, how often, and how much.</summary>
public sealed class ServeVisitorTests
{
    private static readonly byte[] s_picture = TestServer.Picture(16, 16, new Box(2, 2, 5, 5));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1234", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("example.org", false)]
    [InlineData("localhost.example.org", false)]
    [InlineData("127.0.0.1.example.org", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("0.0.0.0", false)]
    public async Task On_this_machine_alone_the_host_must_be_a_name_of_it(string host, bool passes)
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (string path in (string[])["", "api/model", "assets/page.js", "nothing"])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            Assert.Equal(
                !passes ? HttpStatusCode.Forbidden : path == "nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
            ServeRouteTests.AssertHeaders(response);
        }
    }

    [Theory]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://LOCALHOST:8080", true)]
    [InlineData("http://localhost", false)]
    [InlineData("http://localhost:8081", false)]
    [InlineData("http://example.org", false)]
    [InlineData("http://localhost:8080@example.org", false)]
    [InlineData("file://localhost:8080", false)]
    [InlineData("null", false)]
    [InlineData("nonsense", false)]
    public async Task A_page_of_another_site_may_not_ask(string origin, bool passes)
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "api/explain") { Content = TestServer.Form(s_picture) };
        request.Headers.Host = "localhost:8080";
        request.Headers.TryAddWithoutValidation("Origin", origin);
        if (!passes)
        {
            await server.RefuseAsync(request, 403, "a page of another site");
            return;
        }

        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Where_others_reach_the_server_they_need_the_token_for_all_but_the_page()
    {
        const string Token = "0123456789abcdef";
        await using TestServer server = await TestServer.StartAsync(TestServer.Free with { Address = IPAddress.Any, Token = Token });
        Assert.EndsWith($"/?token={Token}", server.Url, StringComparison.Ordinal);
        foreach (string open in (string[])["", "assets/page.js", "openapi.json", "?token=wrong"])
        {
            using HttpResponseMessage response = await server.Client.GetAsync(open);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        foreach (string? header in (string?[])
            [null, "Bearer", "Bearer ", "Bearer 0123456789abcdeF", $"Bearer {Token}0", $"Basic {Token}", Token])
        {
            foreach (string path in (string[])["api/model", $"api/model?token={Token}", "api/explain", "nothing"])
            {
                var request = new HttpRequestMessage(path == "api/explain" ? HttpMethod.Post : HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Authorization", header);
                string error = await server.RefuseAsync(request, 401, "this server asks for its token");
                Assert.DoesNotContain(Token, error, StringComparison.Ordinal);
            }
        }

        server.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token}");
        Assert.Contains("bright", await server.Client.GetStringAsync("api/model"), StringComparison.Ordinal);
        await server.ExplainAsync(s_picture);
        var named = new HttpRequestMessage(HttpMethod.Get, "api/model");
        named.Headers.Host = "gpu.example.org";
        using HttpResponseMessage answer = await server.Client.SendAsync(named);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var foreign = new HttpRequestMessage(HttpMethod.Get, "api/model");
        foreign.Headers.Add("Origin", "http://example.org");
        await server.RefuseAsync(foreign, 403, "another site");
    }

    [Fact]
    public async Task A_picture_of_too_many_bytes_is_refused_whether_its_length_is_told_or_not()
    {
        await using TestServer server = await TestServer.StartAsync(TestServer.Free with { MostBytes = 50_000 });
        foreach (bool told in (bool[])[true, false])
        {
            // A little too much is found in the form, a lot by the length of the body.
            foreach (int length in (int[])[50_001, 51_000, 400_000])
            {
                var request = new HttpRequestMessage(HttpMethod.Post, "api/explain") { Content = TestServer.Form(new byte[length]) };
                request.Headers.TransferEncodingChunked = !told;
                await server.RefuseAsync(request, 413, "longer than the 0 MiB that are taken; scale it down or save it as JPEG");
            }
        }

        await server.RefuseAsync(TestServer.Form(new byte[50_000]), 422);
    }

    [Fact]
    public async Task A_client_that_asks_too_often_is_told_to_wait()
    {
        await using TestServer server = await TestServer.StartAsync(TestServer.Free with { Burst = 5, Rate = 10 });
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage response = await server.Client.GetAsync("api/model");
        }

        // One comes back every tenth of a second.
        HttpStatusCode[] answers =
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await server.Client.GetAsync("api/model")).StatusCode));
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        await server.RefuseInTheEndAsync(s_picture, 429, "more requests than the 10 a second");
        await Task.Delay(300);
        await server.ExplainAsync(s_picture);
    }

    [Fact]
    public async Task A_picture_that_does_not_come_blocks_the_others_for_its_time_only()
    {
        await using TestServer server = await TestServer.StartAsync(
            TestServer.Free with { MostUnderWay = 1, BodyTime = TimeSpan.FromSeconds(1) });
        using var slow = new RawClient(server.Port);
        await slow.SendAsync("POST /api/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            + "Content-Length: 1000\r\n\r\n--x\r\n");
        await server.RefuseInTheEndAsync(s_picture, 503, "too much to do here");
        Assert.Contains("HTTP/1.1 408", await slow.ReadAsync(), StringComparison.Ordinal);
        await server.ExplainAsync(s_picture);
        Assert.Empty(server.Reports);
    }
}
