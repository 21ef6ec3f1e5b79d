using System.Text;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Images;
using Microsoft.Playwright;

namespace GpuCam.BrowserTests;

/// <summary>The page of <c>gpucam serve</c>: how pictures come in, and what is said of those that do not.</summary>
[Collection(ServedPagesGroup.Name)]
public sealed class ServeTests(ServedPages pages)
{
    /// <summary>Kinds of files, and a part of the words that each gets.</summary>
    private static readonly (string Kind, string Words)[] s_files =
    [
        ("one pixel", "1 × 1 pixels"), ("20 megapixels", "5,000 × 4,000 pixels"), ("cmyk", "13 × 7 pixels"),
        ("turned by EXIF", "30 × 40 pixels"), ("small", "20 × 10 pixels"),
        ("broken", "is damaged"), ("zip", "ZIP archive"), ("tiff", "TIFF"), ("text", "no image but text"), ("nothing", "empty"),
    ];

    [BrowserFact]
    public async Task A_picture_is_dropped_pasted_or_chosen_and_its_map_follows()
    {
        await using OpenServe open = await pages.Open();
        Assert.False(await open.Page.Locator("#play").IsVisibleAsync());
        await open.Drop(ServedPages.Scene, "dropped.png");
        await Came("dropped.png");
        await open.Paste(ServedPages.Scene, "image.png");
        await Came("Pasted picture");
        foreach (string key in (string[])["Enter", "Space"])
        {
            await open.Page.Locator("#drop").FocusAsync();
            IFileChooser chooser = await open.Page.RunAndWaitForFileChooserAsync(() => open.Page.Keyboard.PressAsync(key));
            await chooser.SetFilesAsync(new FilePayload { Name = $"{key}.png", MimeType = "image/png", Buffer = ServedPages.Scene });
            await open.Page.WaitForFunctionAsync("name => document.title.startsWith(name)", $"{key}.png");
            await open.Idle();
            await Came($"{key}.png");
        }

        async Task Came(string name)
        {
            Assert.Equal(name, await open.Page.Locator("#drop strong").TextContentAsync());
            Assert.Contains("96 × 64 pixels", await open.Page.Locator("#drop").TextContentAsync(), StringComparison.Ordinal);
            Assert.StartsWith("red", await open.Classes.First.TextContentAsync(), StringComparison.Ordinal);
            Assert.StartsWith("red · cam at late · ", await open.Result.TextContentAsync(), StringComparison.Ordinal);
            Assert.StartsWith($"Map over the image {name}, class red, cam at late", await open.Viewer.GetAttributeAsync("aria-label"),
                StringComparison.Ordinal);
            Assert.Contains("Map of red, cam at late", await open.Page.Locator("#said").TextContentAsync(), StringComparison.Ordinal);
        }
    }

    [BrowserFact]
    public async Task Every_file_is_shown_or_gets_a_friendly_word_and_the_next_is_as_welcome()
    {
        await using OpenServe open = await pages.Open();
        open.IsRefused = true;
        string shown = "";
        foreach ((string kind, string words) in s_files)
        {
            await open.Choose(FileOf(kind), "file.bin", "application/octet-stream");
            string about = await open.Page.Locator("#drop").TextContentAsync() ?? "", refused = await open.Refused.TextContentAsync() ?? "";
            Assert.False(await open.Page.Locator(".stage .trouble").IsVisibleAsync(), kind);
            if (words.EndsWith("pixels", StringComparison.Ordinal))
            {
                Assert.Contains(words, about, StringComparison.Ordinal);
                Assert.Equal("", refused);
                Assert.StartsWith("Map over the image", await open.Viewer.GetAttributeAsync("aria-label"), StringComparison.Ordinal);
                shown = about;
            }
            else
            {
                Assert.Contains(words, refused, StringComparison.Ordinal);
                Assert.Equal(shown, about);    // what came before stays
            }
        }

        await open.Choose(ServedPages.Scene);
        Assert.Equal("", await open.Refused.TextContentAsync());
        Assert.StartsWith("red · cam", await open.Result.TextContentAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task What_is_too_large_or_no_file_is_not_sent()
    {
        await using OpenServe open = await pages.Open();
        var asked = new List<string>();
        open.Page.Request += (_, request) => asked.Add(request.Url);
        const string Drop = "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true })); }";
        await open.Page.EvaluateAsync("() => { const transfer = new DataTransfer();"
            + "transfer.items.add(new File([new Uint8Array(34e6)], 'large.png'));" + Drop);
        Assert.Contains("34.0 MB, and at most 33 MB are taken", await open.Refused.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.EvaluateAsync("() => { const transfer = new DataTransfer();"
            + "transfer.setData('text/uri-list', 'http://192.0.2.1/a.png');" + Drop);
        Assert.Contains("That was a link", await open.Refused.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.EvaluateAsync("() => document.body.dispatchEvent("
            + "new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true }))");
        Assert.Contains("no picture on the clipboard", await open.Refused.TextContentAsync(), StringComparison.Ordinal);
        Assert.Empty(asked);
    }

    [BrowserFact]
    public async Task A_token_leaves_the_address_and_is_asked_for_where_it_is_missing()
    {
        await using OpenServe open = await pages.Open($"?token={ServedPages.Token}#view=map", padded: true);
        Assert.DoesNotContain("token", open.Page.Url, StringComparison.Ordinal);
        Assert.EndsWith("#view=map", open.Page.Url, StringComparison.Ordinal);
        await open.Choose(ServedPages.Scene);
        Assert.StartsWith("red · cam", await open.Result.TextContentAsync(), StringComparison.Ordinal);
        await open.Page.ReloadAsync();
        await open.Ready();
        Assert.Contains("9 classes", await open.Page.Locator("#model").TextContentAsync(), StringComparison.Ordinal);

        await using OpenServe stranger = await pages.Open("?token=wrong", padded: true);
        Assert.Contains("token", await stranger.Page.Locator("#model").TextContentAsync(), StringComparison.Ordinal);
        await stranger.Page.Locator("#token-field").FillAsync(ServedPages.Token);
        await stranger.Page.Keyboard.PressAsync("Enter");
        await stranger.Page.WaitForFunctionAsync("() => document.getElementById('model').textContent.includes('9 classes')");
    }

    private static byte[] FileOf(string kind) => kind switch
    {
        "one pixel" => ServedPages.SceneOf(1, 1),
        "20 megapixels" => Jpeg(5000, 4000),
        "cmyk" => PictureSamples.All["cmyk-adobe.jpg"].File,
        "turned by EXIF" => Turned(Jpeg(40, 30)),
        "small" => ServedPages.SceneOf(20, 10),
        "broken" => ServedPages.Scene[..60],
        "zip" => [.. "PK\u0003\u0004"u8, .. new byte[100]],
        "tiff" => [.. "II*\0"u8, .. new byte[100]],
        "nothing" => [],
        _ => Encoding.UTF8.GetBytes("This is not a picture."),
    };

    private static byte[] Jpeg(int width, int height)
    {
        var image = new Image8(width, height);
        image.FillRectangle(width / 4, height / 4, width / 2, height / 2, new Rgb(255, 0, 0));
        using var stream = new MemoryStream();
        JpegWriter.Write(image, stream, JpegWriter.Drawn);
        return stream.ToArray();
    }

    /// <summary>With an EXIF segment that says: stand on the left side.</summary>
    private static byte[] Turned(byte[] jpeg)
    {
        byte[] exif = [.. "Exif\0\0MM\0*\0\0\0\b\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0"u8];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }
}
