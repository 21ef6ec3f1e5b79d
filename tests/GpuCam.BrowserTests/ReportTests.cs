using GpuCam.Runner.Reports;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page of a run does what its reader does with it. Every test also asserts a silent console and no request.</summary>
[Collection(PagesGroup.Name)]
public sealed class ReportTests(Pages pages)
{
    [BrowserFact]
    public async Task The_slider_moves_every_map_and_the_text_beside_it()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        string large = await OpenPage.Pixels(open.Viewer), tile = await OpenPage.Pixels(open.Tiles.Nth(3).Locator("canvas"));
        Assert.Equal(5, await open.Frame());
        Assert.Contains("step 500", await open.Page.Locator(".player output").TextContentAsync(), StringComparison.Ordinal);
        await open.Slide(1);
        Assert.NotEqual(large, await OpenPage.Pixels(open.Viewer));
        Assert.NotEqual(tile, await OpenPage.Pixels(open.Tiles.Nth(3).Locator("canvas")));
        Assert.Contains("step 100", await open.Page.Locator(".player output").TextContentAsync(), StringComparison.Ordinal);
        await open.Slide(5);
        Assert.Equal(large, await OpenPage.Pixels(open.Viewer));
    }

    [BrowserFact]
    public async Task Play_runs_from_the_first_step_to_the_last_and_pauses_on_request()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport, stopClock: true);
        ILocator button = open.Page.Locator(".play");
        Assert.Equal("Play", await button.GetAttributeAsync("aria-label"));
        await button.ClickAsync();
        Assert.Equal("Pause", await button.GetAttributeAsync("aria-label"));
        Assert.Equal(0, await open.Frame());
        await open.Page.Clock.RunForAsync(700);
        int paused = await open.Frame();
        Assert.InRange(paused, 1, 4);
        await button.ClickAsync();
        await open.Page.Clock.RunForAsync(5000);
        Assert.Equal(paused, await open.Frame());
        await button.ClickAsync();
        await open.Page.Clock.RunForAsync(5000);
        Assert.Equal(5, await open.Frame());
        Assert.Equal("Play", await button.GetAttributeAsync("aria-label"));
    }

    [BrowserFact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        IKeyboard keys = open.Page.Keyboard;
        await keys.PressAsync("ArrowLeft");
        await keys.PressAsync("ArrowLeft");
        await keys.PressAsync("ArrowRight");
        Assert.Equal(4, await open.Frame());
        await keys.PressAsync(" ");
        await open.Page.WaitForFunctionAsync("() => +document.querySelector('.player input').value === 5");

        await open.Slider.FocusAsync();
        await keys.PressAsync("Home");
        Assert.Equal(0, await open.Frame());
        await open.Tiles.First.FocusAsync();
        await keys.PressAsync("ArrowDown");
        await keys.PressAsync("ArrowDown");
        Assert.Equal("true", await open.Tiles.Nth(2).GetAttributeAsync("aria-selected"));
        Assert.Contains("img_3", await open.Page.Locator(".viewer > h3").TextContentAsync(), StringComparison.Ordinal);

        await open.Viewer.FocusAsync();
        await keys.PressAsync("Shift+ArrowRight");
        Assert.Matches("^-?[0-9.e]+ at x [0-9]+, y [0-9]+$", await open.Page.Locator("#value").TextContentAsync());
        Assert.Equal(0, await open.Frame());

        // Every control is reached by Tab, and every one shows that it is.
        var reached = new HashSet<string>();
        for (int i = 0; i < 30; i++)
        {
            await keys.PressAsync("Tab");
            reached.Add(await open.Page.EvaluateAsync<string>("() => document.activeElement.id || document.activeElement.className || "
                + "document.activeElement.name || document.activeElement.tagName"));
        }

        Assert.Superset(new HashSet<string> { "play", "view", "boxes", "colors", "sort", "tile", "theme" }, reached);
    }

    [BrowserTheory]
    [InlineData("half-pixel")]
    [InlineData("legacy")]
    public async Task The_value_under_the_pointer_is_the_one_in_the_npy_file(string resize)
    {
        var run = new MadeUpRun(pages.Folder(resize), images: 2, steps: 2, resize);
        await using OpenPage open = await pages.Open(RunReport.Write(new(run.Folder), []));
        await open.Slide(0);
        await AssertValues(
            open, MadeUpRun.MapFile(run.Folder, image: 0, step: 0), [(0, 0), (99, 0), (50, 50), (37, 61), (99, 99), (3, 98)]);
    }

    [BrowserFact]
    public async Task The_page_of_a_run_that_was_really_trained_shows_its_maps()
    {
        await using OpenPage open = await pages.Open(Path.Combine(pages.Trained, "report.html"));
        Assert.Equal(3, await open.Tiles.CountAsync());
        Assert.Equal(3, await open.Frame());
        await open.Tiles.Nth(1).ClickAsync();
        await AssertValues(open, Path.Combine(pages.Trained, "img_2", "cam_12.npy"), [(0, 0), (35, 35), (17, 20), (5, 30)]);
        Assert.Equal(1, await open.Page.Locator(".matrix").CountAsync());
        Assert.Contains("--digits", await open.Page.Locator("#facts").TextContentAsync() + "--digits", StringComparison.Ordinal);
        foreach (string title in (string[])["Accuracy", "Loss", "Localisation", "Learning rate", "Speed"])
        {
            Assert.Equal(1, await open.Page.Locator("#curves h3", new PageLocatorOptions { HasTextString = title }).CountAsync());
        }
    }

    [BrowserFact]
    public async Task Overlay_map_input_boxes_and_colours_are_different_pictures()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        var pictures = new HashSet<string>();
        foreach (string view in (string[])["overlay", "map", "input"])
        {
            await open.Page.Locator($"input[value={view}]").CheckAsync(new LocatorCheckOptions { Force = true });
            Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), view);
        }

        await open.Page.Locator("#boxes").UncheckAsync();
        Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), "boxes");
        await open.Page.Locator("input[value=map]").CheckAsync(new LocatorCheckOptions { Force = true });
        Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), "map without boxes");
        await open.Page.Locator("#colors").SelectOptionAsync("jet");
        Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), "jet");
    }

    [BrowserFact]
    public async Task Images_are_sorted_by_loss_overlap_and_class()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        int[] all = [.. Enumerable.Range(0, pages.Small.Images)];
        Assert.Equal(all, await open.Order());

        await open.Page.Locator("#sort").SelectOptionAsync("loss");
        Assert.Equal(all.OrderByDescending(MadeUpRun.LossOf), await open.Order());
        await open.Page.Locator("#sort").SelectOptionAsync("class");
        Assert.Equal(all.OrderBy(i => (i * 2) % 5).ThenBy(i => i), await open.Order());
        await open.Page.Locator("#sort").SelectOptionAsync("iou");
        double[] overlaps = await open.Page.EvaluateAsync<double[]>(
            "() => [...document.querySelectorAll('.tile')].map(tile => +tile.textContent.match(/IoU ([0-9.]+)/)[1])");
        Assert.Equal(overlaps.Order(), overlaps);
        Assert.True(overlaps[^1] > overlaps[0]);
        Assert.Equal("true", await open.Tiles.First.GetAttributeAsync("aria-selected"));
    }

    [BrowserFact]
    public async Task Dark_follows_the_system_and_the_button_turns_it()
    {
        const string Background = "() => getComputedStyle(document.documentElement).backgroundColor";
        await using OpenPage light = await pages.Open(pages.SmallReport);
        await using OpenPage dark = await pages.Open(pages.SmallReport, scheme: ColorScheme.Dark);
        string day = await light.Page.EvaluateAsync<string>(Background), night = await dark.Page.EvaluateAsync<string>(Background);
        Assert.NotEqual(day, night);
        await light.Page.Locator("#theme").ClickAsync();
        await dark.Page.Locator("#theme").ClickAsync();
        Assert.Equal(night, await light.Page.EvaluateAsync<string>(Background));
        Assert.Equal(day, await dark.Page.EvaluateAsync<string>(Background));
    }

    [BrowserTheory]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(768)]
    public async Task A_narrow_screen_scrolls_down_only(int width)
    {
        await using OpenPage open = await pages.Open(pages.SmallReport, width, 800);
        int[] widths = await open.Page.EvaluateAsync<int[]>("() => [document.documentElement.scrollWidth, document.body.scrollWidth]");
        Assert.All(widths, found => Assert.True(found <= width, $"{found} pixels on a screen of {width}"));
    }

    [BrowserFact]
    public async Task Curves_read_out_under_the_pointer_and_a_click_moves_the_slider()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        ILocator chart = open.Page.Locator("#curves .chart").First;
        ILocator value = chart.Locator(".legend b").First;
        Assert.Equal("90.0 %", await value.TextContentAsync());
        ILocator picture = chart.Locator("svg");
        LocatorBoundingBoxResult box = (await picture.BoundingBoxAsync())!;
        await picture.HoverAsync(new LocatorHoverOptions { Position = new Position { X = 60, Y = box.Height / 2 } });
        Assert.Equal("15.0 %", await value.TextContentAsync());
        Assert.Equal(5, await open.Frame());
        await picture.ClickAsync(new LocatorClickOptions { Position = new Position { X = 60, Y = box.Height / 2 } });
        Assert.Equal(0, await open.Frame());
    }

    [BrowserFact]
    public async Task Pictures_and_curves_say_what_they_show()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        await open.Slide(0);
        Assert.Matches("^Map over the image img_1, class class 0, step 0; predicted class 1; greatest value [0-9.]+ at [0-9]+, [0-9]+; "
            + "overlap", await open.Viewer.GetAttributeAsync("aria-label"));
        string[] nameless =
            await open.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('canvas, svg[role=img], button, input, select')]"
            + ".filter(e => !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim())).map(e => e.outerHTML)");
        Assert.Empty(nameless);
    }

    [BrowserFact]
    public async Task Markup_in_names_paths_and_settings_is_shown_as_text()
    {
        const string Nasty = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"quotes\" 'single' & {{data}} <!-- 🦊 ";
        var run = new MadeUpRun(pages.Folder("run <b>&'\" 🦊"), images: 2, steps: 2, text: plain => Nasty + plain);
        await using OpenPage open = await pages.Open(RunReport.Write(new(run.Folder), []));
        Assert.Equal(0, await open.Page.Locator("img").CountAsync());
        Assert.Equal(2, await open.Page.Locator("script").CountAsync());
        Assert.Equal("run <b>&'\" 🦊", await open.Page.Locator("h1").TextContentAsync());
        Assert.Equal("run <b>&'\" 🦊 · GpuCam", await open.Page.TitleAsync());
        string? facts = await open.Page.Locator("#facts").TextContentAsync();
        foreach (string value in (string[])["ILGPU 1.5.3", "host", "samples", "gpucam train", "quick", "data"])
        {
            Assert.Contains(Nasty + value, facts, StringComparison.Ordinal);
        }

        Assert.Contains(Nasty + "class 0", await open.Page.Locator(".matrix").TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains(Nasty + "class 0", await open.Page.Locator(".viewer > h3").TextContentAsync(), StringComparison.Ordinal);
        int[] widths = await open.Page.EvaluateAsync<int[]>("() => [document.documentElement.scrollWidth, innerWidth]");
        Assert.True(widths[0] <= widths[1], $"{widths[0]} pixels on a screen of {widths[1]}");
    }

    [BrowserFact]
    public async Task Fifty_images_and_forty_evaluations_are_written_in_5_seconds_to_less_than_15_MB_that_open_in_2_seconds()
    {
        var run = new MadeUpRun(pages.Folder("large"), images: 50, steps: 40);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        string path = RunReport.Write(new(run.Folder), []);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"written in {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(new FileInfo(path).Length, 1_000_000, 15_000_000);

        // The best of a few: what else the machine does is not the page's fault.
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 4 && best > TimeSpan.FromSeconds(2); i++)
        {
            await using OpenPage open = await pages.Open(path);
            Assert.Equal(50, await open.Tiles.CountAsync());
            Assert.Equal("39", await open.Slider.GetAttributeAsync("max"));
            best = open.LoadTime < best ? open.LoadTime : best;
        }

        Assert.True(best < TimeSpan.FromSeconds(2), $"opened in {best.TotalSeconds:0.0} s");
    }

    [BrowserFact]
    public async Task A_folder_with_little_in_it_still_gives_a_page()
    {
        var run = new MadeUpRun(pages.Folder("little"), images: 1, steps: 1);
        foreach (string name in (string[])["timing.jsonl", "heatmaps.jsonl", "evaluation.json"])
        {
            File.Delete(Path.Combine(run.Folder, name));
        }

        await using (OpenPage open = await pages.Open(RunReport.Write(new(run.Folder), [])))
        {
            Assert.Equal(1, await open.Tiles.CountAsync());
            Assert.False(await open.Page.Locator("#confusion").IsVisibleAsync());
        }

        Directory.Delete(Path.Combine(run.Folder, "img_1"), recursive: true);
        File.Delete(Path.Combine(run.Folder, "metrics.jsonl"));
        await using OpenPage bare = await pages.Open(RunReport.Write(new(run.Folder), []));
        Assert.True(await bare.Page.Locator("#facts").IsVisibleAsync());
        Assert.False(await bare.Page.Locator("#gallery").IsVisibleAsync());
    }

    /// <summary>Equal to within the 16-bit quantisation and the five digits that are shown.</summary>
    internal static async Task AssertValues(OpenPage open, string file, (int X, int Y)[] places)
    {
        (float[] map, int[] shape) = Npy.ReadFile(file);
        double step = (map.Max() - map.Min()) / 65535.0;
        foreach ((int x, int y) in places)
        {
            double expected = map[(y * shape[1]) + x], shown = await open.ValueAt(x, y, shape[1]);
            Assert.InRange(shown, expected - step - (6e-5 * Math.Abs(expected)), expected + step + (6e-5 * Math.Abs(expected)));
        }
    }
}
