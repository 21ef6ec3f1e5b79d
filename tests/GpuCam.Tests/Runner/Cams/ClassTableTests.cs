using GpuCam.Runner.Cams;

namespace GpuCam.Tests.Runner.Cams;

public sealed class ClassTableTests
{
    private static readonly ClassTable s_classes = new(["crane", "maillot", "Crane", "crane", "7", " ", "-1", "true"]);

    private static readonly ClassTable s_animals =
        new(["tabby, tabby cat", "tiger cat, Felis tigris", "Egyptian cat", "tiger, Panthera tigris", "espresso"]);

    [Theory]
    [InlineData("maillot", 1)]
    [InlineData("Crane", 2)]
    [InlineData("7", 4)]
    [InlineData("index:7", 7)]
    [InlineData("3", 3)]
    [InlineData("index:0", 0)]
    [InlineData("-1", 6)]
    public void A_class_is_found_by_its_name_else_by_its_number(string text, int index) => Assert.Equal(index, s_classes.IndexOf(text));

    [Fact]
    public void A_name_of_several_classes_is_refused_with_their_numbers() => Assert.Equal(
        "--class crane is the name of 2 classes; give the number of one: index:0 or index:3",
        Assert.Throws<GpuCamException>(() => s_classes.IndexOf("crane")).Message);

    [Theory]
    [InlineData("cran")]
    [InlineData("8")]
    [InlineData("index:8")]
    [InlineData("index:")]
    [InlineData("index:-1")]
    [InlineData("99999999999")]
    public void What_names_no_class_is_refused(string text) => Assert.StartsWith(
        $"--class {text} is not known; this network has crane, maillot, ",
        Assert.Throws<GpuCamException>(() => s_classes.IndexOf(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_a_thousand_classes_only_some_are_listed()
    {
        var many = new ClassTable([.. Enumerable.Range(0, 1000).Select(i => $"class{i}")]);
        Assert.EndsWith(
            "class18, class19 and 980 more, index:0 to index:999", Assert.Throws<GpuCamException>(() => many.IndexOf("dog")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_has_the_number_only_where_the_name_is_not_enough() => Assert.Equal(
        ["crane #0", "maillot", "Crane", "crane #3", "7", "#5", "-1", "true"], Enumerable.Range(0, 8).Select(s_classes.Label));

    [Theory]
    [InlineData("tiger cat", 1)]
    [InlineData("Felis Tigris", 1)]
    [InlineData("TABBY", 0)]
    [InlineData("espresso", 4)]
    [InlineData("panthera", 3)]
    [InlineData("egyptian", 2)]
    public void Of_several_names_one_is_enough_or_words_that_no_other_class_has(string text, int index) =>
        Assert.Equal(index, s_animals.IndexOf(text));

    [Fact]
    public void Words_that_several_classes_have_are_refused_with_those_classes() => Assert.Equal(
        "--class cat fits 3 classes; give more of the name, or the number of one: tabby, tabby cat (index:0), "
        + "tiger cat, Felis tigris (index:1), Egyptian cat (index:2)",
        Assert.Throws<GpuCamException>(() => s_animals.IndexOf("cat")).Message);

    [Theory]
    [InlineData("egyptain cat", "Egyptian cat")]
    [InlineData("expresso", "espresso")]
    [InlineData("tigr", "tiger")]
    public void A_name_that_is_nearly_right_is_answered_with_the_right_one(string text, string meant) => Assert.EndsWith(
        $"; did you mean {meant}?", Assert.Throws<GpuCamException>(() => s_animals.IndexOf(text)).Message, StringComparison.Ordinal);
}
