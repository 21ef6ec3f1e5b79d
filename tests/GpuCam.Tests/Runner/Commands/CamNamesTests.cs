using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What the files of <c>cam</c> are called, whatever classes and pictures are called.</summary>
public sealed class CamNamesTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private static readonly string[] s_names =
        ["crane", "maillot", "Crane", "crane", "maillot", "hähn", "7", new string('x', 300), "../up", "CON\n\u001b[2J"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_class_has_files_of_its_own_whatever_it_is_called()
    {
        string model = Renamed(s_names);
        JsonElement image = Draw(model, trained.Image, "--top", "10");
        JsonElement[] maps = [.. image.GetProperty("maps").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, 10), maps.Select(map => map.GetProperty("index").GetInt32()).Order());
        foreach (string part in (string[])["overlay", "raw"])
        {
            Assert.Equal(10, maps.Select(map => map.GetProperty(part).GetString()!.ToUpperInvariant()).Distinct().Count());
        }

        Assert.All(maps, map => Assert.Equal(s_names[map.GetProperty("index").GetInt32()], map.GetProperty("class").GetString()));
        Assert.Equal(
            ["crane #0", "maillot #1", "crane #3", "maillot #4"],
            maps.Where(map => map.TryGetProperty("label", out _)).OrderBy(map => map.GetProperty("index").GetInt32())
                .Select(map => map.GetProperty("label").GetString()));

        // The same numbers and bits as of the same network with plain names.
        JsonElement plain = Draw(trained.Model, trained.Image, "--top", "10", "--out", _folder["plain"]);
        foreach ((JsonElement map, JsonElement other) in maps.Zip(plain.GetProperty("maps").EnumerateArray()))
        {
            Assert.Equal(other.GetProperty("class").GetString(), map.GetProperty("index").GetRawText());
            Assert.Equal($"img_1/cam_{map.GetProperty("index")}.npy", other.GetProperty("raw").GetString());
            Assert.Equal(other.GetProperty("minimum").GetRawText(), map.GetProperty("minimum").GetRawText());
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(_folder["plain"], other.GetProperty("raw").GetString()!)),
                File.ReadAllBytes(Path.Combine(_folder["cams"], map.GetProperty("raw").GetString()!)));
        }
    }

    [Fact]
    public void A_name_of_several_classes_is_refused_with_their_numbers_and_a_number_chooses()
    {
        string model = Renamed(s_names);
        Gpucam.Call("cam", "--model", model, trained.Image, "--class", "crane", "--out", _folder["cams"])
            .Refused("--class crane is the name of 2 classes", "index:0 or index:3");
        Gpucam.Call("experiment", "units", "--model", model, "--class", "maillot", "--out", _folder["units"])
            .Refused("--class maillot is the name of 2 classes", "index:1 or index:4");
        Assert.False(Directory.Exists(_folder["cams"]));
        JsonElement image = Draw(model, trained.Image, "--class", "index:3", "--class", "7", "--class", "index:7", "--class", "0");
        Assert.Equal([3, 6, 7, 0], image.GetProperty("maps").EnumerateArray().Select(map => map.GetProperty("index").GetInt32()));
    }

    [Fact]
    public void Names_from_outside_steer_no_terminal_and_break_no_line()
    {
        string model = Renamed(s_names);
        Outcome outcome = Gpucam.Call("cam", "--model", model, trained.Image, "--top", "10", "--out", _folder["cams"]).Succeeded();
        Assert.DoesNotContain('\u001b', outcome.Output);
        Assert.Contains("crane #3 ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("CON??[2J ", outcome.Output, StringComparison.Ordinal);
        string missing = _folder["a\n\u001b[31mb.png"];
        Gpucam.Call("cam", "--model", trained.Model, missing, "--out", _folder["cams"]).Refused("a??[31mb.png");
    }

    [Theory]
    [InlineData("...png", "image")]
    [InlineData(".png", "image")]
    [InlineData("CON.png", "_CON")]
    [InlineData("manifest.json.png", "manifest.json-2")]
    [InlineData("cam.html.png", "cam.html-2")]
    [InlineData("taken.png", "taken-2")]
    [InlineData("a\nb.png", "a_b")]
    public void Maps_go_below_the_output_folder_whatever_the_picture_is_called(string name, string folder)
    {
        string picture = _folder.Write($"in/{name}", File.ReadAllBytes(trained.Image));
        _folder.Write("out/cams/taken", "a file");
        Gpucam.Call("cam", "--model", trained.Model, picture, "--top", "1", "--out", _folder["out/cams"]).Succeeded();
        Assert.Equal([_folder["in"], _folder["out"]], Directory.EnumerateFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal([picture], Directory.EnumerateFileSystemEntries(_folder["in"]));
        Assert.Equal([_folder["out/cams"]], Directory.EnumerateFileSystemEntries(_folder["out"]));
        Assert.Equal([folder], Directory.EnumerateDirectories(_folder["out/cams"]).Select(path => Path.GetFileName(path)));
        Assert.True(File.Exists(_folder["out/cams/cam.html"]));
        Assert.True(File.Exists(_folder[$"out/cams/{folder}/montage.png"]));
    }

    [Fact]
    public void A_picture_may_have_the_longest_name_there_is()
    {
        string picture = _folder.Write($"{new string('x', 251)}.png", File.ReadAllBytes(trained.Image));
        Draw(trained.Model, picture, "--top", "1");
        string page = _folder[$"{new string('y', 250)}.html"];
        Gpucam.Call("report", _folder["cams"], "--out", page).Succeeded();
        Assert.True(File.Exists(page));
    }

    [Fact]
    public void Pictures_of_one_name_have_folders_of_their_own_also_where_case_does_not_count()
    {
        byte[][] pictures = [.. Enumerable.Range(1, 3).Select(i => File.ReadAllBytes(Path.Combine(trained.Samples, $"img_{i}.png")))];
        string[] files =
            [_folder.Write("x/p.png", pictures[0]), _folder.Write("y/p.png", pictures[1]), _folder.Write("z/P.png", pictures[2])];
        string[] command = ["cam", "--model", trained.Model, .. files, "--top", "1", "--out", _folder["cams"], "--json"];
        JsonElement manifest = Gpucam.Call(command).Json();
        Assert.Equal(
            ["p/input.png", "p-2/input.png", "P-3/input.png"],
            manifest.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("input").GetString()));
        foreach ((JsonElement image, string file) in manifest.GetProperty("images").EnumerateArray().Zip(files))
        {
            Assert.Equal(file, image.GetProperty("file").GetString());
            Assert.Equal(
                ImageReader.ReadFile(file).Pixels,
                ImageReader.ReadFile(Path.Combine(_folder["cams"], image.GetProperty("input").GetString()!)).Pixels);
        }
    }

    [Fact]
    public void More_maps_than_a_picture_can_hold_have_several_montages()
    {
        // 10 rows of 43 pictures of 416 x 500 and more: 90 million pixels.
        JsonElement image = Draw(trained.Model, trained.Image, "--top", "10", "--method",
            "gradcam,counterfactual,gradcam++,hirescam,xgradcam,layercam,finercam", "--layer", "conv1,relu1,pool1,conv2,relu2,pool2");
        Assert.Equal(420, image.GetProperty("maps").GetArrayLength());
        Assert.Equal("img_1/montage.png", image.GetProperty("montage").GetString());
        Assert.Equal(["img_1/montage_2.png"], image.GetProperty("more_montages").EnumerateArray().Select(more => more.GetString()));
        Image8[] sheets = [.. new[] { "montage.png", "montage_2.png" }.Select(name => ImageReader.ReadFile(_folder[$"cams/img_1/{name}"]))];
        Assert.All(sheets, sheet => Assert.Equal((43 * 428) + 12, sheet.Width));
        Assert.True(sheets.Sum(sheet => (long)sheet.Width * sheet.Height) > ImageLimits.MaxPixels);
    }

    /// <summary>The trained network, with these for the names of its classes.</summary>
    private string Renamed(string[] names)
    {
        using IDevice device = DeviceCatalog.Create(Backend.Simd, 0, 1);
        using FileStream from = File.OpenRead(trained.Model);
        using Execution network = ModelFile.Load(from, trained.Model, device, null, names);
        string path = _folder["renamed.safetensors"];
        using FileStream to = File.Create(path);
        ModelFile.Save(to, network);
        return path;
    }

    private JsonElement Draw(string model, string picture, params string[] options) =>
        Gpucam.Call(["cam", "--model", model, picture, "--json", .. options, .. OutOf(options)]).Json().GetProperty("images")[0];

    private string[] OutOf(string[] options) => options.Contains("--out") ? [] : ["--out", _folder["cams"]];
}
