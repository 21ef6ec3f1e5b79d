using System.Text.Json;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page of <c>gpucam serve</c>: two maps, a part of the picture, and work that takes long.</summary>
[Collection(ServedPagesGroup.Name)]
public sealed class ServeCompareTests(ServedPages pages)
{
    private const int Width = 96, Height = 64;

    [BrowserFact]
    public async Task Two_maps_stand_side_by_side_each_with_its_own_choice()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        await open.Page.Keyboard.PressAsync("c");
        await open.Idle();
        Assert.Equal(2, await open.Page.Locator(".pane").CountAsync());
        Assert.NotEqual("cam", await open.Page.Locator("#method-2").InputValueAsync());
        await open.Select("method-2", "hirescam");
        await open.Select("layer-2", "early");
        await open.Page.Locator(".pane >> nth=1 >> .answers button >> nth=1").ClickAsync();
        await open.Page.WaitForFunctionAsync(
            "() => document.querySelectorAll('.found .result')[1].textContent.startsWith('green · hirescam at early')");
        Assert.StartsWith("red · cam at late", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(ServeAnswer.Corners(ServedPages.Red), await open.Says("Box above"));
        Assert.Equal(ServeAnswer.Corners(ServedPages.Green), await open.Says("Box above", 1));
        LocatorBoundingBoxResult one = (await open.Viewer.First.BoundingBoxAsync())!, two = (await open.Viewer.Nth(1).BoundingBoxAsync())!;
        Assert.Equal((one.Y, one.Width), (two.Y, two.Width));
        Assert.True(two.X >= one.X + one.Width);

        await open.Page.WaitForFunctionAsync("() => location.hash.includes('2.class=1')");
        await open.Page.ReloadAsync();
        await open.Ready();
        await open.Choose(ServedPages.Scene);
        ILocator second = open.Page.Locator(".found .result").Nth(1);
        Assert.StartsWith("green · hirescam at early", await second.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Locator("#compare").ClickAsync();
        Assert.Equal(1, await open.Page.Locator(".pane").CountAsync());
        await open.Page.Locator("#compare").ClickAsync();
        await open.Choose(ServedPages.Scene, "another.png");
        Assert.StartsWith("red · ", await second.TextContentAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_crop_is_dragged_or_typed_and_its_answer_stands_beside_that_of_the_whole_picture()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        string? whole = await open.Classes.First.Locator("span").Nth(1).TextContentAsync();
        string? green = await open.Classes.Nth(1).Locator("span").Nth(1).TextContentAsync();
        (float left, float top) = await open.Place(51.5, 31.5, Width, Height);
        (float right, float bottom) = await open.Place(79.5, 59.5, Width, Height);
        JsonElement answer = await open.Answer(async () =>
        {
            await open.Page.Mouse.MoveAsync(left, top);
            await open.Page.Mouse.DownAsync();
            await open.Page.Mouse.MoveAsync((left + right) / 2, bottom);
            await open.Page.Mouse.MoveAsync(right, bottom);
            await open.Page.Mouse.UpAsync();
        });
        JsonElement crop = answer.GetProperty("picture").GetProperty("crop");
        Assert.InRange(crop.GetProperty("x").GetInt32(), 51, 53);
        Assert.InRange(crop.GetProperty("width").GetInt32(), 27, 30);
        Assert.StartsWith($"greenwhole picture {green} → ", await open.Classes.First.TextContentAsync(), StringComparison.Ordinal);
        Assert.True(await open.Page.Locator(".band").IsVisibleAsync());
        Assert.Equal(crop.GetProperty("y").ToString(), await open.Page.Locator("#crop-y").InputValueAsync());

        await open.Answer(() => open.Page.Keyboard.PressAsync("Escape"));
        Assert.False(await open.Page.Locator(".band").IsVisibleAsync());
        Assert.Equal(whole, await open.Classes.First.Locator("span").Nth(1).TextContentAsync());

        // The same by keys alone; what lies outside of the picture is cut off.
        await open.Page.Keyboard.PressAsync("x");
        await open.Page.Keyboard.TypeAsync("52");
        answer = await open.Answer(() => open.Page.Keyboard.PressAsync("Tab"));
        Assert.Equal("""{"x":52,"y":0,"width":44,"height":64}""", answer.GetProperty("picture").GetProperty("crop").ToString());
        await open.Answer(() => open.Page.Locator("#whole").ClickAsync());
        Assert.Equal(ServeAnswer.Corners(ServedPages.Red), await open.Says("Box above"));
    }

    [BrowserFact]
    public async Task Slow_work_is_said_and_stopped_newer_questions_let_go_of_older_ones_and_a_busy_server_is_asked_again()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        var gate = new TaskCompletionSource();
        await open.Page.RouteAsync("**/api/explain", async route =>
        {
            await gate.Task;
            await route.FallbackAsync();
        });
        ILocator stop = open.Page.Locator(".found button");
        Assert.False(await stop.IsVisibleAsync());
        await open.Page.Locator("#method").SelectOptionAsync("scorecam");
        await stop.WaitForAsync();
        Assert.Equal("scorecam is at work…", await open.Result.TextContentAsync());
        await stop.ClickAsync();
        Assert.Equal("Stopped; this is cam", await open.Result.TextContentAsync());
        await open.Page.Locator("#method").SelectOptionAsync("gradcam");
        await open.Page.Locator("#method").SelectOptionAsync("hirescam");
        gate.SetResult();
        await open.Idle();
        Assert.StartsWith("red · hirescam", await open.Result.TextContentAsync(), StringComparison.Ordinal);

        await open.Page.UnrouteAllAsync();
        open.IsRefused = true;
        int asked = 0;
        await open.Page.RouteAsync("**/api/explain", route => asked++ == 0
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 503, ContentType = "application/json", Body = """{"error": "busy"}""" })
            : route.FallbackAsync());
        await open.Select("method", "layercam");
        Assert.StartsWith("red · layercam", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(2, asked);
    }
}
