using System.Diagnostics;
using System.Globalization;
using GpuCam.Runner.Images.Formats;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GpuCam.Runner.Serving;

/// <summary>Answers requests. Nothing of one is kept for the next, and nothing is written anywhere.</summary>
internal sealed class ServeApplication : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private const string Json = "application/json; charset=utf-8";

    // Everything comes from this server alone; pictures that were dropped are shown from memory. No frame, no form that is sent.
    private const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The longer side of what <c>/api/picture</c> gives.</summary>
    private const int ShownSide = 1600;

    private static readonly Dictionary<string, Route> s_routes = new()
    {
        ["/"] = Fixed(ServePage.Html, "text/html; charset=utf-8"),
        ["/assets/page.css"] = Fixed(ServePage.Style, "text/css; charset=utf-8"),
        ["/assets/page.js"] = Fixed(ServePage.Script, "text/javascript; charset=utf-8"),
        ["/openapi.json"] = Fixed(OpenApi.Document, Json),
        ["/api/model"] = new Route("GET", Open: false, (server, context) => server.DescribeAsync(context)),
        ["/api/explain"] = new Route("POST", Open: false, (server, context) => server.ExplainAsync(context)),
        ["/api/picture"] = new Route("POST", Open: false, (server, context) => server.ShowAsync(context)),
    };

    private readonly ServeOptions _options;
    private readonly ServedNetwork _network;
    private readonly Action<string> _report;
    private readonly Visitors _visitors;
    private readonly Turns _underWay, _decoding, _mapping;

    /// <param name="network">What is served; somebody else's.</param>
    /// <param name="options">The limits.</param>
    /// <param name="local">Whether the server listens to this machine alone.</param>
    /// <param name="report">Gets a line where a request ends in an error of this program.</param>
    public ServeApplication(ServedNetwork network, ServeOptions options, bool local, Action<string> report)
    {
        (_network, _options, _report) = (network, options, report);
        _visitors = new Visitors(options, local);
        _underWay = new Turns(options.MostUnderWay, TimeSpan.Zero);
        _decoding = new Turns(options.MostDecoding, options.Patience);
        _mapping = new Turns(1, options.Patience);
    }

    /// <summary>The paths there are, and the method of each.</summary>
    public static IEnumerable<(string Path, string Method)> Routes => s_routes.Select(route => (route.Key, route.Value.Method));

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            context.Abort();    // nobody listens, or half an answer is out
        }
        catch (ServeException e)
        {
            await RefuseAsync(context, e).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode switch
            {
                413 => UploadReader.TooLong(_options.MostBytes),
                408 => Slow(),
                _ => new ServeException(400, "the request is broken or ends too early; send it again"),
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // What went wrong is for who runs the server; it may name files of this machine.
            _report($"{context.Request.Method} {ClientText.Shown(context.Request.Path.Value ?? "")}: {e.GetType().Name}: {e.Message}");
            await RefuseAsync(context, new ServeException(500, "something went wrong here; the server goes on and says more where it runs"))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Waits until nobody uses the network any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _underWay.DisposeAsync().ConfigureAwait(false);
        await _decoding.DisposeAsync().ConfigureAwait(false);
        await _mapping.DisposeAsync().ConfigureAwait(false);
        _visitors.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        SetHeaders(context.Response.Headers);
        bool known = s_routes.TryGetValue(context.Request.Path.Value ?? "", out Route? route);
        _visitors.Check(context, known && route!.Open);
        if (!known)
        {
            throw new ServeException(404, "there is nothing here; the page is at /, and what scripts can ask for is in /openapi.json");
        }

        if (context.Request.Method != route!.Method && !(context.Request.Method == "HEAD" && route.Method == "GET"))
        {
            context.Response.Headers.Allow = route.Method;
            throw new ServeException(405, $"{context.Request.Path.Value} takes {route.Method} only");
        }

        await route.Answer(this, context).ConfigureAwait(false);
    }

    private Task DescribeAsync(HttpContext context) => WriteAsync(context, 200, Json, RunnerJson.Bytes(_network.Answer));

    private async Task ExplainAsync(HttpContext context)
    {
        byte[] answer = await _underWay.TryAsync(async () =>
        {
            (ServedPicture picture, ExplainFields fields, double decode) = await DecodeAsync(context).ConfigureAwait(false);
            CancellationToken token = context.RequestAborted;
            return await _mapping.TakeAsync(() => Map(picture, fields, decode, token), token).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await WriteAsync(context, 200, Json, answer).ConfigureAwait(false);
    }

    private async Task<(ServedPicture Picture, ExplainFields Fields, double Milliseconds)> DecodeAsync(HttpContext context)
    {
        Upload upload = await ReadAsync(context, ExplainFields.Names).ConfigureAwait(false);
        var fields = ExplainFields.Read(upload.Fields);
        return await _decoding.TakeAsync(() =>
        {
            var clock = Stopwatch.StartNew();
            var picture = ServedPicture.Decode(upload, _network, fields.Crop);
            return (picture, fields, clock.Elapsed.TotalMilliseconds);
        }, context.RequestAborted).ConfigureAwait(false);
    }

    private byte[] Map(ServedPicture picture, ExplainFields fields, double decode, CancellationToken token)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(token);
        limited.CancelAfter(_options.MapTime);
        try
        {
            return RunnerJson.Bytes(_network.Explain(picture, fields, decode, limited.Token));
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new ServeException(422, FormattableString.Invariant(
                $"this map takes longer than the {_options.MapTime.TotalSeconds:0.###} seconds that there are; choose a cheaper method"));
        }
    }

    private async Task ShowAsync(HttpContext context)
    {
        ShownPicture shown = await _underWay.TryAsync(async () =>
        {
            Upload upload = await ReadAsync(context, []).ConfigureAwait(false);
            return await _decoding.TakeAsync(() => ServedPicture.Show(upload, ShownSide), context.RequestAborted).ConfigureAwait(false);
        }).ConfigureAwait(false);
        context.Response.Headers["X-Picture-Width"] = shown.Width.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Picture-Height"] = shown.Height.ToString(CultureInfo.InvariantCulture);
        await WriteAsync(context, 200, shown.Type, shown.File).ConfigureAwait(false);
    }

    private async Task<Upload> ReadAsync(HttpContext context, IReadOnlyList<string> fields)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limited.CancelAfter(_options.BodyTime);
        try
        {
            return await UploadReader.ReadAsync(context.Request, fields, _options.MostBytes, limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw Slow();
        }
    }

    private static ServeException Slow() => new(408, "the picture comes too slowly; scale it down, or send it from nearer by");

    /// <summary>What never changes: a browser that has it asks only whether it is still the same.</summary>
    private static Route Fixed(byte[] content, string type)
    {
        string tag = string.Create(CultureInfo.InvariantCulture, $"\"{Crc32.Of(content):x8}-{content.Length}\"");
        return new Route("GET", Open: true, async (_, context) =>
        {
            context.Response.Headers.ETag = tag;
            context.Response.Headers.CacheControl = "no-cache";
            bool had = context.Request.Headers.IfNoneMatch.ToString() == tag;
            await WriteAsync(context, had ? 304 : 200, type, had ? [] : content).ConfigureAwait(false);
        });
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static Task RefuseAsync(HttpContext context, ServeException refusal)
    {
        if (refusal.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal.Status == 401)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteAsync(context, refusal.Status, Json, RunnerJson.Bytes(new ErrorAnswer(refusal.Message)));
    }

    private static async Task WriteAsync(HttpContext context, int status, string type, byte[] content)
    {
        context.Response.StatusCode = status;
        if (status == 304)
        {
            return;
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
    }

    /// <param name="Method">GET or POST.</param>
    /// <param name="Open">Whether it is for everybody, token or not.</param>
    /// <param name="Answer">Answers.</param>
    private sealed record Route(string Method, bool Open, Func<ServeApplication, HttpContext, Task> Answer);
}
