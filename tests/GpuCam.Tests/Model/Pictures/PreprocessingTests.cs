using GpuCam.Model;

namespace GpuCam.Tests.Model.Pictures;

/// <summary>From 8-bit pixels to the network's floats.</summary>
public class PreprocessingTests
{
    private static readonly byte[] s_pixel = [10, 128, 250];

    [Theory]
    [InlineData("imagenet", (10 / 255.0 - 0.485) / 0.229, (128 / 255.0 - 0.456) / 0.224, (250 / 255.0 - 0.406) / 0.225)]
    [InlineData("caffe", 250 - 103.939, 128 - 116.779, 10 - 123.68)]
    [InlineData("tf", (10 / 127.5) - 1, (128 / 127.5) - 1, (250 / 127.5) - 1)]
    [InlineData("unit", 10 / 255.0, 128 / 255.0, 250 / 255.0)]
    public void A_preset_normalises_by_its_formula(string preset, double first, double second, double third)
    {
        Preprocessing how = Preprocessing.Preset(preset).ForNetwork(1, 1, 3);
        float[] input = new float[3];
        how.Apply(s_pixel, how.Plan(1, 1), 3, input);
        Assert.Equal([first, second, third], input.Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [InlineData("imagenet", 224, 256)]
    [InlineData("imagenet", 299, 342)]
    [InlineData("caffe", 227, 259)]
    [InlineData("tf", 128, 146)]
    [InlineData("unit", 64, 64)]
    public void What_is_scaled_grows_with_the_networks_input(string preset, int side, int scaled)
    {
        PictureGeometry plan = Preprocessing.Preset(preset).ForNetwork(side, side, 3).Plan(500, 500);
        Assert.Equal((side, side, scaled, scaled), (plan.InputWidth, plan.InputHeight, (int)plan.ScaledWidth, (int)plan.ScaledHeight));
    }

    [Fact]
    public void A_network_of_any_size_gets_224_or_what_the_preprocessing_says()
    {
        var how = Preprocessing.Preset("imagenet");
        Assert.Equal((224, 224), Size(how.ForNetwork(null, null, 3)));
        Assert.Equal((96, 160), Size((how with { Height = 96, Width = 160 }).ForNetwork(null, null, 3)));
        Assert.Equal((64, 160), Size((how with { Height = 96, Width = 160 }).ForNetwork(64, null, 3)));

        static (int, int) Size(Preprocessing how) => (how.Height!.Value, how.Width!.Value);
    }

    [Fact]
    public void Padding_is_the_mean_colour_and_the_picture_lies_in_the_middle()
    {
        Preprocessing how = Preprocessing.Preset("imagenet").ForNetwork(6, 4, 3) with { Fit = PictureFit.Pad };
        float[] input = Enumerable.Repeat(float.NaN, 6 * 4 * 3).ToArray();
        how.Apply([255, 255, 255, 255, 255, 255], how.Plan(2, 1), 3, input);
        for (int i = 0; i < input.Length; i++)
        {
            int row = i / 12;
            Assert.Equal(row is 2 or 3, input[i] != 0);
        }
    }

    [Fact]
    public void A_mean_image_is_subtracted_pixel_by_pixel_in_the_networks_order()
    {
        float[] planes = [1, 2, 3, 4, 10, 20, 30, 40, 100, 150, 200, 250];
        Preprocessing how = new Preprocessing
        {
            Name = "mean", Order = ChannelOrder.Bgr, Scale = 1, Deviation = [2], MeanImage = MeanImage.FromPlanes(planes, 3, 2, 2),
        }.ForNetwork(2, 2, 3);
        byte[] pixels = [.. s_pixel, .. s_pixel, .. s_pixel, .. s_pixel];
        float[] input = new float[12];
        how.Apply(pixels, how.Plan(2, 2), 3, input);
        Assert.Equal([249 / 2f, 118 / 2f, -90 / 2f, 248 / 2f, 108 / 2f, -140 / 2f], input[..6]);
        Assert.Equal([246 / 2f, 88 / 2f, -240 / 2f], input[9..]);

        string message = Assert.Throws<GpuCamException>(() => how.ForNetwork(3, 2, 3)).Message;
        Assert.Equal(
            "mean: the mean image is 2 x 2 x 3, but the input of the network 3 x 2 x 3; give its mean as numbers", message);
        Assert.Throws<GpuCamException>(() => new MeanImage([1, 2], 1, 1, 3));
        Assert.Throws<GpuCamException>(() => new MeanImage([1, float.NaN, 2], 1, 1, 3));
    }

    [Fact]
    public void A_network_of_one_channel_sees_the_brightness()
    {
        Preprocessing how = Preprocessing.Preset("unit").ForNetwork(1, 1, 1);
        float[] input = new float[1];
        how.Apply(s_pixel, how.Plan(1, 1), 1, input);
        Assert.Equal(107 / 255f, input[0], 1e-6f);      // (299 * 10 + 587 * 128 + 114 * 250 + 500) / 1000

        Preprocessing three = (how with { Order = ChannelOrder.Grey }).ForNetwork(1, 1, 3);
        float[] all = new float[3];
        three.Apply(s_pixel, three.Plan(1, 1), 3, all);
        Assert.All(all, value => Assert.Equal(input[0], value));
    }

    [Fact]
    public void Channels_that_do_not_fit_are_refused_with_what_to_give()
    {
        Assert.Equal(
            "imagenet has means for 3 channels, but the network takes 1; give unit, or a file with one number",
            Assert.Throws<GpuCamException>(() => Preprocessing.Preset("imagenet").ForNetwork(8, 8, 1)).Message);
        Assert.StartsWith(
            "the network takes 4 channels", Assert.Throws<GpuCamException>(() => Preprocessing.Preset("unit").ForNetwork(8, 8, 4)).Message);
        Assert.Equal(
            "there is no preprocessing 'imagenett'; give imagenet, caffe, tf, unit or a JSON file",
            Assert.Throws<GpuCamException>(() => PreprocessingFile.PresetOrFile("imagenett")).Message);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Preprocessing how = Preprocessing.Preset("unit").ForNetwork(2, 2, 3);
        PictureGeometry plan = how.Plan(3, 3);
        Assert.Throws<GpuCamException>(() => how.Apply(new byte[26], plan, 3, new float[12]));
        Assert.Throws<GpuCamException>(() => how.Apply(new byte[27], plan, 3, new float[11]));
        Assert.Throws<GpuCamException>(() => how.Plan(0, 3));
    }
}
