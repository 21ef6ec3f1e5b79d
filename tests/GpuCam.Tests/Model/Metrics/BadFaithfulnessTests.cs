using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>What the faithfulness metrics cannot work with.</summary>
public class BadFaithfulnessTests
{
    [Theory]
    [InlineData(4, 0, 2)]       // no map
    [InlineData(5, 4, 2)]       // no whole number of channels
    [InlineData(4, 4, 3)]       // no whole number of rows
    public void A_map_that_does_not_fit_its_image_is_refused(int values, int pixels, int width)
    {
        ArgumentException error =
            Assert.Throws<ArgumentException>(() => new Faithfulness().Prepare(0, new float[values], new float[pixels], width));
        Assert.StartsWith($"a map of {pixels} pixels in rows of {width} does not fit an image of {values} values", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_are_at_least_one() => Assert.Throws<ArgumentOutOfRangeException>(() => new Faithfulness(steps: 0));
}
