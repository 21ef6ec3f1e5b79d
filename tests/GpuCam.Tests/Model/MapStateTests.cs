using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class MapStateTests
{
    [Theory]
    [InlineData(new[] { -1f, 0f, 3f }, MapState.Normal)]
    [InlineData(new[] { 2f, 2f, 2f }, MapState.Constant)]
    [InlineData(new[] { 2f, 2.000001f, 2f }, MapState.Constant)]
    [InlineData(new[] { 2f, 2.0001f, 2f }, MapState.Normal)]
    [InlineData(new[] { 0f, 0f }, MapState.AllNonPositive)]
    [InlineData(new[] { -1f, -2f, 0f }, MapState.AllNonPositive)]
    [InlineData(new[] { 1f, float.NaN, 3f }, MapState.NonFinite)]
    [InlineData(new[] { 1f, float.NegativeInfinity }, MapState.NonFinite)]
    [InlineData(new float[0], MapState.Constant)]
    public void A_map_is_named_for_what_can_be_shown(float[] map, MapState state)
    {
        var range = MapRange.Of(map);
        Assert.Equal(state, range.State);
        Assert.Equal(state == MapState.Normal, range.Explanation is null);
    }
}
