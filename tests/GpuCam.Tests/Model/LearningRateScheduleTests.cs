using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class LearningRateScheduleTests
{
    [Fact]
    public void Constant_is_always_the_peak()
    {
        var schedule = LearningRateSchedule.Create("constant", 0.5f);
        Assert.All([0, 0.3, 1, 2.0], progress => Assert.Equal(0.5f, schedule.At(progress)));
    }

    [Fact]
    public void Cosine_rises_in_a_line_and_falls_in_half_a_wave()
    {
        var schedule = new CosineSchedule(2, WarmUp: 0.1, Floor: 0.01);
        Assert.Equal(0, schedule.At(0));
        Assert.Equal(1, schedule.At(0.05), 6);
        Assert.Equal(2, schedule.At(0.1), 6);
        Assert.Equal(1.01, schedule.At(0.55), 6);
        Assert.Equal(0.02, schedule.At(1), 6);
        Assert.Equal(schedule.At(1), schedule.At(7));
    }

    [Fact]
    public void Cosine_by_name_warms_up_for_two_percent_of_the_training_and_ends_at_nothing()
    {
        var schedule = LearningRateSchedule.Create("cosine", 2);
        Assert.Equal(0, schedule.At(0));
        Assert.Equal(0.5, schedule.At(0.005), 6);
        Assert.Equal(1, schedule.At(0.01), 6);
        Assert.Equal(2, schedule.At(0.02), 6);
        Assert.Equal(1, schedule.At(0.51), 6);      // half-way between 0.02 and 1
        Assert.Equal(0, schedule.At(1), 6);
    }

    [Fact]
    public void Cosine_without_warm_up_starts_at_the_peak() => Assert.Equal(2, new CosineSchedule(2, WarmUp: 0).At(0));

    [Fact]
    public void One_cycle_meets_its_three_ends()
    {
        var schedule = new OneCycleSchedule(1);
        Assert.Equal(1 / 25.0, schedule.At(0), 7);
        Assert.Equal((1 + (1 / 25.0)) / 2, schedule.At(0.15), 6);
        Assert.Equal(1, schedule.At(0.3), 7);
        Assert.Equal(1 / 25.0 / 1e4, schedule.At(1), 9);
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("one-cycle")]
    public void A_rate_rises_once_falls_once_and_stays_within_the_peak(string name)
    {
        var schedule = LearningRateSchedule.Create(name, 0.1f);
        float[] rates = [.. Enumerable.Range(0, 1001).Select(i => schedule.At(i / 1000.0))];
        int top = Array.IndexOf(rates, rates.Max());
        for (int i = 1; i < rates.Length; i++)
        {
            Assert.True(i <= top ? rates[i] >= rates[i - 1] : rates[i] <= rates[i - 1], $"step {i}");
        }

        Assert.All(rates, rate => Assert.InRange(rate, 0, 0.1f));
    }

    [Fact]
    public void An_unknown_name_lists_the_known_ones()
    {
        GpuCamException error = Assert.Throws<GpuCamException>(() => LearningRateSchedule.Create("linear", 1));
        Assert.Equal("unknown learning-rate schedule 'linear': choose one of constant, cosine, one-cycle", error.Message);
    }
}
