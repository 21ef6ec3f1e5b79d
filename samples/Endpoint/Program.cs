// Explains the pictures that are posted to it: dotnet run -- --model model.onnx
//     curl --data-binary @photo.jpg "http://localhost:5000/explain?method=gradcam"
using GpuCam;
using GpuCam.Model;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

const int MostBytes = 20_000_000, MostPixels = 50_000_000;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MostBytes);

// One for all requests: they take turns on the network.
using var explainer = Explainer.Load(builder.Configuration["model"] ?? "model.onnx");

WebApplication app = builder.Build();
app.MapPost("/explain", async (HttpRequest request, string? method, string? layer, int? index, CancellationToken token) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, token);
    body.Position = 0;
    if (Image.Identify(body) is not { } header)
    {
        return Problem(StatusCodes.Status415UnsupportedMediaType, "this is no picture that can be read; send PNG, JPEG, GIF, BMP or WebP");
    }

    if ((long)header.Width * header.Height > MostPixels)
    {
        return Problem(StatusCodes.Status413PayloadTooLarge, $"{header.Width} x {header.Height} pixels are too many; scale it down");
    }

    try
    {
        body.Position = 0;
        using Image<Rgb24> image = Image.Load<Rgb24>(body);
        image.Mutate(picture => picture.AutoOrient());
        byte[] pixels = new byte[3 * image.Width * image.Height];
        image.CopyPixelDataTo(pixels);
        var wanted = new ExplainRequest { Method = method, Layer = layer, Classes = index is { } one ? [one] : [] };

        // Away from the threads that serve: it may wait for its turn.
        Explanation explanation = await Task.Run(() => explainer.Explain(pixels, image.Width, image.Height, wanted, token: token), token);
        ClassMap map = explanation.Map;
        using var overlay = Image.LoadPixelData<Rgb24>(map.Overlay(pixels), image.Width, image.Height);
        return Results.Json(new
        {
            predictions = explanation.Predictions.Take(5),
            map = new { index = map.Class.Index, name = map.Class.Name, method = map.Method, layer = map.Layer, box = map.Box },
            overlay = overlay.ToBase64String(SixLabors.ImageSharp.Formats.Png.PngFormat.Instance),
        });
    }
    catch (GpuCamException e)
    {
        return Problem(StatusCodes.Status400BadRequest, e.Message);
    }
    catch (Exception e) when (e is ImageFormatException or InvalidOperationException)
    {
        return Problem(StatusCodes.Status415UnsupportedMediaType, "the picture is damaged; save it anew");
    }
});
app.Run();

static IResult Problem(int status, string error) => Results.Json(new { error }, statusCode: status);
