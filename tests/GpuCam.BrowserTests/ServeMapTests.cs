using System.Globalization;
using System.Text.Json;
using GpuCam.Model;

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
        await open.Select("smoothing", "aug");
        JsonElement answer = await open.Answer(() => open.Classes.Nth(1).ClickAsync());
        JsonElement map = answer.GetProperty("map");
        Assert.Equal("gradcam early aug green", string.Join(' ', ((string[])["method", "layer", "smoothing", "class"]).Select(
            name => map.GetProperty(name).GetString())));
        Assert.StartsWith("green", await open.Shown.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.Locator("#colors").SelectOptionAsync("jet");
        await open.Page.Locator("#opacity").FillAsync("70");
        await open.Page.WaitForFunctionAsync("() => location.hash.includes('opacity=70')");

        await open.Page.ReloadAsync();
        await open.Ready();
        await open.Choose(ServedPages.Scene);
        Assert.StartsWith("green · gradcam at early", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal("jet 70 aug", string.Join(' ', await open.Page.Locator("#colors").InputValueAsync(),
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
        Assert.Equal(ServeAnswer.Corners(ServedPages.Green), await open.Says("Box above"));
        await open.Page.Keyboard.PressAsync("ArrowUp");
        await Shows("red");
        Assert.Equal(ServeAnswer.Corners(ServedPages.Red), await open.Says("Box above"));
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
                "name => document.querySelector('.found .result').textContent.startsWith(name + ' · cam')"
                + " && !document.querySelector('[aria-busy=true]')", name);
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
        Assert.Equal(ServeAnswer.Corners(ServeAnswer.BoxOf(box)), await open.Says("Box above"));
        Assert.Equal(ServeAnswer.Corners(ServeAnswer.BoxOf(seen)), await open.Says("Seen by"));
        Assert.Equal(padded ? new Box(0, 0, 95, 63) : new Box(16, 0, 79, 63), ServeAnswer.BoxOf(seen));
        (Box input, Box place) = (ServeAnswer.BoxOf(shown), ServeAnswer.BoxOf(seen));
        float[] values = ServeAnswer.Values(answer);
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
            Box? expected = new MapComponents().AboveShareOfMax(values, 32, percent / 100f) is [MapComponent largest, ..]
                ? largest.Box : null;
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
                () => open.Page.Locator("#boxes").UncheckAsync(), () => open.Page.Keyboard.PressAsync("v"),
                () => open.Page.Keyboard.PressAsync("v"),
            ])
        {
            await change();
            Assert.True(pictures.Add(await OpenPage.Pixels(open.Viewer)), $"change {pictures.Count} shows nothing");
        }

        Assert.Equal(0, asked);
    }
}
