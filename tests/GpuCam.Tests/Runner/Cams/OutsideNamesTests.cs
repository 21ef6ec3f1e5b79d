using System.Text;
using GpuCam.Runner.Cams;

namespace GpuCam.Tests.Runner.Cams;

public sealed class OutsideNamesTests
{
    [Theory]
    [InlineData(3, "3", "3")]
    [InlineData(134, "crane", "134_crane")]
    [InlineData(517, "crane", "517_crane")]
    [InlineData(2, "Crane", "2_crane")]
    [InlineData(6, "7", "6_7")]
    [InlineData(0, "T-shirt/top", "0_t-shirt-top")]
    [InlineData(5, "hähn", "5_h-hn")]
    [InlineData(8, "鶴", "8")]
    [InlineData(9, "", "9")]
    [InlineData(1, "../../etc", "1_etc")]
    [InlineData(4, "a\n\u001b[2J", "4_a-2j")]
    public void A_class_is_called_by_its_number_and_what_can_be_read_of_its_name(int index, string name, string expected) =>
        Assert.Equal(expected, OutsideNames.Class(index, name));

    [Fact]
    public void A_class_with_a_name_of_any_length_has_a_short_one() =>
        Assert.Equal("7_" + new string('x', 40), OutsideNames.Class(7, new string('x', 300)));

    [Theory]
    [InlineData("conv2", "conv2")]
    [InlineData("conv2+pool2", "conv2+pool2")]
    [InlineData("/layer4/../conv:1", "-layer4----conv-1")]
    [InlineData("", "-")]
    public void A_layer_is_called_as_it_is_but_for_what_no_file_name_may_have(string name, string expected) =>
        Assert.Equal(expected, OutsideNames.Layer(name));

    [Theory]
    [InlineData("samples/img_1.png", "img_1")]
    [InlineData("a b.c.png", "a b.c")]
    [InlineData("hähn.png", "hähn")]
    [InlineData("鶴.png", "鶴")]
    [InlineData("@a.png", "@a")]
    [InlineData("...png", "image")]
    [InlineData("..", "image")]
    [InlineData(".png", "image")]
    [InlineData("", "image")]
    [InlineData(" . .png", "image")]
    [InlineData(".hidden.png", "hidden")]
    [InlineData("dots.. .png", "dots")]
    [InlineData("no\u00a0.png", "no")]
    [InlineData("CON.png", "_CON")]
    [InlineData("nul.tar.png", "_nul.tar")]
    [InlineData("com¹.png", "_com¹")]
    [InlineData("LPT9 .x.png", "_LPT9 .x")]
    [InlineData("console.png", "console")]
    [InlineData("a:b*?\"<>|\\c.png", "a_b_______c")]
    [InlineData("a\nb\u001b\u202ec.png", "a_b__c")]
    [InlineData("e\u0301.png", "e_")]
    public void A_picture_s_folder_has_a_name_that_every_system_can_have(string file, string expected) =>
        Assert.Equal(expected, OutsideNames.Picture(file));

    [Fact]
    public void Half_a_character_is_in_no_name() => Assert.Equal("a_b", OutsideNames.Picture($"a{(char)0xD800}b.png"));

    [Theory]
    [InlineData("x")]
    [InlineData("ä")]
    [InlineData("鶴")]
    [InlineData("🦩")]
    public void A_picture_with_a_name_of_any_length_has_a_folder_with_a_short_one(string letter)
    {
        string name = OutsideNames.Picture(string.Concat(Enumerable.Repeat(letter, 300)) + ".png");
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 97, 100);
        Assert.DoesNotContain('\ufffd', name);
    }

    [Fact]
    public void Names_that_differ_in_case_only_are_told_apart()
    {
        var names = new UniqueNames("manifest.json");
        Assert.Equal(
            ["p", "P-2", "p-2-2", "p-3", "Manifest.JSON-2"],
            new[] { "p", "P", "p-2", "p", "Manifest.JSON" }.Select(name => names.Take(name)));
        Assert.Equal("q-3", names.Take("q", name => name is not ("q" or "q-2")));
    }
}
