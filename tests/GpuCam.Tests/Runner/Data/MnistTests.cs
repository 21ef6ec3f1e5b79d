using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

/// <summary>What is known of the real set, where a run has fetched it; skipped, and said so, elsewhere.</summary>
public class MnistTests
{
    [MnistFact]
    public void The_digits_are_those_everybody_has()
    {
        FetchResult fetched = new DataFetcher(CacheFolder.Locate()) { Network = false }.Get(DataSet.Named("mnist"));
        DigitPool train = fetched.ReadTrain();
        DigitPool test = fetched.ReadTest();
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], Histogram(train));
        Assert.Equal([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009], Histogram(test));
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3], Enumerable.Range(0, 8).Select(train.Label));
        Assert.Equal(33.318, Mean(train), 0.001);
        Assert.Equal(33.791, Mean(test), 0.001);
    }

    private static int[] Histogram(DigitPool pool)
    {
        int[] counts = new int[10];
        for (int i = 0; i < pool.Count; i++)
        {
            counts[pool.Label(i)]++;
        }

        return counts;
    }

    private static double Mean(DigitPool pool)
    {
        long sum = 0;
        for (int i = 0; i < pool.Count; i++)
        {
            foreach (byte pixel in pool.Pixels(i))
            {
                sum += pixel;
            }
        }

        return sum / (double)pool.Count / DigitPool.DigitArea;
    }
}

[AttributeUsage(AttributeTargets.Method)]
public sealed class MnistFactAttribute : FactAttribute
{
    public MnistFactAttribute()
    {
        string folder = Path.Combine(CacheFolder.Locate(), "mnist");
        if (!File.Exists(Path.Combine(folder, "train-images-idx3-ubyte")))
        {
            Skip = $"no MNIST in {folder}; run: gpucam data get mnist";
        }
    }
}
