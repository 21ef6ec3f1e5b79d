using System.Diagnostics;
using System.Text.Json;
using GpuCam.Model;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>What <c>/api/explain</c> answers, and what it says of fields that cannot be.</summary>
public sealed class ServeExplainTests
{
    private static readonly Box s_white = new(8, 30, 23, 41);
    private static readonly byte[] s_picture = TestServer.Picture(64, 48, s_white);

    [Fact]
    public async Task The_map_of_a_picture_lies_where_its_evidence_is()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonElement answer = await server.ExplainAsync(s_picture);
        Assert.Equal((64, 48), (answer.GetProperty("picture").GetProperty("width").GetInt32(),
            answer.GetProperty("picture").GetProperty("height").GetInt32()));
        Assert.Equal(new Box(0, 0, 63, 47), TestServer.BoxOf(answer.GetProperty("seen")));
        Assert.Equal(new Box(0, 0, 15, 15), TestServer.BoxOf(answer.GetProperty("shown")));
        Assert.Equal(s_white, TestServer.BoxOf(answer.GetProperty("box")));
        JsonElement map = answer.GetProperty("map");
        float[] values = TestServer.ValuesOf(map);
        Assert.Equal(1, values[(11 * 16) + 3], 1e-3);
        Assert.Equal(0, values[0]);
        Assert.Equal(values.Max(), map.GetProperty("maximum").GetSingle());
        Assert.Equal(("bright", 0, "cam", "features", "none", "normal"), (Text(map, "class"), map.GetProperty("index").GetInt32(),
            Text(map, "method"), Text(map, "layer"), Text(map, "smoothing"), Text(map, "state")));
        Assert.False(map.TryGetProperty("explanation", out _));

        JsonElement[] predictions = [.. answer.GetProperty("predictions").EnumerateArray()];
        Assert.Equal([0, 2, 1], predictions.Select(prediction => prediction.GetProperty("index").GetInt32()));
        Assert.Equal(1, predictions.Sum(prediction => prediction.GetProperty("probability").GetDouble()), 1e-9);
        Assert.Equal("half <b>as</b> bright", Text(predictions[1], "class"));
        double mean = 16.0 * 12 / (64 * 48);
        Assert.Equal(mean, predictions[0].GetProperty("logit").GetDouble(), 1e-3);
        foreach (string part in (string[])["decode", "network", "map"])
        {
            Assert.InRange(answer.GetProperty("milliseconds").GetProperty(part).GetDouble(), 0, 60000);
        }
    }

    [Fact]
    public async Task Another_class_method_layer_or_smoothing_is_answered_as_asked()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonElement dark = (await server.ExplainAsync(s_picture, ("class", "1"), ("top", "1"))).GetProperty("map");
        Assert.Equal(("dark", "all_non_positive"), (Text(dark, "class"), Text(dark, "state")));
        Assert.Contains("no positive evidence", Text(dark, "explanation"), StringComparison.Ordinal);

        JsonElement gradient =
            await server.ExplainAsync(s_picture, ("method", "gradcam"), ("layer", "conv+features"), ("smoothing", "aug"));
        Assert.Equal(("gradcam", "conv+features", "aug"), (Text(gradient.GetProperty("map"), "method"),
            Text(gradient.GetProperty("map"), "layer"), Text(gradient.GetProperty("map"), "smoothing")));
        Assert.Equal(s_white, TestServer.BoxOf(gradient.GetProperty("box")));
        Assert.Equal("all", Text((await server.ExplainAsync(s_picture, ("method", "fullgrad"))).GetProperty("map"), "layer"));
        Assert.Single((await server.ExplainAsync(s_picture, ("top", "1"))).GetProperty("predictions").EnumerateArray());
        Assert.Equal(3, (await server.ExplainAsync(s_picture, ("top", "1000"))).GetProperty("predictions").GetArrayLength());
    }

    [Fact]
    public async Task A_part_is_cut_out_of_the_upright_picture_and_answered_in_its_pixels()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonElement answer = await server.ExplainAsync(s_picture, ("crop", "0,24,32,24"));
        Assert.Equal(64, answer.GetProperty("picture").GetProperty("width").GetInt32());
        Assert.Equal(24, answer.GetProperty("picture").GetProperty("crop").GetProperty("height").GetInt32());
        Assert.Equal(new Box(0, 24, 31, 47), TestServer.BoxOf(answer.GetProperty("seen")));
        Assert.Equal(s_white, TestServer.BoxOf(answer.GetProperty("box")));
        Assert.Equal("constant", Text((await server.ExplainAsync(s_picture, ("crop", "8,30,16,12"))).GetProperty("map"), "state"));
        Assert.False((await server.ExplainAsync(s_picture, ("crop", "63,47,1,1"))).TryGetProperty("box", out _));

        // A quarter turn to the right: what was at the left is above, what was below is at the left.
        byte[] turned = TestServer.Picture(64, 48, s_white, PngBuilder.Chunk("eXIf", OrientationTests.Exif(6, little: true)));
        answer = await server.ExplainAsync(turned, ("crop", "0,0,24,32"));
        Assert.Equal(48, answer.GetProperty("picture").GetProperty("width").GetInt32());
        Assert.Equal(new Box(47 - 41, 8, 47 - 30, 23), TestServer.BoxOf(answer.GetProperty("box")));
    }

    [Theory]
    [InlineData("method", "nothing", "there is no method 'nothing'", "gradcam")]
    [InlineData("method", "", "there is no method ''", "cam")]
    [InlineData("layer", "conv9", "unknown layer 'conv9'", "features")]
    [InlineData("layer", "conv", "layer 'conv': method cam needs the layer that is pooled")]
    [InlineData("layer", "pooled", "layer 'pooled' has no place in the image")]
    [InlineData("layer", "features+", "unknown layer ''")]
    [InlineData("class", "3", "3 classes, counted from 0")]
    [InlineData("class", "-1", "class '-1' cannot be read; give a whole number from 0 on")]
    [InlineData("class", "99999999999", "class '99999999999' cannot be read")]
    [InlineData("class", "bright", "class 'bright' cannot be read")]
    [InlineData("top", "0", "top '0' cannot be read; give a whole number from 1 on")]
    [InlineData("top", "1.5", "top '1.5' cannot be read")]
    [InlineData("smoothing", "much", "smoothing 'much' cannot be read; choose from none, aug, eigen")]
    [InlineData("crop", "1,2,3", "crop '1,2,3' cannot be read; give x,y,width,height")]
    [InlineData("crop", "0,0,0,5", "crop '0,0,0,5' cannot be read")]
    [InlineData("crop", "-1,0,5,5", "crop '-1,0,5,5' cannot be read")]
    [InlineData("crop", "0,0,65,48", "crop 0,0,65,48 leaves the picture, which has 64 x 48 pixels")]
    [InlineData("crop", "2147483647,0,2147483647,1", "leaves the picture")]
    [InlineData("threshold", "0.5", "there is no field 'threshold'", "crop")]
    public async Task A_field_that_cannot_be_is_named_with_what_can(string field, string value, params string[] fragments)
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.RefuseAsync(TestServer.Form(s_picture, "a.png", (field, value)), 400, fragments);
        Assert.Empty(server.Reports);
    }

    [Fact]
    public async Task Eight_clients_at_once_each_get_their_own_answer()
    {
        await using TestServer server = await TestServer.StartAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var white = new Box(4 * (i % 10), 3 * (i % 11), (4 * (i % 10)) + 15, (3 * (i % 11)) + 11);
            JsonElement answer = await server.ExplainAsync(
                TestServer.Picture(64, 48, white), ("method", i % 3 == 0 ? "gradcam" : "cam"), ("class", i % 4 == 0 ? "2" : "0"));
            Assert.Equal(white, TestServer.BoxOf(answer.GetProperty("box")));
            Assert.Equal(i % 4 == 0 ? 2 : 0, answer.GetProperty("map").GetProperty("index").GetInt32());
        });
    }

    [Fact]
    public async Task Nothing_of_a_request_stays()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.ExplainAsync(s_picture, ("method", "gradcam"));
        await server.ExplainAsync(s_picture);
        int buffers = server.LiveBuffers;
        for (int i = 0; i < 200; i++)
        {
            await server.ExplainAsync(s_picture, ("method", i % 2 == 0 ? "gradcam" : "cam"));
        }

        Assert.Equal(buffers, server.LiveBuffers);
    }

    [Fact]
    public async Task A_map_that_takes_too_long_is_refused()
    {
        await using TestServer server = await TestServer.StartAsync(
            TestServer.Free with { MapTime = TimeSpan.FromSeconds(0.1) }, channels: 128, side: 48);
        await server.RefuseAsync(TestServer.Form(s_picture, "a.png", ("method", "scorecam")), 422,
            "takes longer than the 0.1 seconds that there are; choose a cheaper method");
        Assert.Empty(server.Reports);
    }

    [Fact]
    public async Task A_method_that_looks_at_changed_copies_ends_when_nobody_listens_any_more()
    {
        await using TestServer server = await TestServer.StartAsync(TestServer.Free, channels: 32, side: 48);
        await server.ExplainAsync(s_picture, ("method", "sscam"));
        double share = 1;
        for (int attempt = 0; attempt < 5 && share > 0.8; attempt++)    // the machine may be busy with something else
        {
            var clock = Stopwatch.StartNew();
            await server.ExplainAsync(s_picture, ("method", "sscam"));
            TimeSpan whole = clock.Elapsed;

            using var patience = new CancellationTokenSource(whole / 8);
            clock.Restart();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                server.Client.PostAsync("api/explain", TestServer.Form(s_picture, "a.png", ("method", "sscam")), patience.Token));
            await server.ExplainAsync(s_picture);
            share = clock.Elapsed / whole;
        }

        Assert.InRange(share, 0, 0.8);
        Assert.Empty(server.Reports);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
