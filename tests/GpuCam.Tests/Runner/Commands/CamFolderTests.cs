using System.Text.Json;
using GpuCam.Runner;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>The manifest of <c>cam</c> speaks of the files that are there: of no earlier command's, of no refused picture.</summary>
public sealed class CamFolderTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_an_earlier_picture_of_the_same_name_nothing_stays()
    {
        string first = _folder.Write("x/p.png", File.ReadAllBytes(trained.Image));
        string second = _folder.Write("y/p.png", File.ReadAllBytes(Path.Combine(trained.Samples, "img_2.png")));
        Draw(first, "--top", "3", "--method", "gradcam++,layercam", "--layer", "conv1,conv2");
        _folder.Write("cams/p/montage_2.png", "old");
        string notes = _folder.Write("cams/p/notes.txt", "somebody else's");
        string own = _folder.Write("cams/p/photo.png", "somebody else's");
        JsonElement image = Draw(second, "--class", "4");
        Assert.Equal(
            [.. Named(image), notes, own],
            Directory.EnumerateFiles(_folder["cams/p"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_failed_command_leaves_no_manifest_of_an_earlier_one()
    {
        Draw(trained.Image, "--top", "1");
        Assert.True(File.Exists(_folder["cams/cam.html"]));

        // A folder in the place of a map: that fails for an administrator too.
        Directory.CreateDirectory(_folder["cams/img_2/cam_4.png"]);
        string other = Path.Combine(trained.Samples, "img_2.png");
        Gpucam.Call("cam", "--model", trained.Model, other, "--class", "4", "--out", _folder["cams"])
            .Refused("cam_4.png", "cannot be written");
        Assert.False(File.Exists(_folder["cams/manifest.json"]));
        Assert.False(File.Exists(_folder["cams/cam.html"]));
    }

    [Fact]
    public void A_command_that_writes_nothing_leaves_the_manifest_of_an_earlier_one()
    {
        Draw(trained.Image, "--top", "1");
        string[] before = Everything();
        Gpucam.Call("cam", "--model", trained.Model, _folder["none.png"], "--out", _folder["cams"]).Refused("none.png");
        Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--class", "ten", "--out", _folder["cams"]).Refused("ten");
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void A_folder_that_another_process_writes_to_stays_as_it_is()
    {
        Draw(trained.Image, "--top", "1");
        string[] before = Everything();
        using (var held = FolderLock.Take(_folder["cams"]))
        {
            Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--out", _folder["cams"])
                .Refused(_folder["cams"], "another gpucam", "--out");
        }

        Assert.Equal(before, Everything());
        Draw(trained.Image, "--top", "1");
    }

    [Fact]
    public void A_manifest_that_cannot_be_replaced_stops_the_command_before_it_draws()
    {
        Directory.CreateDirectory(_folder["cams/manifest.json"]);
        Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--out", _folder["cams"])
            .Refused("manifest.json", "give another --out");
        Assert.Equal([_folder["cams/manifest.json"]], Directory.EnumerateFileSystemEntries(_folder["cams"]));
    }

    [Fact]
    public void A_picture_in_the_output_folder_is_read_and_left_as_it_is()
    {
        Draw(trained.Image, "--top", "1");
        string picture = _folder["cams/montage/montage.png"];
        Directory.CreateDirectory(_folder["cams/montage"]);
        File.Copy(trained.Image, picture);
        Draw(picture, "--top", "1");
        Assert.Equal(File.ReadAllBytes(trained.Image), File.ReadAllBytes(picture));
        Assert.True(File.Exists(_folder["cams/montage-2/montage.png"]));
    }

    [Fact]
    public void Of_several_pictures_a_bad_one_is_named_and_the_others_are_drawn()
    {
        string bad = _folder.Write("bad.png", File.ReadAllBytes(trained.Image)[..100]);
        string large = Path.Combine(_folder["large"], "img_1.png");
        Gpucam.Call("data", "make", "--out", _folder["large"], "--count", "1", "--digits", "synthetic", "--size", "40").Succeeded();
        string last = Path.Combine(trained.Samples, "img_3.png");
        string[] command = ["cam", "--model", trained.Model, bad, trained.Image, large, last, "--top", "1", "--out", _folder["cams"]];
        Outcome outcome = Gpucam.Call([.. command, "--json"]);
        Assert.Equal(CommandLine.Failed, outcome.ExitCode);
        string[] errors = [.. outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(2, errors.Length);
        Assert.StartsWith($"error: {bad}: ", errors[0], StringComparison.Ordinal);
        Assert.StartsWith(
            $"error: {large}: the picture has 40 x 40 pixels, but the network takes 32 x 32", errors[1], StringComparison.Ordinal);

        using var manifest = JsonDocument.Parse(outcome.Output);
        Assert.Equal([trained.Image, last], Each("images", "file"));
        Assert.Equal([bad, large], Each("refused", "file"));
        Assert.Equal(errors, Each("refused", "reason").Select(reason => $"error: {reason}"));
        Assert.True(File.Exists(_folder["cams/cam.html"]));
        Assert.Contains($"{last}: ", Gpucam.Call(command).Output, StringComparison.Ordinal);

        IEnumerable<string?> Each(string list, string name) =>
            manifest.RootElement.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty(name).GetString());
    }

    /// <summary>Of a picture of another size the error says what to give: that is what helps.</summary>
    [Theory]
    [InlineData("crop", 60, 240)]
    [InlineData("stretch", 0, 300)]
    public void A_picture_of_another_size_is_fitted_to_a_network_that_was_trained_here(string fit, int least, int most)
    {
        string photograph = Path.Combine(DocCommand.Root, "data/photographs/chelsea.jpg");
        JsonElement image = Draw(photograph, "--fit", fit, "--top", "1");
        Assert.Equal((451, 300), (image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32()));
        JsonElement seen = image.GetProperty("seen");
        Assert.InRange(seen.GetProperty("x0").GetInt32(), least, most);
        Assert.Equal(fit == "stretch", seen.GetProperty("x1").GetInt32() == 450);
    }

    [Fact]
    public void If_all_pictures_are_bad_each_is_named_and_nothing_is_written()
    {
        string bad = _folder.Write("bad.png", "no picture");
        Outcome outcome = Gpucam.Call("cam", "--model", trained.Model, bad, _folder["none.png"], "--out", _folder["cams"]);
        Assert.Equal(CommandLine.BadInput, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        string[] errors = outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, errors.Length);
        Assert.StartsWith($"error: {bad}: ", errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"error: {_folder["none.png"]}: there is no such file", errors[1], StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["cams"]));
    }

    [Fact]
    public void What_a_killed_command_was_writing_goes_with_the_next_and_what_another_one_writes_stays()
    {
        string[] killed = [Temporary("cams"), Temporary("cams/img_1"), Temporary("cams/img_7")];
        string foreign = _folder.Write("cams/img_7/.keep", "");
        string young = Temporary("cams/img_8");
        File.SetLastWriteTimeUtc(young, DateTime.UtcNow.AddMinutes(1));
        string open = Temporary("cams/img_9");
        using (FileStream writer = new(open, FileMode.Open, FileAccess.Write, FileShare.None))
        {
            Draw(trained.Image, "--top", "1");
        }

        Assert.All(killed, path => Assert.False(File.Exists(path), path));
        Assert.All((string[])[foreign, young, open], path => Assert.True(File.Exists(path), path));

        string Temporary(string folder)
        {
            string path = _folder.Write($"{folder}/.{Guid.NewGuid():N}{AtomicFile.TemporarySuffix}", "half");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
            return path;
        }
    }

    [Fact]
    public void Interrupted_it_ends_in_good_order()
    {
        string[] pictures = [.. Enumerable.Range(0, 200).Select(i => _folder.Write($"in/{i}/img_1.png", File.ReadAllBytes(trained.Image)))];
        using Gpucam.Running running = Gpucam.Start(
            _folder.Path, ["cam", "--model", trained.Model, .. pictures, "--top", "10", "--threads", "1", "--out", "cams"]);
        Assert.True(running.WaitUntil(() => File.Exists(_folder["cams/img_1-2/input.png"])));
        running.Interrupt();
        Outcome outcome = running.Wait();
        Assert.Equal(CommandLine.Interrupted, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        // Where it took long to be interrupted, lines about what was done come before.
        Assert.StartsWith("interrupted", outcome.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["cams/manifest.json"]));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(_folder["cams"], "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }),
            path => path.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal));
    }

    private string[] Everything() => [.. Directory.EnumerateFiles(_folder["cams"], "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(File.ReadAllBytes(path))}")];

    /// <summary>The files that the manifest names, in order.</summary>
    private IEnumerable<string> Named(JsonElement image) =>
        image.GetProperty("maps").EnumerateArray().SelectMany(map => new[] { map.GetProperty("raw"), map.GetProperty("overlay") })
            .Concat([image.GetProperty("input"), image.GetProperty("montage")])
            .Select(path => Path.Combine(_folder["cams"], path.GetString()!)).Order(StringComparer.Ordinal);

    private JsonElement Draw(string picture, params string[] options) =>
        Gpucam.Call(["cam", "--model", trained.Model, picture, "--json", .. options, "--out", _folder["cams"]]).Json()
            .GetProperty("images")[0];
}
