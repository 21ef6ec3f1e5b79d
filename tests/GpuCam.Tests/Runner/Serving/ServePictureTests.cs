using System.Net.Http.Headers;
using System.Text.Json;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>Pictures of every kind: each is shown right or named with a friendly word.</summary>
public sealed class ServePictureTests
{
    [Fact]
    public async Task Every_kind_of_picture_that_is_read_is_explained_and_shown()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach ((string name, (byte[] file, byte[] rgb)) in PictureSamples.All)
        {
            JsonElement picture = (await server.ExplainAsync([.. file])).GetProperty("picture");
            Assert.Equal((PictureSamples.Width, PictureSamples.Height),
                (picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32()));
            (Image8 shown, HttpContentHeaders headers) = await ShowAsync(server, file, name);
            Assert.Equal("image/png", headers.ContentType?.MediaType);
            Assert.Equal(rgb, shown.Pixels);
        }
    }

    [Fact]
    public async Task Sixteen_bits_one_pixel_and_transparency_are_read()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] deep = new PngBuilder(64, 48, 16, 0, (x, y, _) => new Box(8, 30, 23, 41).Contains(x, y) ? 65535 : 0).Build();
        Assert.Equal(new Box(8, 30, 23, 41), TestServer.BoxOf((await server.ExplainAsync(deep)).GetProperty("box")));
        JsonElement one = await server.ExplainAsync(new PngBuilder(1, 1, 8, 2, (_, _, _) => 255).Build());
        Assert.Equal("constant", one.GetProperty("map").GetProperty("state").GetString());
        Assert.Equal(new Box(0, 0, 0, 0), TestServer.BoxOf(one.GetProperty("seen")));
        byte[] clear = new PngBuilder(4, 4, 8, 6, (_, _, _) => 0).Build();
        Assert.All((await ShowAsync(server, clear, "clear.png")).Shown.Pixels, value => Assert.Equal(255, value));
    }

    [Fact]
    public async Task Twenty_megapixels_are_scaled_down_upright_for_the_page_and_cut_exactly()
    {
        await using TestServer server = await TestServer.StartAsync();
        var image = new Image8(5000, 4000);
        image.FillRectangle(1000, 2000, 1000, 500, new Rgb(255, 255, 255));
        using var stream = new MemoryStream();
        JpegWriter.Write(image, stream, JpegWriter.Drawn);
        byte[] file = OrientationTests.JpegWith(stream.ToArray(), OrientationTests.Exif(3, little: false));
        var white = new Box(5000 - 2000, 4000 - 2500, 5000 - 1001, 4000 - 2001);

        (Image8 shown, HttpContentHeaders headers) = await ShowAsync(server, file, "large.jpg", (5000, 4000));
        Assert.Equal((1600, 1280, "image/jpeg"), (shown.Width, shown.Height, headers.ContentType?.MediaType));
        Assert.True(shown[(white.X0 + 500) * 1600 / 5000, (white.Y0 + 250) * 1280 / 4000].Grey > 250);
        JsonElement whole = await server.ExplainAsync(file);
        Assert.Equal(5000, whole.GetProperty("picture").GetProperty("width").GetInt32());
        Assert.True(TestServer.BoxOf(whole.GetProperty("box")).IntersectionOverUnion(white) > 0.4);
        JsonElement part = await server.ExplainAsync(file, ("crop", "2840,1420,1280,640"));
        Assert.True(TestServer.BoxOf(part.GetProperty("box")).IntersectionOverUnion(white) > 0.9, part.GetProperty("box").ToString());
    }

    [Theory]
    [InlineData("504B03040A0000000000", "a ZIP archive, not an image")]
    [InlineData("49492A0008000000", "a TIFF image, which is not read; convert it to PNG")]
    [InlineData("68656C6C6F2C20776F726C64", "no image but text")]
    [InlineData("", "the file is empty")]
    [InlineData("FFD8FFE000104A464946", "damaged at byte")]
    [InlineData("89504E470D0A1A0A0000000D49484452000186A0000186A00800000000", "damaged at byte")]
    public async Task What_is_no_picture_is_named_for_what_it_is_under_the_name_that_it_came_with(string hex, string part)
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] file = Convert.FromHexString(hex);
        await server.RefuseAsync(TestServer.Form(file, "holiday.png"), 422, "holiday.png: ", part);
        await server.RefuseAsync(
            new HttpRequestMessage(HttpMethod.Post, "api/picture") { Content = TestServer.Form(file, "holiday.png") }, 422, part);
    }

    [Fact]
    public async Task A_header_that_claims_more_pixels_than_are_read_costs_nothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] claiming = PngBuilder.Join(
            [PngBuilder.Signature, PngBuilder.Chunk("IHDR", PngBuilder.Header(100000, 100000, 8, 0, 0)), PngBuilder.Chunk("IEND", [])]);
        await server.RefuseAsync(TestServer.Form(claiming), 422, "claims 100000 x 100000 pixels");
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd: ")]
    [InlineData("C:\\\\photos\\\\cat.png", "cat.png: ")]
    [InlineData("a\u202Egnp.exe", "a?gnp.exe: ")]
    [InlineData("..", "..: ")]
    [InlineData("/", "the picture: ")]
    public async Task The_name_that_came_with_a_file_is_shown_as_a_plain_word(string name, string start)
    {
        await using TestServer server = await TestServer.StartAsync();
        var part = new ByteArrayContent([1, 2, 3]);
        part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=picture; filename=\"{name}\"");
        if (!name.All(char.IsAscii))
        {
            part.Headers.Remove("Content-Disposition");
            part.Headers.TryAddWithoutValidation(
                "Content-Disposition", $"form-data; name=picture; filename*=UTF-8''{Uri.EscapeDataString(name)}");
        }

        string error = await server.RefuseAsync(new MultipartFormDataContent { part }, 422);
        Assert.StartsWith(start, error, StringComparison.Ordinal);
    }

    private static async Task<(Image8 Shown, HttpContentHeaders Headers)> ShowAsync(
        TestServer server, byte[] file, string name, (int Width, int Height)? size = null)
    {
        using HttpResponseMessage response = await server.Client.PostAsync("api/picture", TestServer.Form(file, name));
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(body));
        if (size is { } own)
        {
            Assert.Equal($"{own.Width}", Assert.Single(response.Headers.GetValues("X-Picture-Width")));
            Assert.Equal($"{own.Height}", Assert.Single(response.Headers.GetValues("X-Picture-Height")));
        }

        return (ImageReader.Read(new MemoryStream(body), name), response.Content.Headers);
    }
}
