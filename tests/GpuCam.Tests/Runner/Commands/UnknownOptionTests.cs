namespace GpuCam.Tests.Runner.Commands;

/// <summary>Words that no command knows.</summary>
public sealed class UnknownOptionTests
{
    [Theory]
    [InlineData("'paint'", "see: gpucam --help", "paint")]
    [InlineData("'--fast'", "see: gpucam train --help", "train", "--fast", "3")]
    [InlineData("'--fast'", "see: gpucam cam --help", "cam", "--model", "m", "--fast", "img.png")]
    [InlineData("'--fast'", "see: gpucam data make --help", "data", "make", "--out", "x", "--fast")]
    [InlineData("'--model'", "see: gpucam eval --help", "eval")]
    [InlineData("'--steps'", "see: gpucam train --help", "train", "--steps")]
    [InlineData("PICTURE", "see: gpucam cam --help", "cam", "--model", "m")]
    [InlineData("mnist or fashion-mnist", "see: gpucam data get --help", "data", "get")]
    [InlineData("devices, data, train", "see: gpucam --help")]
    [InlineData("command", "see: gpucam data --help", "data")]
    public void What_the_parser_does_not_know_is_named_with_the_command_to_look_at(string fragment, string see, params string[] arguments)
    {
        Outcome outcome = Gpucam.Call(arguments);
        outcome.Refused(fragment);
        Assert.EndsWith($"\n{see}\n", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("did you mean train?", "tarin")]
    [InlineData("did you mean --help?", "help")]
    [InlineData("did you mean --steps?", "train", "--step", "3")]
    [InlineData("did you mean --preset reference?", "train", "reference")]
    [InlineData("did you mean make?", "data", "mke")]
    public void What_was_probably_meant_is_suggested(string suggestion, params string[] arguments) =>
        Gpucam.Call(arguments).Refused(suggestion);
}
