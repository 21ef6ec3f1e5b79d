using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Cams;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner;

/// <summary>What the compiler found out about records is what reflection finds.</summary>
public class RunnerJsonTests
{
    private static readonly JsonSerializerOptions s_reflection =
        new(RunnerJson.Create(indented: true)) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static readonly CamManifest s_manifest = new(
        CamManifest.CurrentFormat, "m.onnx", "cam", "conv", "half-pixel", 0.2f,
        [
            new CamImage(
                "ä<b>.jpg", "a/input.jpg", 640, 480, new Box(0, 1, 2, 3), "cat", null, ["a/montage_2.jpg"],
                [new CamPrediction("cat", 3, "cat, a", 0.1, double.NaN)],
                [
                    new CamMap("cat", 3, null, "cam", "conv", "a/cam.jpg", "a/cam.npy", -1.5f, float.PositiveInfinity, true,
                        MapState.AllNonPositive, "nothing is positive", new Box(4, 5, 6, 7)),
                    new CamMap("dog", 4, null, "cam", "conv", "a/dog.jpg", "a/dog.npy", null, null, false, MapState.Normal, null, null),
                ],
                new Box(8, 9, 10, 11)),
        ],
        new MapSettings("none", 0, 10, 0.1f, 0.6f, ulong.MaxValue), "light", [new CamRefusal("b.jpg", "it is damaged")]);

    [Fact]
    public void A_manifest_is_written_and_read_as_by_reflection()
    {
        string text = RunnerJson.Pretty(s_manifest);
        Assert.Equal(JsonSerializer.Serialize(s_manifest, s_reflection), text);
        GalleryManifest read = RunnerJson.Read<GalleryManifest>(text);
        string expected = JsonSerializer.Serialize(JsonSerializer.Deserialize<GalleryManifest>(text, s_reflection), s_reflection);
        Assert.Equal(expected, JsonSerializer.Serialize(read, s_reflection));
        Assert.Equal(expected, RunnerJson.Pretty(GalleryManifest.Of(s_manifest)));
        Assert.Throws<JsonException>(() => RunnerJson.Read<GalleryManifest>("{\"format\": null, \"images\": []}"));
    }

    [Fact]
    public void A_page_is_written_as_by_reflection()
    {
        var frame = new GalleryFrame(new PackedMap(7, 7, -1, 2, "AAAA"), null, [1, 2, 3, 4], 0.5, "cat", 0.25, null, true);
        var page = new ReportData
        {
            Kind = "cams",
            Title = "t",
            Folder = "/f",
            Written = new DateTimeOffset(2026, 11, 26, 1, 2, 3, TimeSpan.FromHours(1)),
            Gallery = new GalleryData(
                0.2f, [new AxisEntry("half-pixel", Method: "cam", Layer: "conv")],
                [new GalleryImage("a", 1, 2, "AA==", "image/png", false) { Columns = 3, Answers = [new GalleryAnswer("cat", 1)] }],
                [new GalleryItem(0, "cat", null, [frame, null])]),
            Notes = ["one"],
        };
        Assert.Equal(JsonSerializer.Serialize(page, s_reflection), RunnerJson.Pretty(page));
    }
}
