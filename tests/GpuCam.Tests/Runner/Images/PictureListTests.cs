using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Images;

public sealed class PictureListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PictureListTests()
    {
        foreach (string file in (string[])
            ["b.jpg", "a.PNG", "c.txt", ".hidden.jpg", "d.heic", "odd", "x1/e.webp", "x1/deep/f.gif", "x2/g.bmp", "x2/[1].jpg",
                ".git/h.jpg", "docs/i.md"])
        {
            _folder.Write(file, "no picture, which nobody looks for here");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_the_pictures_directly_in_it_by_name() => Assert.Equal(["a.PNG", "b.jpg", "d.heic"], Expand(""));

    [Fact]
    public void A_folder_may_mean_those_below_as_well() => Assert.Equal(
        ["a.PNG", "b.jpg", "d.heic", "x1/e.webp", "x1/deep/f.gif", "x2/[1].jpg", "x2/g.bmp"],
        Names(PictureList.Expand([_folder.Path], recursive: true)));

    [Theory]
    [InlineData("*.jpg", "b.jpg")]
    [InlineData("*", "a.PNG b.jpg d.heic")]
    [InlineData("?.txt", "c.txt")]
    [InlineData("x?/*", "x1/e.webp x2/[1].jpg x2/g.bmp")]
    [InlineData("*/*.gif", null)]
    [InlineData("**/*.gif", "x1/deep/f.gif")]
    [InlineData("**/deep/*", "x1/deep/f.gif")]
    [InlineData("x1/**", "x1/e.webp x1/deep/f.gif")]
    [InlineData("**/*.jpg", "b.jpg x2/[1].jpg")]
    [InlineData("x2/[1].jpg", "x2/[1].jpg")]
    [InlineData("x2/../b*", "x2/../b.jpg")]
    [InlineData("none/*.jpg", null)]
    public void Patterns_are_expanded_here_where_the_shell_did_not(string pattern, string? expected)
    {
        if (expected is null)
        {
            string message = Assert.Throws<GpuCamException>(() => Expand(pattern)).Message;
            Assert.Equal($"{_folder[pattern]}: no picture is called so; check the pattern", message);
            return;
        }

        Assert.Equal(expected.Split(' '), Expand(pattern));
    }

    [Fact]
    public void A_file_is_taken_whatever_it_is_called_and_each_once_in_the_order_given() => Assert.Equal(
        ["odd", "b.jpg", "a.PNG", "d.heic", "x1/e.webp"], Expand("odd", "b.jpg", "", "./b.jpg", "x1/../odd", "x1"));

    [Fact]
    public void A_list_has_a_path_a_line_relative_to_its_folder()
    {
        string list = _folder.Write("x1/list.txt", "\uFEFFe.webp\r\n\r\n ../b.jpg \ngone.jpg\n../b.jpg\n");
        IReadOnlyList<ListedPicture> pictures = PictureList.Expand([], list);
        Assert.Equal(["e.webp", "../b.jpg", "gone.jpg"], pictures.Select(picture => picture.Name));
        Assert.Equal(_folder["x1/gone.jpg"], pictures[2].Path);

        using var input = new StringReader($"{_folder["odd"]}\n");
        Assert.Equal(["b.jpg", "odd"], Names(PictureList.Expand([_folder["b.jpg"]], "-", input: input)));
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        Assert.Equal(_folder["z.jpg"], Assert.Single(PictureList.Expand([_folder["z.jpg"]])).Path);     // whoever reads it says so
        Assert.Equal(
            $"{_folder["docs"]}: there is no picture in this folder; they end in .jpg, .png, .webp, .bmp or .gif", Error(_folder["docs"]));
        Directory.CreateDirectory(_folder["top/below"]);
        File.Copy(_folder["b.jpg"], _folder["top/below/b.jpg"]);
        Assert.Equal(
            $"{_folder["top"]}: no picture lies directly in this folder, but 1 in folders below; give {_folder["top/**"]} for those",
            Error(_folder["top"]));
        Assert.StartsWith("no picture is named; give files, folders, patterns", Error());
        string empty = _folder.Write("empty.txt", "\n\n");
        Assert.Equal($"--list {empty}: there is no path in it; give one a line", ListError(empty));
        Assert.StartsWith($"--list {_folder["none.txt"]}: cannot be read (", ListError(_folder["none.txt"]));
        Assert.StartsWith($"--list {_folder.Write("zero.txt", "a\0b")}: this is no text", ListError(_folder["zero.txt"]));
    }

    [Fact]
    public void A_link_that_leads_in_a_circle_is_not_followed()
    {
        Directory.CreateSymbolicLink(_folder["x1/round"], _folder.Path);
        Assert.Equal(["x1/e.webp", "x1/deep/f.gif"], Expand("x1/**"));
    }

    private static string Error(params string[] given) => Assert.Throws<GpuCamException>(() => PictureList.Expand(given)).Message;

    private static string ListError(string list) => Assert.Throws<GpuCamException>(() => PictureList.Expand([], list)).Message;

    private string[] Expand(params string[] given) =>
        Names(PictureList.Expand(given.Select(name => name.Length == 0 ? _folder.Path : Path.Combine(_folder.Path, name))));

    private string[] Names(IReadOnlyList<ListedPicture> pictures)
    {
        Assert.All(pictures, picture => Assert.Equal(picture.Path, picture.Name));
        return [.. pictures.Select(picture => picture.Path[(_folder.Path.Length + 1)..].Replace('\\', '/'))];
    }
}
