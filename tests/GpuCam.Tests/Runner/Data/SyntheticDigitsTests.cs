using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public class SyntheticDigitsTests
{
    [Fact]
    public void A_digit_is_a_pure_function_of_seed_and_index()
    {
        DigitPool many = SyntheticDigits.Make(3, 0, 200);
        DigitPool few = SyntheticDigits.Make(3, 150, 20);
        DigitPool other = SyntheticDigits.Make(4, 0, 200);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(many.Pixels(150 + i).SequenceEqual(few.Pixels(i)));
            Assert.False(many.Pixels(i).SequenceEqual(other.Pixels(i)));
            Assert.False(many.Pixels(i).SequenceEqual(many.Pixels(i + 10)));
        }
    }

    [Fact]
    public void Digits_have_the_size_place_and_ink_of_handwriting()
    {
        DigitPool pool = SyntheticDigits.Make(3, 0, 1000);
        double ink = 0;
        for (int i = 0; i < pool.Count; i++)
        {
            Assert.Equal(i % 10, pool.Label(i));
            GpuCam.Model.Box box = pool.Box(i);
            Assert.InRange(Math.Max(box.Width, box.Height), 16, 22);
            Assert.InRange(box.X0, 2, 25);
            Assert.InRange(box.Y0, 2, 25);
            Assert.InRange(box.X1, 2, 25);
            Assert.InRange(box.Y1, 2, 25);
            Assert.True(pool.Pixels(i).IndexOfAnyInRange((byte)200, (byte)255) >= 0, $"digit {i} is faint");
            foreach (byte pixel in pool.Pixels(i))
            {
                ink += pixel / 255.0;
            }
        }

        Assert.InRange(ink / pool.Count, 70, 130);      // MNIST: about 103 of 784
    }

    /// <summary>The nearest of 2,000 other digits is of the same class nearly always: the classes do look different.</summary>
    [Fact]
    public void Classes_can_be_told_apart_by_the_nearest_neighbour()
    {
        DigitPool known = SyntheticDigits.Make(3, 0, 2000);
        DigitPool asked = SyntheticDigits.Make(3, 100_000, 200);
        int right = Enumerable.Range(0, asked.Count).Count(i => known.Label(Nearest(known, asked.Pixels(i))) == asked.Label(i));
        Assert.InRange(right, 170, 200);
    }

    private static int Nearest(DigitPool pool, ReadOnlySpan<byte> digit)
    {
        int best = 0, smallest = int.MaxValue;
        for (int i = 0; i < pool.Count; i++)
        {
            ReadOnlySpan<byte> other = pool.Pixels(i);
            int distance = 0;
            for (int p = 0; p < digit.Length && distance < smallest; p++)
            {
                distance += (digit[p] - other[p]) * (digit[p] - other[p]);
            }

            if (distance < smallest)
            {
                (best, smallest) = (i, distance);
            }
        }

        return best;
    }
}
