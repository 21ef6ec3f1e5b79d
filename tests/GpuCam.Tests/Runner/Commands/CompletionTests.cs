using System.Diagnostics;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Commands.Completion;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A line as typed so far, and what Tab must offer for its last word.</summary>
    public static TheoryData<string, string[]> Lines => new()
    {
        { "gpucam tr", ["train"] },
        { "gpucam data ", ["get", "make", "show"] },
        { "gpucam data get ", ["mnist", "fashion-mnist"] },
        { "gpucam data get fash", ["fashion-mnist"] },
        { "gpucam train --preset ", ["quick", "reference", "original", "scratch", "fine-tune"] },
        { "gpucam train --batch 8 --opt", ["--optimizer"] },
        { "gpucam train --optimizer ada", ["adam"] },
        { "gpucam train --steps ", [] },
        { "gpucam train --out data --res", ["--resize", "--resume"] },
        { "gpucam train --out ", ["some folder"] },
        { "gpucam eval --backend ", ["auto", "cuda", "opencl", "cpu", "simd"] },
        { "gpucam train --precision ", ["fp32", "tf32", "bf16"] },
        { "gpucam eval --model mod", ["model.safetensors"] },
        { "gpucam eval -m mod", ["model.safetensors"] },
        { "gpucam cam --model m pict", ["picture one.png"] },
        { "gpucam cam --model m 'picture one.png' --to", ["--top", "--top-channels"] },
        { "gpucam export --opset 2", ["20", "21"] },
        { "gpucam completion ", ["bash", "zsh", "fish", "pwsh"] },
        { "gpucam --ver", ["--version"] },
        { "gpucam devices --h", ["--help"] },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Bash_offers_what_fits(string line, string[] expected)
    {
        string script = _folder.Write("completion.bash", Gpucam.Call("completion", "bash").Succeeded().Output);
        _folder.Write("here/picture one.png", "");
        _folder.Write("here/model.safetensors", "");
        Directory.CreateDirectory(_folder["here/some folder"]);
        // What bash does at Tab: it splits the line into words, with an empty one after a space, and calls the function.
        string words = line + (line.EndsWith(' ') ? "''" : "");
        Assert.Equal(expected.Order(StringComparer.Ordinal), Bash($"""
            set -u; source '{script}'
            [[ $(complete -p gpucam) == *'-F _gpucam gpucam' ]]
            COMP_WORDS=({words}) COMP_CWORD=$(({"${#COMP_WORDS[@]}"} - 1))
            _gpucam
            (({"${#COMPREPLY[@]}"} == 0)) || printf '%s\n' "{"${COMPREPLY[@]}"}"
            """).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public void Every_script_knows_every_command_and_every_option(string shell)
    {
        string script = Gpucam.Call("completion", shell).Succeeded().Output;
        foreach (CompletionNode node in CompletionNode.All(CommandLine.CreateRoot()))
        {
            foreach (CompletionWord command in node.Commands)
            {
                Assert.Contains(command.Word, script, StringComparison.Ordinal);
            }

            foreach (string name in node.Options.SelectMany(option => option.Names).Where(name => name.Length > 2))
            {
                Assert.Contains(shell == "fish" ? $" -l {name[2..]}" : name, script, StringComparison.Ordinal);
            }
        }
    }

    private string[] Bash(string script)
    {
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-c", script])
        {
            WorkingDirectory = _folder["here"],
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = bash.StandardError.ReadToEndAsync();
        string output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.Equal("", errors.GetAwaiter().GetResult());
        Assert.Equal(0, bash.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void A_shell_that_is_not_known_is_refused_with_those_that_are() =>
        Gpucam.Call("completion", "tcsh").Refused("tcsh", "bash, zsh, fish, pwsh");
}
