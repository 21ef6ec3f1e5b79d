using System.Text.Json.Nodes;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page that <c>gpucam cam</c> writes, and the comparison of methods and layers.</summary>
[Collection(PagesGroup.Name)]
public sealed class CamTests(Pages pages)
{
    [BrowserFact]
    public async Task The_maps_of_an_image_are_shown_with_their_values()
    {
        await using OpenPage open = await pages.Open(Path.Combine(pages.Cams, "cam.html"));
        Assert.Equal(3, await open.Tiles.CountAsync());
        Assert.False(await open.Page.Locator("#curves").IsVisibleAsync());
        await open.Tiles.Nth(2).ClickAsync();
        JsonNode map = JsonNode.Parse(File.ReadAllText(Path.Combine(pages.Cams, "manifest.json")))!["images"]![0]!["maps"]![2]!;
        Assert.Contains($"class {map["class"]}", await open.Page.Locator(".viewer > h3").TextContentAsync(), StringComparison.Ordinal);
        await ReportTests.AssertValues(open, Path.Combine(pages.Cams, (string)map["raw"]!), [(0, 0), (20, 11), (35, 35)]);
    }

    [BrowserFact]
    public async Task Methods_and_layers_stand_side_by_side_in_both_pages()
    {
        (string folder, JsonNode manifest) = CopyOfMaps("versus");

        // Every map three times more, as if by other methods and at other layers.
        JsonArray maps = manifest["images"]![0]!["maps"]!.AsArray();
        JsonNode[] first = [.. maps.Select(map => map!.DeepClone())];
        maps.Clear();
        foreach ((string method, string layer) in ((string, string)[])[("cam", "pool2"), ("grad-cam", "pool2"), ("grad-cam", "conv2"),
            ("layer-cam", "conv2")])
        {
            foreach (JsonNode map in first)
            {
                JsonNode copy = map.DeepClone();
                (copy["method"], copy["layer"]) = (method, layer);
                maps.Add(copy);
            }
        }

        Save(manifest, folder);
        await using (OpenPage open = await pages.Open(CamReport.Write(folder)))
        {
            await AssertGrid(open);
            Assert.Equal(3, await open.Tiles.CountAsync());
            Assert.Equal("3", await open.Slider.GetAttributeAsync("max"));
        }

        await using OpenPage report =
            await pages.Open(RunReport.Write(new RunFolder(pages.Small.Folder), [folder], Path.Combine(folder, "report.html")));
        await AssertGrid(report);
        Assert.Equal(pages.Small.Images, await report.Tiles.CountAsync());
    }

    [BrowserFact]
    public async Task Images_are_inverted_under_maps_only_where_the_manifest_says_so()
    {
        Assert.True(await Brightness("dark") > await Brightness("light") + 50, "digits are light strokes on black");

        async Task<double> Brightness(string background)
        {
            (string folder, JsonNode manifest) = CopyOfMaps($"on-{background}");
            Assert.Equal("dark", (string?)manifest["background"]);
            manifest["background"] = background;
            Save(manifest, folder);
            await using OpenPage open = await pages.Open(CamReport.Write(folder));
            return await open.Tiles.First.Locator("canvas").EvaluateAsync<double>("""
                canvas => {
                  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                  return data.reduce((sum, value) => sum + value, 0) / data.length;
                }
                """);
        }
    }

    [BrowserFact]
    public async Task Classes_of_one_name_have_a_tile_each_with_their_numbers()
    {
        (string folder, JsonNode manifest) = CopyOfMaps("cranes");
        JsonNode image = manifest["images"]![0]!;
        foreach (JsonNode? entry in image["maps"]!.AsArray().Concat(image["predictions"]!.AsArray()))
        {
            (entry!["class"], entry["label"]) = ("crane", $"crane #{entry["index"]}");
        }

        Save(manifest, folder);
        await using OpenPage open = await pages.Open(CamReport.Write(folder));
        Assert.Equal(3, await open.Tiles.CountAsync());
        for (int i = 0; i < 3; i++)
        {
            await open.Tiles.Nth(i).ClickAsync();
            string? title = await open.Page.Locator(".viewer > h3").TextContentAsync();
            Assert.Contains($"class {image["maps"]![i]!["label"]}", title, StringComparison.Ordinal);
        }
    }

    [BrowserFact]
    public async Task A_map_that_ends_in_a_ReLU_is_coloured_after_it()
    {
        await using OpenPage open = await pages.Open(Path.Combine(pages.RectifiedCams, "cam.html"));
        JsonNode map = JsonNode.Parse(File.ReadAllText(Path.Combine(pages.RectifiedCams, "manifest.json")))!["images"]![0]!["maps"]![0]!;
        (float[] raw, _) = Npy.ReadFile(Path.Combine(pages.RectifiedCams, (string)map["raw"]!));
        int least = Array.IndexOf(raw, raw.Min());
        Assert.True(raw[least] < 0);
        Assert.Equal(raw[least], await open.ValueAt(least % 36, least / 36, 36), 1e-3 * (raw.Max() - raw.Min()));

        // The colours begin at 0, whatever lies below it.
        Assert.Equal("0", await open.Page.Locator(".scale span").First.TextContentAsync());
    }

    [BrowserFact]
    public async Task A_narrow_screen_scrolls_down_only()
    {
        await using OpenPage open = await pages.Open(Path.Combine(pages.Cams, "cam.html"), 360, 800);
        Assert.True(await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= 360);
    }

    /// <summary>The maps again, in a folder of their own, and their manifest to change.</summary>
    private (string Folder, JsonNode Manifest) CopyOfMaps(string name)
    {
        string folder = pages.Folder(name);
        foreach (string file in Directory.EnumerateFiles(pages.Cams, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(pages.Cams, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return (folder, JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")))!);
    }

    private static void Save(JsonNode manifest, string folder) =>
        File.WriteAllText(Path.Combine(folder, "manifest.json"), manifest.ToJsonString());

    private static async Task AssertGrid(OpenPage open)
    {
        ILocator grid = open.Page.Locator(".versus");
        Assert.Equal(["pool2", "conv2"], await grid.Locator("thead th").AllTextContentsAsync());
        Assert.Equal(["cam", "grad-cam", "layer-cam"], await grid.Locator("tbody th").AllTextContentsAsync());
        Assert.Equal(4, await grid.Locator("canvas:visible").CountAsync());
        string before = await OpenPage.Pixels(grid.Locator("canvas").First);
        await open.Page.Locator("#compared").SelectOptionAsync("1");
        Assert.NotEqual(before, await OpenPage.Pixels(grid.Locator("canvas").First));
    }
}
