using System.Text.Json;
using GpuCam.Runner.Images;
using GpuCam.Runner.Reports;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page of <c>gpucam serve</c>: its files, its keys, and how it fits screens and readers.</summary>
[Collection(ServedPagesGroup.Name)]
public sealed class ServeDesignTests(ServedPages pages)
{
    [BrowserFact]
    public async Task Picture_map_and_answer_are_saved()
    {
        await using OpenServe open = await pages.Open();
        Assert.True(await open.Page.Locator(".downloads button").First.IsDisabledAsync());
        JsonElement answer = await open.Answer(() => open.Choose(ServedPages.SceneOf(960, 640), "my scene.png"));
        (string name, byte[] json) = await Saved("JSON");
        Assert.Equal("my_scene_cam_red.json", name);
        Assert.True(JsonElement.DeepEquals(answer, JsonDocument.Parse(json).RootElement));

        (name, byte[] npy) = await Saved("Map");
        Assert.Equal("my_scene_cam_red.npy", name);
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, npy);
        (float[] values, int[] shape) = Npy.ReadFile(file);
        File.Delete(file);
        Assert.Equal([32, 32], shape);
        Assert.Equal(answer.GetProperty("map").GetProperty("values").GetBytesFromBase64(), values.SelectMany(BitConverter.GetBytes));

        (name, byte[] png) = await Saved("Picture");
        Assert.Equal("my_scene_cam_red.png", name);
        Image8 overlay = ImageReader.Read(new MemoryStream(png), name);
        Assert.Equal((960, 640), (overlay.Width, overlay.Height));
        // Yellow of viridis over the red rectangle, blue over black; what was not seen is grey.
        Assert.True(overlay[360, 160] is { R: > 200, G: > 90 });
        Assert.True(overlay[300, 500] is { R: < 60, B: > 30 });
        Assert.Equal(overlay[20, 20].R, overlay[20, 20].B, 8.0);

        async Task<(string Name, byte[] Content)> Saved(string button)
        {
            IDownload download = await open.Page.RunAndWaitForDownloadAsync(
                () => open.Page.Locator(".downloads button", new PageLocatorOptions { HasTextString = button }).ClickAsync());
            return (download.SuggestedFilename, await File.ReadAllBytesAsync(await download.PathAsync()));
        }
    }

    [BrowserFact]
    public async Task Every_control_has_a_name_and_is_reached_by_the_keyboard_and_the_keys_are_listed()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        await open.Page.Keyboard.PressAsync("c");
        await open.Idle();
        string[] nameless = await open.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('canvas, svg:not([aria-hidden]), button, input:not([hidden]), select')]"
            + ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim()"
            + " || [...e.labels ?? []].some(label => label.textContent.trim()))).map(e => e.outerHTML)");
        Assert.Empty(nameless);
        string[] ids = await open.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('[id]')].map(e => e.id)");
        Assert.Equal(ids.Distinct().Count(), ids.Length);

        var reached = new HashSet<string>();
        await open.Page.EvaluateAsync("() => document.activeElement.blur()");
        for (int i = 0; i < 50; i++)
        {
            await open.Page.Keyboard.PressAsync("Tab");
            reached.Add(await open.Page.EvaluateAsync<string>(
                "() => { const at = document.activeElement; return at.id || at.name || at.textContent.slice(0, 4) || at.tagName; }"));
        }

        Assert.Superset(
            new HashSet<string>
            {
                "keys", "theme", "drop", "view", "boxes", "box", "colors", "opacity", "threshold", "crop-x", "crop-height", "compare",
                "method", "layer", "smoothing", "method-2", "search", "search-2", "red1", "CANVAS", "Pict", "Map", "JSON",
            },
            reached.Select(id => id.StartsWith("red", StringComparison.Ordinal) ? "red1" : id).ToHashSet());

        await open.Page.EvaluateAsync("() => document.activeElement.blur()");
        await open.Page.Keyboard.PressAsync("?");
        Assert.True(await open.Page.Locator("#help").IsVisibleAsync());
        await open.Page.Keyboard.PressAsync("c");
        Assert.Equal(2, await open.Page.Locator(".pane").CountAsync());
        await open.Page.Keyboard.PressAsync("Escape");
        Assert.False(await open.Page.Locator("#help").IsVisibleAsync());
        await open.Page.Keyboard.PressAsync("m");
        Assert.Equal("method", await open.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        await open.Page.Keyboard.PressAsync("c");
        Assert.Equal(2, await open.Page.Locator(".pane").CountAsync());
    }

    [BrowserTheory]
    [InlineData(320)]
    [InlineData(360)]
    [InlineData(768)]
    public async Task A_narrow_screen_scrolls_down_only_whatever_is_shown(int width)
    {
        await using OpenServe open = await pages.Open(width: width, height: 740);
        await Fits("empty");
        await open.Choose(ServedPages.SceneOf(300, 900), new string('n', 120) + ".png");
        await Fits("with a picture");
        await open.Page.Keyboard.PressAsync("c");
        await open.Idle();
        await Fits("comparing");
        await open.Page.Keyboard.PressAsync("?");
        await Fits("listing keys");

        async Task Fits(string state)
        {
            int found = await open.Page.EvaluateAsync<int>(
                "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)");
            Assert.True(found <= width, $"{state}: {found} pixels on a screen of {width}");
        }
    }

    [BrowserFact]
    public async Task Dark_follows_the_system_and_nothing_moves_while_a_map_is_made()
    {
        const string Background = "() => getComputedStyle(document.documentElement).backgroundColor";
        await using OpenServe light = await pages.Open();
        await using OpenServe dark = await pages.Open(scheme: ColorScheme.Dark);
        Assert.NotEqual(await light.Page.EvaluateAsync<string>(Background), await dark.Page.EvaluateAsync<string>(Background));
        await light.Choose(ServedPages.Scene);
        await light.Page.EvaluateAsync("() => { window.shifts = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
            + " window.shifts += entry.value; }).observe({ type: 'layout-shift' }); }");
        foreach (string method in (string[])["fullgrad", "scorecam", "gradcam++", "cam"])
        {
            await light.Select("method", method);
        }

        await light.Page.Locator("#search").FillAsync("d");
        await light.Page.Locator("#search").FillAsync("");
        await light.Answer(() => light.Page.Locator(".answers button").Nth(2).ClickAsync());
        Assert.Equal(0, await light.Page.EvaluateAsync<double>(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(window.shifts), 50)))"), 0.001);
    }
}
