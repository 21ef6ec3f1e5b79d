using System.Xml.Linq;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Reports;

public class ConfusionSvgTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Every_count_is_written_and_every_text_escaped()
    {
        string svg = ConfusionSvg.Render([[1200, 3], [0, 7]], ["</text><script>\"'&", "🦊"]);
        string[] texts = Texts(svg);
        Assert.Contains("1,200", texts);
        Assert.Contains("</text><script>\"'&", texts);
        Assert.Contains("🦊", texts);
        Assert.Contains("99.8 %", texts);
        Assert.DoesNotContain("0", texts);
        Assert.Contains(texts, text => text.EndsWith("1,207 of 1,210 images right", StringComparison.Ordinal));
    }

    [Fact]
    public void A_class_without_images_has_no_share_and_many_classes_have_no_numbers()
    {
        Assert.DoesNotContain(
            Texts(ConfusionSvg.Render([[0, 0], [1, 1]], ["a", "b"])), text => text.Contains("NaN", StringComparison.Ordinal));
        long[][] many = [.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, 300).Select(j => i == j ? 5L : 0).ToArray())];
        string svg = ConfusionSvg.Render(many, [.. Enumerable.Range(0, 300).Select(i => $"class {i}")]);
        Assert.Equal(2, Texts(svg).Length);
        Assert.Equal(302, XDocument.Parse(svg).Descendants(s_svg + "rect").Count());
    }

    [Fact]
    public void Long_names_are_cut_and_stand_upright_above_their_columns()
    {
        string name = new('w', 60);
        var svg = XDocument.Parse(ConfusionSvg.Render([[1, 2], [3, 4]], [name, "אב"]));
        XElement[] cut = [.. svg.Descendants(s_svg + "text").Where(text => text.Value == new string('w', 19) + "…")];
        Assert.Equal(2, cut.Length);
        Assert.StartsWith("rotate(-90 ", (string?)cut[1].Attribute("transform"), StringComparison.Ordinal);
        Assert.Contains(svg.Descendants(s_svg + "title"), title => title.Value == $"\u2068{name}\u2069 taken for \u2068אב\u2069: 2");
    }

    private static string[] Texts(string svg) => [.. XDocument.Parse(svg).Descendants(s_svg + "text").Select(text => text.Value)];
}
