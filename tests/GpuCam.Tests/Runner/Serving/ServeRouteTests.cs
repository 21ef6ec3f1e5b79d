using System.Net;
using GpuCam.Model;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>Paths, methods and headers.</summary>
public sealed class ServeRouteTests
{
    private static readonly byte[] s_picture = TestServer.Picture(16, 16, new Box(2, 2, 5, 5));

    [Theory]
    [InlineData("", "text/html")]
    [InlineData("assets/page.css", "text/css")]
    [InlineData("assets/page.js", "text/javascript")]
    [InlineData("openapi.json", "application/json")]
    [InlineData("api/model", "application/json")]
    public async Task A_path_is_answered_with_its_type_and_with_headers_that_allow_nothing_else(string path, string type)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        AssertHeaders(response);
        Assert.Equal(path == "api/model", response.Headers.CacheControl!.NoStore);

        using HttpResponseMessage head = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(response.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_a_browser_has_already_is_not_sent_again()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (string path in (string[])["", "assets/page.css", "assets/page.js", "openapi.json"])
        {
            using HttpResponseMessage first = await server.Client.GetAsync(path);
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using HttpResponseMessage second = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            AssertHeaders(second);
        }
    }

    [Fact]
    public async Task The_model_is_described_by_its_name_alone_and_what_can_be_asked_of_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        System.Text.Json.JsonElement model = TestServer.Parse(await server.Client.GetStringAsync("api/model"));
        Assert.Equal("bright", model.GetProperty("name").GetString());
        Assert.Equal("""{"width":16,"height":16,"channels":1}""", model.GetProperty("input").GetRawText());
        Assert.Equal(3, model.GetProperty("classes").GetArrayLength());
        Assert.Equal("features", model.GetProperty("default_layer").GetString());
        Assert.Equal("cam", model.GetProperty("default_method").GetString());
        Assert.Equal("""["none","aug","eigen"]""", model.GetProperty("smoothings").GetRawText());
        Assert.Equal(
            ["conv", "features"], model.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("name").GetString()));
        System.Text.Json.JsonElement cam = model.GetProperty("methods").EnumerateArray().First();
        Assert.Equal(("cam", "features", "pooled_layer"), (cam.GetProperty("name").GetString(), cam.GetProperty("needs").GetString(),
            cam.GetProperty("scope").GetString()));
        Assert.Equal($$"""{"bytes":{{TestServer.Free.MostBytes}},"pixels":67108864}""", model.GetProperty("limits").GetRawText());
    }

    [Theory]
    [InlineData("favicon.ico")]
    [InlineData("api")]
    [InlineData("api/model/")]
    [InlineData("API/MODEL")]
    [InlineData("assets/")]
    [InlineData("assets/..%2f..%2fopenapi.json")]
    [InlineData("assets/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("..%5c..%5cwindows")]
    [InlineData("%00")]
    [InlineData("api/model%2f")]
    public async Task Any_other_path_is_not_found(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(
            $"http://127.0.0.1:{server.Port}/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        // What the framework refuses by itself has no words.
        Assert.True(response.StatusCode == HttpStatusCode.NotFound ? text.Contains("there is nothing here", StringComparison.Ordinal)
            : response.StatusCode == HttpStatusCode.BadRequest && text.Length == 0, $"{response.StatusCode} {text}");
    }

    [Theory]
    [InlineData("POST", "", "GET")]
    [InlineData("DELETE", "assets/page.css", "GET")]
    [InlineData("PUT", "api/model", "GET")]
    [InlineData("OPTIONS", "api/explain", "POST")]
    [InlineData("GET", "api/explain", "POST")]
    [InlineData("HEAD", "api/picture", "POST")]
    [InlineData("PATCH", "api/picture", "POST")]
    [InlineData("BREW", "openapi.json", "GET")]
    public async Task Another_method_is_not_allowed(string method, string path, string allowed)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(allowed, Assert.Single(response.Content.Headers.Allow));
        AssertHeaders(response);
    }

    [Fact]
    public async Task What_is_no_form_with_one_picture_is_told_what_to_send()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.RefuseAsync(new ByteArrayContent(s_picture), 415, "send multipart/form-data");
        await server.RefuseAsync(new StringContent("{}", null, "application/json"), 415, "send multipart/form-data");
        await server.RefuseAsync(new FormUrlEncodedContent([new("picture", "x")]), 415, "send multipart/form-data");
        await server.RefuseAsync(new MultipartContent("mixed") { new ByteArrayContent(s_picture) }, 415, "send multipart/form-data");
        await server.RefuseAsync(
            new MultipartFormDataContent { { new StringContent("cam"), "method" } }, 400, "there is no picture in the form");
        await server.RefuseAsync(new MultipartFormDataContent(), 400);
        MultipartFormDataContent twice = TestServer.Form(s_picture);
        twice.Add(new ByteArrayContent(s_picture), "picture", "b.png");
        await server.RefuseAsync(twice, 400, "two pictures");
        await server.RefuseAsync(TestServer.Form(s_picture, "a.png", ("top", "1"), ("top", "2")), 400, "the field top twice");
        await server.RefuseAsync(TestServer.Form(s_picture, "a.png", ("layer", new string('x', 5000))), 400, "longer than 1024 bytes");
        var parts = new MultipartFormDataContent();
        for (int i = 0; i < 30; i++)
        {
            parts.Add(new StringContent("x"), "layer" + i);
        }

        await server.RefuseAsync(parts, 400, "there is no field 'layer0'");
        var nameless = new MultipartFormDataContent { new ByteArrayContent(s_picture) };
        await server.RefuseAsync(nameless, 400, "a part of the form has no name");
        var unbounded = new ByteArrayContent(s_picture);
        unbounded.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data");
        await server.RefuseAsync(unbounded, 400, "names no boundary");
        Assert.Empty(server.Reports);
    }

    internal static void AssertHeaders(HttpResponseMessage response)
    {
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("*", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Empty(response.Headers.Server);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }
}
