using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>A word on the command line is what its user takes it for, whatever a framework can do with it.</summary>
public sealed class ParserTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("@a.png", "@a")]
    [InlineData("[a].png", "[a]")]
    [InlineData("a=b.png", "a=b")]
    [InlineData("cam", "cam")]
    [InlineData("--", "-d", "-d.png")]
    [InlineData("--", "--model", "--model.png")]
    [InlineData("--", "--top", "--top")]
    [InlineData("--", "-1", "-1")]
    public void A_picture_may_be_called_anything(params string[] words)
    {
        string[] before = words is ["--", ..] ? ["--"] : [];
        (string folder, string file) = before.Length > 0 ? (words[1], words[2]) : (words[1], words[0]);
        _folder.Write(file, File.ReadAllBytes(trained.Image));
        Outcome outcome = Gpucam.Run(
            _folder.Path, ["cam", "--model", trained.Model, "--top", "1", "--out", "cams", .. before, file]).Succeeded();
        Assert.StartsWith($"{file}: ", outcome.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder[$"cams/{folder}/input.png"]));
    }

    [Fact]
    public void A_word_with_a_dash_is_an_option_until_all_that_follow_are_arguments()
    {
        string picture = _folder.Write("-d.png", File.ReadAllBytes(trained.Image));
        Gpucam.Run(_folder.Path, "cam", "--model", trained.Model, "-d.png", trained.Image)
            .Refused("Unrecognized option '-d.png'", "-- -d.png");
        Gpucam.Call("cam", "--model", trained.Model, picture, "-json").Refused("'-json'; did you mean --json?");
        Gpucam.Call("report", "--frist").Refused("Unrecognized option '--frist'");
        Gpucam.Call("data", "get", "-x").Refused("Unrecognized option '-x'");
        Gpucam.Call("compare", "a", "-b").Refused("Unrecognized option '-b'");
        Assert.Equal([picture], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("--out", "-mine")]
    [InlineData("--out", "@mine")]
    [InlineData("--out=-mine")]
    [InlineData("--out:@mine")]
    [InlineData("-o@mine")]
    [InlineData("-o=-mine")]
    public void The_word_behind_an_option_is_its_value(params string[] words)
    {
        Gpucam.Run(_folder.Path, ["cam", "--model", trained.Model, trained.Image, "--top", "1", .. words]).Succeeded();
        Assert.Equal([words[^1][^5] + "mine"], Directory.EnumerateDirectories(_folder.Path).Select(path => Path.GetFileName(path)));
    }

    [Theory]
    [InlineData("option '--out' needs a value, DIR", "--out", "")]
    [InlineData("option '--out' needs a value, DIR", "--out=")]
    [InlineData("option '--model' needs a value, FILE", "--model", "")]
    [InlineData("option '--layer' needs a value", "--layer", "")]
    [InlineData("PICTURE is missing", "")]
    public void An_empty_word_is_a_value_that_is_missing(string fragment, params string[] words)
    {
        string[] model = words.Contains("--model") ? [] : ["--model", trained.Model];
        Gpucam.Call(["cam", .. model, trained.Image, .. words]).Refused(fragment);
    }

    [Theory]
    [InlineData("[diagram]")]
    [InlineData("[suggest]")]
    [InlineData("[env:X=1]")]
    public void A_directive_of_the_framework_is_no_command(string word) =>
        Gpucam.Call(word, "devices").Refused($"Unrecognized command or argument '{word}'");

    [Fact]
    public void A_path_is_no_request_for_help() => Gpucam.Call("report", "/h").Refused("/h: there is no such folder");
}
