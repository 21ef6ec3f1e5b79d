using System.Collections.Concurrent;
using GpuCam.Kernels;
using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

public sealed unsafe class LeNetEngineTests
{
    private const double Tolerance = 1e-5;
    private const int Count = 5;

    // The definition is slow, and the same for every width.
    private static readonly ConcurrentDictionary<(LeNetShape Shape, bool Sparse), NaiveLeNet> s_expected = [];

    public static TheoryData<int, LeNetShape> Shapes => SimdWidths.With(
        new LeNetShape(22, 18, 3, 32, 32, 7),
        new LeNetShape(31, 27, 1, 32, 64, 10),
        new LeNetShape(46, 33, 1, 64, 32, 3),
        new LeNetShape(6, 7, 2, 32, 32, 2));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_step_on_noise_equals_its_definition_in_double(int bits, LeNetShape shape) =>
        CheckStep(bits, shape, sparse: false, skipBlank: false);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_step_on_mostly_black_images_equals_its_definition_in_double(int bits, LeNetShape shape) =>
        CheckStep(bits, shape, sparse: true, skipBlank: false);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Leaving_black_tiles_out_changes_nothing(int bits, LeNetShape shape) =>
        CheckStep(bits, shape, sparse: true, skipBlank: true);

    [Fact]
    public void The_same_threads_give_the_same_bits_and_other_threads_nearly()
    {
        var shape = new LeNetShape(40, 40, 1, 32, 64, 10);
        float[] images = Sparse(shape);
        float[] once = [.. Step(SimdWidth.Widest, shape, images, true, 2).Gradients.Everything()];
        Assert.Equal(once, Step(SimdWidth.Widest, shape, images, true, 2).Gradients.Everything());
        OpHarness.Close([.. once.Select(v => (double)v)], [.. Step(SimdWidth.Widest, shape, images, true, 3).Gradients.Everything()],
            Tolerance);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Inference_in_batches_and_in_bands_equals_its_definition_in_double(int bits, LeNetShape shape)
    {
        float[] images = Sparse(shape);
        var arrays = LeNetArrays.Random(shape);
        NaiveLeNet expected = Expected(shape, sparse: true);
        using var team = new HostThreads(2);
        using ILeNetEngine engine = LeNetEngine.Create(shape, team, bits);
        foreach (bool skip in new[] { false, true })
        {
            engine.SkipBlank = skip;
            engine.Prepare(arrays.Tensors, training: false);
            float[] batch = Nan(Count * shape.Classes), single = Nan(Count * shape.Classes);
            float[] maps = Nan(expected.Maps.Count), singleMaps = Nan(expected.Maps.Count);
            engine.Infer(LeNetArrays.At(images), Count, LeNetArrays.At(maps), LeNetArrays.At(batch));
            for (int n = 0; n < Count; n++)
            {
                engine.Infer(
                    LeNetArrays.At(images) + (n * images.Length / Count), 1, LeNetArrays.At(singleMaps) + (n * maps.Length / Count),
                    LeNetArrays.At(single) + (n * shape.Classes));
            }

            OpHarness.Close([.. expected.Logits], batch, Tolerance, "logits");
            OpHarness.Close([.. expected.Logits], single, Tolerance, "logits, one by one");
            OpHarness.Close([.. expected.Maps], maps, Tolerance, "feature maps");
            OpHarness.Close([.. expected.Maps], singleMaps, Tolerance, "feature maps, one by one");
        }

        GC.KeepAlive(arrays);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void An_image_has_the_same_bits_alone_and_in_a_batch_on_any_number_of_threads(int bits, LeNetShape shape)
    {
        float[] images = Sparse(shape);
        foreach (bool skip in new[] { false, true })
        {
            (float[] logits, float[] maps) = Infer(1, Count);
            foreach ((int threads, int together) in new[] { (2, 1), (3, Count), (3, 1), (7, Count) })
            {
                (float[] others, float[] otherMaps) = Infer(threads, together);
                Assert.Equal(logits, others);
                Assert.Equal(maps, otherMaps);
            }

            (float[] Logits, float[] Maps) Infer(int threads, int together)
            {
                using var team = new HostThreads(threads);
                using ILeNetEngine engine = LeNetEngine.Create(shape, team, bits);
                engine.SkipBlank = skip;
                var arrays = LeNetArrays.Random(shape);
                engine.Prepare(arrays.Tensors, training: false);
                float[] logits = Nan(Count * shape.Classes), bare = Nan(Count * shape.Classes);
                float[] maps = Nan(Count * shape.Rows2 * shape.Columns2 * shape.Channels2);
                for (int n = 0; n < Count; n += together)
                {
                    float* at = LeNetArrays.At(images) + (n * images.Length / Count);
                    float* mapsAt = LeNetArrays.At(maps) + (n * maps.Length / Count);
                    engine.Infer(at, together, mapsAt, LeNetArrays.At(logits) + (n * shape.Classes));
                    engine.Infer(at, together, null, LeNetArrays.At(bare) + (n * shape.Classes));
                }

                GC.KeepAlive(arrays);
                Assert.Equal(logits, bare);
                return (logits, maps);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_parameter_that_is_not_a_number_is_not_hidden_by_relu(int bits, LeNetShape shape)
    {
        foreach (Func<LeNetArrays, float[]> part in (Func<LeNetArrays, float[]>[])[w => w.Conv1, w => w.Bias1, w => w.Conv2, w => w.Bias2])
        {
            var weights = LeNetArrays.Random(shape);
            part(weights)[^1] = float.NaN;
            float[] losses = Train(bits, shape, weights, LeNetArrays.Nan(shape), Noise(shape), true, 1);
            Assert.All(losses, loss => Assert.True(float.IsNaN(loss), $"loss {loss}"));
        }
    }

    [Fact]
    public void A_width_that_is_not_there_is_named()
    {
        Assert.Contains("GPUCAM_SIMD_WIDTH is \"300\"", Assert.Throws<GpuCamException>(() => SimdWidth.Choose("300")).Message,
            StringComparison.Ordinal);
        Assert.Equal(128, SimdWidth.Choose("128"));
        Assert.Equal(SimdWidth.Widest, SimdWidth.Choose(""));
    }

    private static void CheckStep(int bits, LeNetShape shape, bool sparse, bool skipBlank)
    {
        (LeNetArrays gradients, float[] losses) = Step(bits, shape, sparse ? Sparse(shape) : Noise(shape), skipBlank, 2);
        NaiveLeNet expected = Expected(shape, sparse);
        OpHarness.Close([.. expected.Losses], losses, Tolerance, "loss");
        CloseToLargest(expected.Gradients.Classifier, gradients.Classifier, "classifier weight");
        CloseToLargest(expected.Gradients.ClassifierBias, gradients.ClassifierBias, "classifier bias");
        CloseToLargest(expected.Gradients.Conv2, gradients.Conv2, "conv2 weight");
        CloseToLargest(expected.Gradients.Bias2, gradients.Bias2, "conv2 bias");
        CloseToLargest(expected.Gradients.Conv1, gradients.Conv1, "conv1 weight");
        CloseToLargest(expected.Gradients.Bias1, gradients.Bias1, "conv1 bias");
    }

    /// <summary>Gradients are small: scaled so that the largest expected one is 1.</summary>
    private static void CloseToLargest(double[] expected, float[] actual, string what)
    {
        double largest = expected.Max(Math.Abs);
        OpHarness.Close([.. expected.Select(v => v / largest)], [.. actual.Select(v => (float)(v / largest))], Tolerance, what);
    }

    private static NaiveLeNet Expected(LeNetShape shape, bool sparse) => s_expected.GetOrAdd((shape, sparse), _ =>
        new NaiveLeNet(shape, LeNetArrays.Random(shape), sparse ? Sparse(shape) : Noise(shape), Labels(shape)));

    private static (LeNetArrays Gradients, float[] Losses) Step(
        int bits, LeNetShape shape, float[] images, bool skipBlank, int threads)
    {
        var gradients = LeNetArrays.Nan(shape);
        return (gradients, Train(bits, shape, LeNetArrays.Random(shape), gradients, images, skipBlank, threads));
    }

    private static float[] Train(
        int bits, LeNetShape shape, LeNetArrays weights, LeNetArrays gradients, float[] images, bool skipBlank, int threads)
    {
        using var team = new HostThreads(threads);
        using ILeNetEngine engine = LeNetEngine.Create(shape, team, bits);
        engine.SkipBlank = skipBlank;
        float[] losses = Nan(Count);
        fixed (int* labels = Labels(shape))
        {
            engine.Train(LeNetArrays.At(images), labels, Count, 1f / Count, weights.Tensors, gradients.Tensors, losses, new int[Count]);
        }

        GC.KeepAlive((weights, gradients));
        return losses;
    }

    private static int[] Labels(LeNetShape shape) => [.. Enumerable.Range(0, Count).Select(n => n * 3 % shape.Classes)];

    private static float[] Nan(int count) => LeNetArrays.Pinned([.. Enumerable.Repeat(float.NaN, count)]);

    private static float[] Noise(LeNetShape shape) => LeNetArrays.Pinned(OpHarness.Random(
        Count * shape.Height * shape.Width * shape.InChannels, 5, 0, 1));

    /// <summary>A few small patches on black; the last image is all black.</summary>
    private static float[] Sparse(LeNetShape shape)
    {
        var random = new Random(9);
        float[] images = LeNetArrays.Pinned(new float[Count * shape.Height * shape.Width * shape.InChannels]);
        for (int patch = 0; patch < 3 * (Count - 1); patch++)
        {
            int top = random.Next(shape.Height - 3), left = random.Next(shape.Width - 3), image = patch / 3 * shape.Height * shape.Width;
            for (int i = 0; i < 16 * shape.InChannels; i++)
            {
                int pixel = image + ((top + (i / shape.InChannels / 4)) * shape.Width) + left + (i / shape.InChannels % 4);
                images[(pixel * shape.InChannels) + (i % shape.InChannels)] = random.Next(2) * random.NextSingle();
            }
        }

        return images;
    }
}
