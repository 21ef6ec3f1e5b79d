using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>What a run's page says of mistakes: which classes, and in which images.</summary>
[Collection(PagesGroup.Name)]
public sealed class WorstTests(Pages pages)
{
    [BrowserFact]
    public async Task The_images_that_went_worst_are_shown_with_the_maps_of_both_classes()
    {
        await using OpenPage open = await pages.Open(pages.SmallReport);
        ILocator cards = open.Page.Locator("#worst .card");
        Assert.Equal(4, await cards.CountAsync());
        Assert.Equal(2, await cards.First.Locator("canvas").CountAsync());
        Assert.Equal(3, await cards.Nth(1).Locator("canvas").CountAsync());
        Assert.Equal("class 2 taken for class 1loss 2 · IoU 0.20", await cards.Nth(1).Locator("figcaption").TextContentAsync());
        Assert.Equal(["test image 1", "class 210.0 %", "class 180.0 %"], await cards.Nth(1).Locator(".views span").AllTextContentsAsync());

        // They draw themselves when they come into view, and follow what is chosen for all maps.
        await cards.Nth(1).ScrollIntoViewIfNeededAsync();
        await open.Page.WaitForFunctionAsync("() => document.querySelectorAll('#worst canvas')[3].width > 1");
        ILocator canvases = cards.Nth(1).Locator("canvas");
        string[] drawn = new string[3];
        for (int i = 0; i < drawn.Length; i++)
        {
            drawn[i] = await OpenPage.Pixels(canvases.Nth(i));
        }

        Assert.Equal(3, drawn.Distinct().Count());
        await open.Page.Locator("#colors").SelectOptionAsync("jet");
        Assert.Equal(drawn[0], await OpenPage.Pixels(canvases.Nth(0)));
        Assert.NotEqual(drawn[1], await OpenPage.Pixels(canvases.Nth(1)));

        await open.Page.Locator("input[value=surest_errors]").CheckAsync(new LocatorCheckOptions { Force = true });
        Assert.Equal(3, await cards.CountAsync());
    }

    [BrowserFact]
    public async Task The_page_of_a_run_that_was_really_trained_shows_its_worst_images()
    {
        await using OpenPage open = await pages.Open(Path.Combine(pages.Trained, "report.html"));
        ILocator cards = open.Page.Locator("#worst .card");
        Assert.Equal(12, await cards.CountAsync());
        await cards.Last.ScrollIntoViewIfNeededAsync();
        await open.Page.WaitForFunctionAsync("() => [...document.querySelectorAll('#worst canvas')].at(-1).width > 1");
    }

    [BrowserTheory]
    [InlineData(60, 1)]
    [InlineData(1000, 0)]
    public async Task Many_classes_have_lists_of_what_is_worst_and_are_found_by_name(int classes, int matrices)
    {
        var run = new MadeUpRun(pages.Folder($"many {classes}"), images: 1, steps: 1, classes: classes);
        await using OpenPage open = await pages.Open(RunReport.Write(new RunFolder(run.Folder), []));
        Assert.Equal(matrices, await open.Page.Locator("#confusion canvas").CountAsync());
        ILocator pairs = open.Page.Locator("#mistakes tbody tr"), listed = open.Page.Locator("#classes-list tbody tr");
        Assert.Equal(12, await pairs.CountAsync());
        Assert.Equal(["class 2", "class 0", "8", "8.7 %"], await pairs.First.Locator("td").AllTextContentsAsync());
        Assert.Equal(["class 2", "class 0", "92", "89.1 %"], await listed.First.Locator("td").AllTextContentsAsync());

        await open.Page.Locator("#mistakes-more").ClickAsync();
        Assert.Equal(Math.Min(classes, 212), await pairs.CountAsync());
        await open.Page.Locator("#confused").FillAsync("class 57");
        Assert.Equal(classes > 570 ? 12 : 2, await pairs.CountAsync());
        Assert.Equal(classes > 570 ? 11 : 1, await listed.CountAsync());
        await open.Page.Locator("#confused").FillAsync("nothing");
        Assert.Equal(0, await pairs.CountAsync());
    }

    [BrowserFact]
    public async Task An_evaluation_of_an_earlier_version_shows_its_matrix_and_its_mistakes()
    {
        var run = new MadeUpRun(pages.Folder("earlier"), images: 1, steps: 1);
        string file = Path.Combine(run.Folder, "evaluation.json");
        System.Text.Json.Nodes.JsonNode old = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!;
        Assert.True(old["test"]!.AsObject().Remove("mistakes") && old["test"]!.AsObject().Remove("class_images"));
        File.WriteAllText(file, old.ToJsonString());
        Directory.Delete(Path.Combine(run.Folder, WorstRecord.FolderName), recursive: true);
        await using OpenPage open = await pages.Open(RunReport.Write(new RunFolder(run.Folder), []));
        Assert.Equal(1, await open.Page.Locator(".matrix").CountAsync());
        ILocator cells = open.Page.Locator("#mistakes tbody tr").First.Locator("td");
        Assert.Equal(["class 2", "class 0", "8", "8.7 %"], await cells.AllTextContentsAsync());
        Assert.False(await open.Page.Locator("#worst").IsVisibleAsync());
    }

    [BrowserTheory]
    [InlineData(320)]
    [InlineData(400)]
    [InlineData(1280)]
    public async Task Long_and_odd_names_are_cut_and_scroll_nothing_sideways(int width)
    {
        foreach (int classes in (int[])[4, 60])
        {
            string folder = pages.Folder($"long {classes} {width}");
            var run = new MadeUpRun(folder, 2, 1, text: plain => $"<b>שלום</b> {new string('W', 60)} {plain}", classes: classes);
            await using OpenPage open = await pages.Open(RunReport.Write(new RunFolder(run.Folder), []), width, 800);
            Assert.True(await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= width);
            Assert.Equal(0, await open.Page.Locator("#confusion b, #worst figcaption b").CountAsync());
            Assert.True(await open.Page.EvaluateAsync<bool>("""
                () => [...document.querySelectorAll('.list table, .card')].every(part => part.scrollWidth <= part.parentElement.clientWidth + 1)
                """));
        }
    }
}
