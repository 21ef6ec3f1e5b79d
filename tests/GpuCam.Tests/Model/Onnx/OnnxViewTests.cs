using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>What views say against tensors that are really moved, and the views that networks are made of.</summary>
public sealed class OnnxViewTests
{
    private const long N = OnnxView.Batch;

    [Fact]
    public void A_flattened_picture_is_seen_channel_by_channel()
    {
        OnnxView? flat = Picture(7, 5, 3).Reshape(N, 105);
        Assert.Equal([new OnnxFactor(3, 1), new OnnxFactor(35, 3)], flat![1]);
        Assert.False(flat.Lies(0, 1));
        (long[] extents, int[] order) = flat.Permutation(1);
        Assert.Equal([35L, 3], extents);
        Assert.Equal([1, 0], order);
        Assert.True(flat.Reshape(N, 3, 7, 5)!.IsSameAs(Picture(7, 5, 3)));
    }

    [Fact]
    public void A_picture_of_one_pixel_is_its_channels() => Assert.True(Picture(1, 1, 64).Reshape(N, 64)!.Lies(0, 1));

    [Fact]
    public void Transposes_to_and_from_channels_last_vanish()
    {
        var last = OnnxView.Dense(N, 7, 5, 3);
        Assert.True(last.Transpose([0, 3, 1, 2]).IsSameAs(Picture(7, 5, 3)));
        Assert.True(Picture(7, 5, 3).Transpose([0, 2, 3, 1]).IsSameAs(last));
        Assert.True(Picture(7, 5, 3).Lies(0, 2, 3, 1));
        Assert.Equal([0, 2, 3, 1], Picture(7, 5, 3).MemoryOrder()!);
    }

    [Fact]
    public void A_channel_shuffle_is_one_permutation_of_the_channels()
    {
        OnnxView shuffled = Picture(7, 5, 6).Reshape(N, 2, 3, 7, 5)!.Transpose([0, 2, 1, 3, 4]).Reshape(N, 6, 7, 5)!;
        Assert.False(shuffled.Lies(0, 2, 3, 1));
        Assert.Null(shuffled.MemoryOrder());
        (long[] extents, int[] order) = shuffled.Permutation(2, 3, 1);
        Assert.Equal([35L, 2, 3], extents);
        Assert.Equal([0, 2, 1], order);
    }

    [Fact]
    public void Tokens_are_pixels()
    {
        OnnxView tokens = Picture(7, 5, 6).Reshape(N, 6, 35)!.Transpose([0, 2, 1]);
        Assert.True(tokens.IsSameAs(OnnxView.Dense(N, 35, 6)));
    }

    [Fact]
    public void Heads_may_stand_beside_the_batch()
    {
        OnnxView heads = OnnxView.Dense(N, 4, 8).Reshape(N * 4, 8)!;
        Assert.Equal([N * 4, 8L], heads.Extents);
        Assert.True(heads.Reshape(N, 4, 8)!.IsSameAs(OnnxView.Dense(N, 4, 8)));
    }

    [Fact]
    public void A_reshape_across_torn_axes_is_not_seen()
    {
        Assert.Null(OnnxView.Dense(6, 4).Transpose([1, 0]).Reshape(3, 8));
        Assert.NotNull(OnnxView.Dense(6, 4).Reshape(3, 8));
        Assert.Throws<ArgumentException>(() => OnnxView.Dense(6, 4).Reshape(5, 5));
    }

    [Fact]
    public void Axes_of_one_come_and_go()
    {
        OnnxView view = Picture(7, 5, 3).Unsqueeze([0, 3]);
        Assert.Equal([1, N, 3, 1, 7, 5], view.Extents);
        Assert.True(view.Squeeze([0, 3]).IsSameAs(Picture(7, 5, 3)));
        Assert.Equal([0L, 4], OnnxView.Dense(3, 0, 2).Reshape(0, 4)!.Extents);
    }

    [Fact]
    public void Views_agree_with_tensors_that_are_moved()
    {
        var random = new Random(1);
        int seen = 0;
        for (int round = 0; round < 2_000; round++)
        {
            long[] extents = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(1, 5))];
            var view = OnnxView.Dense(extents);
            int[] moved = [.. Enumerable.Range(0, (int)view.Count)];
            for (int step = 0; step < 4; step++)
            {
                int[] order = [.. Enumerable.Range(0, view.Rank)];
                random.Shuffle(order);
                moved = Moved(moved, view.Extents, order);
                view = view.Transpose(order);
                long[] target = Split(random, view.Count);
                if (view.Reshape(target) is not { } reshaped)
                {
                    continue;
                }

                view = reshaped;
                seen++;
            }

            Assert.Equal(moved, Places(view));
            int[] all = [.. Enumerable.Range(0, view.Rank)];
            (long[] from, int[] to) = view.Permutation(all);
            Assert.Equal(moved, Moved([.. Enumerable.Range(0, moved.Length)], from, to));
            Assert.Equal(view.Lies(all), moved.SequenceEqual(Enumerable.Range(0, moved.Length)));
        }

        Assert.InRange(seen, 3_000, 8_000);
    }

    private static OnnxView Picture(long height, long width, long channels) =>
        OnnxView.Dense([N, channels, height, width], [0, 2, 3, 1]);

    /// <summary>Extents with this product.</summary>
    private static long[] Split(Random random, long count)
    {
        var extents = new List<long>();
        while (count > 1)
        {
            long[] divisors = [.. Enumerable.Range(2, (int)count - 1).Select(d => (long)d).Where(d => count % d == 0)];
            extents.Add(divisors[random.Next(divisors.Length)]);
            count /= extents[^1];
        }

        return [.. extents];
    }

    /// <summary>A tensor whose axes are really put in another order.</summary>
    private static int[] Moved(int[] numbers, IReadOnlyList<long> extents, int[] order)
    {
        int[] moved = new int[numbers.Length];
        for (int i = 0; i < moved.Length; i++)
        {
            long[] index = new long[order.Length];
            long rest = i;
            for (int axis = order.Length - 1; axis >= 0; axis--)
            {
                (rest, index[order[axis]]) = Math.DivRem(rest, extents[order[axis]]);
            }

            long place = 0;
            for (int axis = 0; axis < order.Length; axis++)
            {
                place = (place * extents[axis]) + index[axis];
            }

            moved[i] = numbers[place];
        }

        return moved;
    }

    /// <summary>Where in memory the view's numbers lie.</summary>
    private static int[] Places(OnnxView view)
    {
        List<long> places = [0];
        foreach (OnnxFactor factor in Enumerable.Range(0, view.Rank).SelectMany(axis => view[axis]))
        {
            places = [.. places.SelectMany(place => Enumerable.Range(0, (int)factor.Extent).Select(i => place + (i * factor.Stride)))];
        }

        return [.. places.Select(place => (int)place)];
    }
}
