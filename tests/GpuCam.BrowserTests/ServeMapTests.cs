using System.Globalization;
using System.Text.Json;
using GpuCam.Model;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page of <c>gpucam serve</c>: maps follow what is chosen.</summary>
[Collection(ServedPagesGroup.Name)]
public sealed class ServeMapTests(ServedPages pages)
{
    private const int Width = 96, Height = 64;

    [BrowserFact]
    public async Task Method_layer_smoothing_and_class_change_the_map_and_a_reload_keeps_them()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        Assert.Contains("signed and exact", await open.Page.Locator("#about").TextContentAsync(), StringComparison.Ordinal);
        await open.Select("method", "gradcam");
        Assert.StartsWith("red · gradcam at late", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains("mean gradient", await open.Page.Locator("#about").TextContentAsync(), StringComparison.Ordinal);
        await open.Select("layer", "early");
        await open.Select("smoothing", "augmentation");
        JsonElement answer = await open.Answer(() => open.Classes.Nth(1).ClickAsync());
        JsonElement map = answer.GetProperty("map");
        Assert.Equal(("gradcam", "early", "augmentation", "green"), (Text(map, "method"), Text(map, "layer"), Text(map, "smoothing"), Text(map, "class")));
        Assert.StartsWith("green", await open.Shown.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Locator("#colors").SelectOptionAsync("jet");
        await open.Page.Locator("#opacity").FillAsync("70");
        await open.Page.WaitForFunctionAsync("() => location.hash.includes('opacity=70')");

        await open.Page.ReloadAsync();
        await open.Ready();
        await open.Choose(ServedPages.Scene);
        Assert.StartsWith("green · gradcam at early", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal("jet 70 augmentation", string.Join(' ', await open.Page.Locator("#colors").InputValueAsync(),
            await open.Page.Locator("#opacity").InputValueAsync(), await open.Page.Locator("#smoothing").InputValueAsync()));

        // Another picture begins with its own best class; and where a method has no map, that is said.
        await open.Choose(ServedPages.Scene, "another.png");
        Assert.StartsWith("red · gradcam", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        open.IsRefused = true;
        await open.Select("method", "cam");
        Assert.Contains("late", await open.Page.Locator(".stage .trouble").TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains("without a map", await open.Viewer.GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        await open.Select("layer", "late");
        Assert.False(await open.Page.Locator(".stage .trouble").IsVisibleAsync());
    }

    [BrowserFact]
    public async Task A_class_is_chosen_by_click_by_arrows_by_number_and_by_name()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        Assert.Equal(5, await open.Classes.CountAsync());
        await open.Classes.Nth(1).ClickAsync();
        await Shows("green");
        Assert.Equal(Corners(ServedPages.Green), await open.Says("Box above"));
        await open.Page.Keyboard.PressAsync("ArrowUp");
        await Shows("red");
        Assert.Equal(Corners(ServedPages.Red), await open.Says("Box above"));
        await open.Page.Keyboard.PressAsync("End");
        string? last = await open.Classes.Nth(4).Locator("span").First.TextContentAsync();
        await Shows(last!);
        await open.Page.Keyboard.PressAsync("2");
        await Shows("green");

        // Another class is looked for by a part of its name, and stays in the list.
        await open.Page.Keyboard.PressAsync("/");
        await open.Page.Keyboard.TypeAsync("DARK G");
        Assert.Equal(1, await open.Classes.CountAsync());
        await open.Page.Keyboard.PressAsync("Enter");
        await Shows("dark green");
        await open.Page.Locator("#search").FillAsync("none such");
        Assert.True(await open.Page.Locator(".classes .nothing").IsVisibleAsync());
        await open.Page.Locator("#search").FillAsync("<b>");
        Assert.StartsWith("a <b>bright</b> one", await open.Classes.First.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Locator("#search").FillAsync("");
        Assert.Equal("dark green", await open.Shown.Locator("span").First.TextContentAsync());

        async Task Shows(string name)
        {
            await open.Page.WaitForFunctionAsync(
                "name => document.querySelector('.found output').textContent.startsWith(name + ' · cam') && !document.querySelector('[aria-busy=true]')", name);
            Assert.Equal(name, await open.Shown.Locator("span").First.TextContentAsync());
        }
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_box_is_the_servers_and_follows_its_threshold_and_values_are_those_of_the_map(bool padded)
    {
        await using OpenServe open = await pages.Open(padded ? $"?token={ServedPages.Token}" : "", padded: padded);
        JsonElement answer = await open.Answer(() => open.Choose(ServedPages.Scene));
        JsonElement box = answer.GetProperty("box"), seen = answer.GetProperty("seen"), shown = answer.GetProperty("shown");
        Assert.Equal(Corners(BoxOf(box)), await open.Says("Box above"));
        Assert.Equal(Corners(BoxOf(seen)), await open.Says("Seen by"));
        Assert.Equal(padded ? new Box(0, 0, 95, 63) : new Box(16, 0, 79, 63), BoxOf(seen));
        (Box input, Box place) = (BoxOf(shown), BoxOf(seen));
        float[] values = Values(answer);
        foreach ((int x, int y) in ((int, int)[])[(36, 16), (64, 48), (16, 0), (79, 63), (50, 30)])
        {
            (float left, float top) = await open.Place(x, y, Width, Height);
            await open.Page.Mouse.MoveAsync(left, top);
            int column = input.X0 + (int)((x - place.X0 + 0.5) * input.Width / place.Width);
            int row = input.Y0 + (int)((y - place.Y0 + 0.5) * input.Height / place.Height);
            string[] said = (await open.Says("Under the pointer")).Split(" at ");
            Assert.Equal($"x {x}, y {y}", said[1]);
            Assert.Equal(values[(row * 32) + column], double.Parse(said[0], CultureInfo.InvariantCulture), 1e-3);
        }

        await open.Viewer.FocusAsync();
        await open.Page.Keyboard.PressAsync("Shift+ArrowRight");
        Assert.StartsWith("10 at x ", await open.Says("Under the pointer"), StringComparison.Ordinal);
        foreach (int percent in (int[])[0, 5, 60, 100])
        {
            await open.Page.Locator("#box").FillAsync($"{percent}");
            Box? expected = new MapComponents().AboveShareOfMax(values, 32, percent / 100f) is [MapComponent largest, ..] ? largest.Box : null;
            string found = await open.Says($"Box above {percent} %");
            Assert.Equal(expected is null, found == "none");
            if (expected is { } inside)
            {
                int[] corners = [.. found.Split(", ").Select(corner => int.Parse(corner, CultureInfo.InvariantCulture))];
                double scale = (double)place.Width / input.Width;
                Assert.InRange(corners[0] - place.X0 - ((inside.X0 - input.X0) * scale), -1, 1);
                Assert.InRange(corners[3] - place.Y0 + 1 - ((inside.Y1 - input.Y0 + 1) * scale), -1, 1);
            }
        }
    }

    [BrowserFact]
    public async Task Each_control_of_the_look_changes_the_picture_and_asks_for_nothing()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        int asked = 0;
        open.Page.Request += (_, _) => asked++;
        var pictures = new HashSet<string> { await OpenPage.Pixels(open.Viewer) };
        foreach (Func<Task> change in (Func<Task>[])
            [
                () => open.Page.Locator("#opacity").FillAsync("90"), () => open.Page.Locator("#threshold").FillAsync("40"),
                () => open.Page.Locator("#box").FillAsync("3"), () => open.Page.Locator("#colors").SelectOptionAsync("jet"),
                () => open.Page.Locator("#boxes").UncheckAsync(), () => open.Page.Keyboard.PressAsync("v"), () => open.Page.Keyboard.PressAsync("v"),
            ])
        {
            await change();
            Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), $"change {pictures.Count} shows nothing");
        }

        Assert.Equal(0, asked);
    }

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
        await open.Page.WaitForFunctionAsync("() => document.querySelectorAll('.found output')[1].textContent.startsWith('green · hirescam at early')");
        Assert.StartsWith("red · cam at late", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal((Corners(ServedPages.Red), Corners(ServedPages.Green)), (await open.Says("Box above"), await open.Says("Box above", 1)));
        LocatorBoundingBoxResult one = (await open.Viewer.First.BoundingBoxAsync())!, two = (await open.Viewer.Nth(1).BoundingBoxAsync())!;
        Assert.Equal((one.Y, one.Width), (two.Y, two.Width));
        Assert.True(two.X >= one.X + one.Width);

        await open.Page.WaitForFunctionAsync("() => location.hash.includes('2.class=1')");
        await open.Page.ReloadAsync();
        await open.Ready();
        await open.Choose(ServedPages.Scene);
        Assert.StartsWith("green · hirescam at early", await open.Page.Locator(".found output").Nth(1).TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Locator("#compare").ClickAsync();
        Assert.Equal(1, await open.Page.Locator(".pane").CountAsync());
        await open.Page.Locator("#compare").ClickAsync();
        await open.Choose(ServedPages.Scene, "another.png");
        Assert.StartsWith("red · ", await open.Page.Locator(".found output").Nth(1).TextContentAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_crop_is_dragged_or_typed_and_its_answer_stands_beside_that_of_the_whole_picture()
    {
        await using OpenServe open = await pages.Open();
        await open.Choose(ServedPages.Scene);
        string? whole = await open.Classes.First.Locator("span").Nth(1).TextContentAsync();
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
        Assert.StartsWith("green", await open.Classes.First.TextContentAsync(), StringComparison.Ordinal);
        ILocator red = open.Classes.Filter(new LocatorFilterOptions { HasTextRegex = new("^red") });
        Assert.Contains($"whole picture {whole} → ", await red.TextContentAsync(), StringComparison.Ordinal);
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
        Assert.Equal(Corners(ServedPages.Red), await open.Says("Box above"));
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

    private static string Text(JsonElement map, string name) => map.GetProperty(name).GetString()!;

    private static string Corners(Box box) => $"{box.X0}, {box.Y0}, {box.X1}, {box.Y1}";

    private static Box BoxOf(JsonElement corners) => new(
        corners.GetProperty("x0").GetInt32(), corners.GetProperty("y0").GetInt32(), corners.GetProperty("x1").GetInt32(),
        corners.GetProperty("y1").GetInt32());

    private static float[] Values(JsonElement answer)
    {
        byte[] bytes = answer.GetProperty("map").GetProperty("values").GetBytesFromBase64();
        float[] values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }
}
