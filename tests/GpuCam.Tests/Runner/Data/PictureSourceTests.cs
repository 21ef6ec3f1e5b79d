using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Data;

/// <summary>Pictures as a network takes them, as they are and augmented.</summary>
public sealed class PictureSourceTests : IDisposable
{
    private static readonly Lazy<MadePictures> s_made = new(() => new MadePictures(8, classes: 2, mostObjects: 2, least: 40, most: 70));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Pictures_as_they_are_give_the_bits_of_bytes_divided_by_255(int channels)
    {
        var image = new Image8(16, 16);
        for (int i = 0; i < 256; i++)
        {
            image[i % 16, i / 16] = channels == 1 ? Rgb.FromGrey((byte)i) : new Rgb((byte)i, (byte)(255 - i), (byte)(i * 7));
        }

        PngWriter.WriteFile(_folder["a.png"], image);
        var source = new PictureSource(
            [new DataPicture("a.png", _folder["a.png"], 1)], ["x", "y"], PictureSource.AsTheyAre(16, channels),
            new Shape(1, 16, 16, channels), ImageOrientation.Exif, "one");
        float[] expected = new float[256 * channels];
        image.ToFloats(expected, channels);
        var drawn = new Drawn(source, 0);
        Assert.Equal(expected, drawn.Image);
        Assert.Equal((1, null), (drawn.Label, drawn.Box));
        Assert.True(source.ShowsInput);
        Assert.Equal(image.Pixels, source.Shown(0).Pixels);
    }

    [Theory]
    [InlineData("imagenet", "crop")]
    [InlineData("caffe", "pad")]
    [InlineData("tf", "stretch")]
    public void What_is_shown_is_what_the_network_sees(string preset, string fit)
    {
        PictureSource source = Made(Preprocessing.Preset(preset) with { Fit = Enum.Parse<PictureFit>(fit, ignoreCase: true) });
        Assert.False(source.ShowsInput);
        Preprocessing again = source.Preprocessing with { Fit = PictureFit.None };
        for (int i = 0; i < source.Count; i++)
        {
            var drawn = new Drawn(source, i);
            Image8 shown = source.Shown(i);
            float[] input = new float[drawn.Image.Length];
            again.Apply(shown.Pixels, again.Plan(32, 32), 3, input);
            Box seen = source.GeometryOf(i).Shown;
            for (int p = 0; p < input.Length; p++)
            {
                // Where it is padded the input is the mean colour, and that is shown as the nearest of 8 bits.
                bool padded = !seen.Contains(p / 3 % 32, p / 96);
                Assert.Equal(drawn.Image[p], input[p], padded ? 0.51f : 0);
            }
        }
    }

    [Fact]
    public void Boxes_and_masks_follow_to_the_input()
    {
        PictureSource source = Made(Preprocessing.Preset("unit") with { Fit = PictureFit.Stretch });
        for (int i = 0; i < source.Count; i++)
        {
            var drawn = new Drawn(source, i);
            DataPicture picture = source.PictureOf(i);
            Assert.Equal(source.GeometryOf(i).ToInput(picture.Boxes[0]), drawn.Box);
            int inside = 0, all = drawn.Mask.Sum(value => value);
            for (int p = 0; p < drawn.Mask.Length; p++)
            {
                inside += picture.Boxes.Any(box => source.GeometryOf(i).ToInput(box)!.Value.Contains(p % 32, p / 32)) ? drawn.Mask[p] : 0;
            }

            Assert.InRange(all, 10, 700);
            Assert.InRange(inside, all - 3, all);
        }
    }

    [Fact]
    public void A_picture_that_changed_its_size_since_is_named()
    {
        PictureSource source = Made(Preprocessing.Preset("unit"));
        string path = source.PictureOf(3).Path;
        PngWriter.WriteFile(path, new Image8(7, 7));
        string message = Assert.Throws<GpuCamException>(() => new Drawn(source, 3)).Message;
        Assert.StartsWith($"{path}: 7x7 pixels, but", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mirror")]
    [InlineData("standard")]
    [InlineData("strong")]
    public void What_becomes_of_a_picture_hangs_on_seed_picture_and_epoch_alone(string name)
    {
        PictureSource source = Made(Preprocessing.Preset("imagenet"));
        var pictures = new AugmentedPictures(source, Augmentation.Named(name), seed: 5);
        var again = new AugmentedPictures(source, Augmentation.Named(name), seed: 5);
        var other = new AugmentedPictures(source, Augmentation.Named(name), seed: 6);
        int changed = 0, different = 0;
        for (int i = 15; i >= 0; i--)
        {
            var drawn = new Drawn(pictures, i);
            Assert.True(drawn.SameAs(new Drawn(again, i)));
            Assert.Equal(source.PictureOf(i % 8).Label, drawn.Label);
            changed += drawn.SameAs(new Drawn(pictures, i + 8)) ? 0 : 1;
            different += drawn.SameAs(new Drawn(other, i)) ? 0 : 1;
        }

        Assert.InRange(changed, 2, 16);
        Assert.InRange(different, 2, 16);
        Assert.Equal(source.Count * (int.MaxValue / 8), pictures.Count);
    }

    [Fact]
    public void A_mirrored_picture_is_the_picture_from_right_to_left_with_its_box()
    {
        PictureSource source = Made(Preprocessing.Preset("unit"));
        var pictures = new AugmentedPictures(source, Augmentation.Named("mirror"), seed: 1);
        int mirrored = 0;
        for (int i = 0; i < 40; i++)
        {
            Drawn plain = new(source, i % 8), drawn = new(pictures, i);
            bool same = plain.Image.AsSpan().SequenceEqual(drawn.Image);
            mirrored += same ? 0 : 1;
            for (int p = 0; p < 32 * 32 && !same; p++)
            {
                int from = 3 * ((p / 32 * 32) + 31 - (p % 32));
                Assert.Equal(plain.Image.AsSpan(from, 3).ToArray(), drawn.Image.AsSpan(3 * p, 3).ToArray());
            }

            Assert.Equal(same ? plain.Box : plain.Box is { } box ? box with { X0 = 31 - box.X1, X1 = 31 - box.X0 } : null, drawn.Box);
        }

        Assert.InRange(mirrored, 10, 30);
    }

    [Fact]
    public void Boxes_follow_the_crop()
    {
        // A picture that is red in its box and black elsewhere: after any crop the box is around what is red.
        var image = new Image8(60, 45);
        image.FillRectangle(20, 10, 25, 20, new Rgb(255, 0, 0));
        PngWriter.WriteFile(_folder["a.png"], image);
        var picture = new DataPicture("a.png", _folder["a.png"], 0) { Boxes = [new Box(20, 10, 44, 29)] };
        var source = new PictureSource(
            [picture], ["x"], Preprocessing.Preset("unit").ForNetwork(64, 64, 3), new Shape(1, 64, 64, 3), ImageOrientation.Exif, "one");
        var pictures = new AugmentedPictures(source, Augmentation.Named("standard"), seed: 2);
        int without = 0;
        for (int i = 0; i < 100; i++)
        {
            var drawn = new Drawn(pictures, i);
            (int X, int Y)[] red = [.. Enumerable.Range(0, 64 * 64).Where(p => drawn.Image[3 * p] >= 0.5f).Select(p => (p % 64, p / 64))];
            if (drawn.Box is not { } box)
            {
                without++;
                Assert.True(red.Length < 65);
                continue;
            }

            Assert.InRange(box.X0, red.Min(at => at.X) - 1, red.Min(at => at.X) + 1);
            Assert.InRange(box.X1, red.Max(at => at.X) - 1, red.Max(at => at.X) + 1);
            Assert.InRange(box.Y0, red.Min(at => at.Y) - 1, red.Min(at => at.Y) + 1);
            Assert.InRange(box.Y1, red.Max(at => at.Y) - 1, red.Max(at => at.Y) + 1);
        }

        Assert.InRange(without, 0, 40);
    }

    [Fact]
    public void Crops_are_as_large_and_as_wide_as_the_rule_says()
    {
        var augmentation = Augmentation.Named("standard");
        double smallest = 1, largest = 0, narrowest = 9, widest = 0;
        for (int i = 0; i < 2000; i++)
        {
            RandomSequence random = new CounterRandom(3, RandomPurpose.PictureAugmentation, (ulong)i).Sequence();
            Box crop = augmentation.Crop(300, 200, ref random);
            Assert.True(crop.X0 >= 0 && crop.Y0 >= 0 && crop.X1 < 300 && crop.Y1 < 200);
            double area = crop.Area / 60000.0, ratio = (double)crop.Width / crop.Height;
            (smallest, largest) = (Math.Min(smallest, area), Math.Max(largest, area));
            (narrowest, widest) = (Math.Min(narrowest, ratio), Math.Max(widest, ratio));
        }

        Assert.InRange(smallest, 0.078, 0.1);
        Assert.InRange(largest, 0.85, 1);
        Assert.InRange(narrowest, 0.73, 0.77);
        Assert.InRange(widest, 1.3, 1.36);

        // What no crop fits into gives its middle.
        RandomSequence narrow = new CounterRandom(3, RandomPurpose.PictureAugmentation, 0).Sequence();
        Assert.Equal(new Box(0, 493, 9, 505), augmentation.Crop(10, 1000, ref narrow));
    }

    [Fact]
    public void Colours_change_by_the_formulas()
    {
        var image = new Image8(2, 1) { [0, 0] = new Rgb(200, 100, 50), [1, 0] = new Rgb(0, 10, 20) };
        var random = new CounterRandom(1, RandomPurpose.PictureAugmentation, 0);
        RandomSequence sequence = random.Sequence(), copy = random.Sequence();
        float b = copy.NextBetween(0.6f, 1.4f), c = copy.NextBetween(0.6f, 1.4f), s = copy.NextBetween(0.6f, 1.4f);
        byte[] bright = [.. image.Pixels.Select(x => To8(b * x))];
        float mean = (float)Math.Round((Grey(bright, 0) + Grey(bright, 3)) / 2.0);
        byte[] contrast = [.. bright.Select(x => To8((c * x) + ((1 - c) * mean)))];
        byte[] expected = [.. contrast.Select((x, i) => To8((s * x) + ((1 - s) * Grey(contrast, i / 3 * 3))))];
        Augmentation.Named("strong").ChangeColours(image, ref sequence);
        Assert.Equal(expected, image.Pixels);

        static byte To8(double value) => (byte)(Math.Clamp(value, 0, 255) + 0.5);
        static int Grey(byte[] pixels, int at) => new Rgb(pixels[at], pixels[at + 1], pixels[at + 2]).Grey;
    }

    [Fact]
    public void An_epochs_order_is_new_and_its_index_tells_it()
    {
        BatchPlan plan = BatchPlan.Training(10, 4, seed: 3) with { TellsEpoch = true }, plain = BatchPlan.Training(10, 4, seed: 3);
        int[] told = new int[4], untold = new int[4];
        for (long step = 0; step < 50; step++)
        {
            plan.Indices(step, told);
            plain.Indices(step, untold);
            for (int n = 0; n < 4; n++)
            {
                Assert.Equal(((step * 4) + n) / 10, told[n] / 10);
                Assert.Equal(untold[n], told[n] % 10);
            }
        }

        // No index overflows, however many epochs there are.
        plan.Indices(long.MaxValue / 8, told);
        Assert.All(told, index => Assert.True(index >= 0));
    }

    private PictureSource Made(Preprocessing how)
    {
        s_made.Value.WriteTable(_folder["set"], masks: true);
        var set = PictureSet.Open(new(_folder["set"]), line => Assert.Fail(line));
        return new PictureSource(
            set.All, set.ClassNames, how.ForNetwork(32, 32, 3), new Shape(1, 32, 32, 3), ImageOrientation.Exif, set.Description);
    }
}
