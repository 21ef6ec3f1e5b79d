using GpuCam.Runner.Training;

namespace GpuCam.Tests.Runner.Training;

public sealed class TerminalDisplayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(TerminalDisplay.Narrowest - 1)]
    public void A_narrow_terminal_gets_plain_lines(int width) => Assert.Equal("first\nlast\n", Shown(_ => width));

    [Theory]
    [InlineData(TerminalDisplay.Narrowest)]
    [InlineData(80)]
    [InlineData(1000)]
    public void A_bar_fits_into_one_row_and_is_gone_before_a_line(int width)
    {
        string[] parts = Shown(_ => width).Split('\r');
        Assert.Contains(parts, part => part.Contains("step 2/3", StringComparison.Ordinal) || width == TerminalDisplay.Narrowest);
        Assert.All(parts[1..], part => Assert.True(part.Split('\u001b')[0].Length < width));
        Assert.EndsWith("\r\u001b[Klast\n", Shown(_ => width), StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_that_is_narrowed_later_gets_plain_lines_from_then_on()
    {
        string shown = Shown(call => call == 0 ? 80 : 2);
        Assert.Equal(2, shown.Split("step").Length);
        Assert.EndsWith("\r\u001b[Klast\n", shown, StringComparison.Ordinal);
    }

    /// <summary>What a terminal gets whose width at the n-th look is <paramref name="columns"/>(n).</summary>
    private static string Shown(Func<int, int> columns)
    {
        using var output = new StringWriter { NewLine = "\n" };
        int calls = 0;
        var display = new TerminalDisplay(output, () => columns(calls++));
        display.Say("first");
        display.Track(0, 3, report =>
        {
            for (int step = 1; step <= 3; step++)
            {
                report(new StepReport(step, 2.3, 0.1, 1000));
                Thread.Sleep(110);
            }
        });
        display.Say("last");
        return output.ToString();
    }
}
