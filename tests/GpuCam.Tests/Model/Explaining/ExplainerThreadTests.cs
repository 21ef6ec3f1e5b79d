using GpuCam.Model;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>Calls from several threads, progress, and calls that end early.</summary>
public sealed class ExplainerThreadTests
{
    private static readonly ExplainRequest s_slow = new()
    {
        Method = "scorecam", Smoothing = CamSmoothing.Augmentation, Layer = "early+middle+last", Classes = [0, 2],
    };

    private static readonly ExplainRequest[] s_requests =
    [
        new(), new() { Method = "gradcam", Layer = "middle", Top = 2 }, new() { Method = "scorecam", Classes = [1] },
        new() { Method = "fullgrad", Target = CamTarget.Margin }, new() { Method = "gradcam", Smoothing = CamSmoothing.Augmentation },
    ];

    [Fact]
    public void Threads_take_turns_and_each_gets_its_own_answer()
    {
        using Explainer explainer = TinyPictures.Load();
        (RgbPicture Picture, ExplainRequest Request)[] work =
            [.. TinyPictures.Pictures.SelectMany(picture => s_requests.Select(request => (picture, request)))];
        Explanation[] alone = [.. work.Select(one => explainer.Explain(one.Picture, one.Request))];
        var together = new Explanation[4 * work.Length];
        Parallel.For(0, together.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            int own = i * 7 % work.Length;
            together[i] = explainer.Explain(work[own].Picture, work[own].Request);
        });
        for (int i = 0; i < together.Length; i++)
        {
            TinyPictures.AssertSame(alone[i * 7 % work.Length], together[i]);
        }
    }

    [Fact]
    public void Progress_grows_to_the_whole()
    {
        using Explainer explainer = TinyPictures.Load();
        var heard = new Heard();
        explainer.Explain(TinyPictures.Pictures[..2], s_slow, heard);
        Assert.Equal(new ExplainProgress(4, 4, 1), heard.All[^1]);
        Assert.Equal(heard.All.OrderBy(progress => progress.Share), heard.All);
        Assert.True(heard.All.Count > 2 * 6 * 3, "there is a word for each layer, variant and class");
        Assert.All(heard.All, progress => Assert.InRange(progress.Share, 0.001, 1));
    }

    [Fact]
    public void A_call_that_is_cancelled_ends_between_two_passes_and_leaves_the_next_one_as_it_would_be()
    {
        using Explainer explainer = TinyPictures.Load();
        Explanation before = explainer.Explain(TinyPictures.Pictures[0]);
        foreach (int after in (int[])[1, 5, 11])
        {
            using var stop = new CancellationTokenSource();
            var heard = new Heard { At = after, Then = stop.Cancel };
            Assert.ThrowsAny<OperationCanceledException>(() => explainer.Explain(TinyPictures.Pictures, s_slow, heard, stop.Token));
            Assert.Equal(after, heard.All.Count);
            TinyPictures.AssertSame(before, explainer.Explain(TinyPictures.Pictures[0]));
        }

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => explainer.Explain(TinyPictures.Pictures, token: cancelled.Token));
        Assert.ThrowsAny<OperationCanceledException>(
            () => explainer.Explain(TinyPictures.Pictures[0].Pixels.Span, 40, 30, token: cancelled.Token));
    }

    [Fact]
    public async Task A_call_that_waits_for_its_turn_can_be_cancelled_and_disposal_waits_for_the_call_under_way()
    {
        Explainer explainer = TinyPictures.Load();
        using var stop = new CancellationTokenSource();
        using ManualResetEventSlim begun = new(), go = new();
        var heard = new Heard
        {
            At = 1,
            Then = () =>
            {
                begun.Set();
                go.Wait();
            },
        };
        Task<IReadOnlyList<Explanation>> slow =
            Task.Run(() => explainer.Explain(TinyPictures.Pictures[..1], new ExplainRequest { Method = "scorecam" }, heard));
        begun.Wait();
        Task waiting = Task.Run(() => explainer.Explain(TinyPictures.Pictures[..1], token: stop.Token));
        var disposal = Task.Run(explainer.Dispose);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(disposal.IsCompleted);
        go.Set();
        Assert.Single(await slow);
        await disposal;
        Assert.Throws<ObjectDisposedException>(() => explainer.Explain(TinyPictures.Pictures));
    }

    [Fact]
    public void An_error_in_the_callers_own_progress_leaves_the_explainer_in_order()
    {
        using Explainer explainer = TinyPictures.Load();
        Explanation before = explainer.Explain(TinyPictures.Pictures[0]);
        var heard = new Heard { At = 2, Then = () => throw new InvalidOperationException("mine") };
        Assert.Throws<InvalidOperationException>(() => explainer.Explain(TinyPictures.Pictures, s_slow, heard));
        TinyPictures.AssertSame(before, explainer.Explain(TinyPictures.Pictures[0]));
    }

    /// <summary>Keeps what it hears, on the thread that says it.</summary>
    private sealed class Heard : IProgress<ExplainProgress>
    {
        public List<ExplainProgress> All { get; } = [];

        public int At { get; init; }

        public Action? Then { get; init; }

        public void Report(ExplainProgress value)
        {
            All.Add(value);
            if (All.Count == At)
            {
                Then?.Invoke();
            }
        }
    }
}
