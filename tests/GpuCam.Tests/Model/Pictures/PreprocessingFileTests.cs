using GpuCam.Model;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Model.Pictures;

/// <summary>Preprocessing from JSON: our own, transformers' and timm's.</summary>
public class PreprocessingFileTests
{
    [Fact]
    public void A_file_of_our_own_says_what_differs_from_a_preset()
    {
        Preprocessing how = PreprocessingFile.Parse(
            """{ "preset": "caffe", "mean": [104, 117, 123], "size": [227, 300], "resize": 256, "filter": "bicubic", "fit": "stretch" }""", "a.json");
        Assert.Equal((227, 300), (how.Height, how.Width));
        Assert.Equal(256.0 / 227, how.Margin);
        Assert.Equal((ChannelOrder.Bgr, 1.0, PictureFilter.Bicubic, PictureFit.Stretch), (how.Order, how.Scale, how.Filter, how.Fit));
        Assert.Equal([104, 117, 123], how.Mean);
        Assert.Equal("a.json", how.Name);
        Assert.Equal(1.0 / 255, PreprocessingFile.Parse("""{ "scale": "1/255" }""", "a.json").Scale);
        Assert.Equal(256.0 / 224, PreprocessingFile.Parse("""{ "preset": "imagenet" }""", "a.json").Margin);
    }

    [Theory]
    [InlineData("imagenet")]
    [InlineData("caffe")]
    [InlineData("tf")]
    [InlineData("unit")]
    public void What_is_written_is_read_again(string preset)
    {
        foreach (PictureFit fit in Enum.GetValues<PictureFit>())
        {
            Preprocessing how = Preprocessing.Preset(preset).ForNetwork(299, 299, 3) with { Fit = fit };
            Preprocessing back = PreprocessingFile.Parse(PreprocessingFile.ToJson(how), preset);
            Assert.Equal(how with { Mean = back.Mean, Deviation = back.Deviation, Margin = back.Margin }, back);
            Assert.Equal(how.Mean, back.Mean);
            Assert.Equal(how.Deviation, back.Deviation);
            if (fit != PictureFit.None)
            {
                Assert.Equal(how.Plan(640, 480), back.Plan(640, 480));
            }
        }
    }

    [Theory]
    // ViT: both sides, no crop.
    [InlineData("""{"do_normalize":true,"do_resize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"resample":2,"size":224}""",
        PictureFit.Stretch, 224, 224, 224, PictureFilter.Bilinear)]
    [InlineData("""{"do_normalize":true,"do_resize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"resample":3,"size":{"height":192,"width":192}}""",
        PictureFit.Stretch, 192, 192, 192, PictureFilter.Bicubic)]
    // MobileNetV2: shorter side, crop.
    [InlineData("""{"crop_size":{"height":224,"width":224},"do_center_crop":true,"do_normalize":true,"do_resize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"size":{"shortest_edge":256}}""",
        PictureFit.Crop, 224, 224, 256, PictureFilter.Bilinear)]
    // CLIP and others of that age: a bare number is the shorter side of those that crop.
    [InlineData("""{"crop_size":224,"do_center_crop":true,"do_normalize":true,"do_resize":true,"image_mean":[0.4,0.4,0.4],"image_std":[0.2,0.2,0.2],"resample":3,"size":224}""",
        PictureFit.Crop, 224, 224, 224, PictureFilter.Bicubic)]
    // ResNet and ConvNext: a part of what is scaled; from 384 on all of it, stretched.
    [InlineData("""{"crop_pct":0.875,"do_normalize":true,"do_resize":true,"feature_extractor_type":"ConvNextFeatureExtractor","image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225],"resample":3,"size":224}""",
        PictureFit.Crop, 224, 224, 256, PictureFilter.Bicubic)]
    [InlineData("""{"crop_pct":null,"do_normalize":true,"do_resize":true,"image_processor_type":"ConvNextImageProcessor","image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225],"size":{"shortest_edge":384}}""",
        PictureFit.Stretch, 384, 384, 384, PictureFilter.Bilinear)]
    // EfficientNet: both sides, then a crop.
    [InlineData("""{"crop_size":{"height":289,"width":289},"do_center_crop":true,"do_normalize":true,"image_mean":[0.4,0.4,0.4],"image_std":[0.2,0.2,0.2],"resample":0,"size":{"height":346,"width":346}}""",
        PictureFit.Stretch, 289, 289, 346, PictureFilter.Nearest)]
    // timm.
    [InlineData("""{"architecture":"resnet50","num_classes":1000,"pretrained_cfg":{"input_size":[3,288,288],"interpolation":"bicubic","crop_pct":0.95,"crop_mode":"center","mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}}""",
        PictureFit.Crop, 288, 288, 303, PictureFilter.Bicubic)]
    [InlineData("""{"input_size":[3,224,224],"interpolation":"bilinear","crop_pct":1.0,"crop_mode":"squash","mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}""",
        PictureFit.Stretch, 224, 224, 224, PictureFilter.Bilinear)]
    public void What_other_libraries_write_down_is_done(
        string json, PictureFit fit, int height, int width, int resize, PictureFilter filter)
    {
        Preprocessing how = PreprocessingFile.Parse(json, "config.json");
        Assert.Equal((fit, height, width, filter), (how.Fit, how.Height!.Value, how.Width!.Value, how.Filter));
        Assert.Equal(resize, (int)Math.Round(how.Margin * height));
        Assert.Equal((1.0 / 255, ChannelOrder.Rgb, 3, 3), (how.Scale, how.Order, how.Mean.Count, how.Deviation.Count));
        Assert.True(PreprocessingFile.Describes(json, "config.json"));
    }

    [Fact]
    public void Rescaling_and_normalising_follow_their_switches()
    {
        Preprocessing plain = Parse("""{"do_resize":false,"do_normalize":false,"do_rescale":false}""");
        Assert.Equal((PictureFit.None, 1.0), (plain.Fit, plain.Scale));
        Assert.Equal([0.0], plain.Mean);

        // MobileViT: BGR, nothing subtracted.
        Preprocessing flipped = Parse(
            """{"crop_size":{"height":256,"width":256},"do_center_crop":true,"do_flip_channel_order":true,"do_resize":true,"size":{"shortest_edge":288}}""");
        Assert.Equal((ChannelOrder.Bgr, 1), (flipped.Order, flipped.Mean.Count));

        // Rescaled to -1 … 1, then normalised, then divided again.
        Preprocessing offset = Parse(
            """{"size":224,"do_rescale":true,"rescale_factor":0.0078,"rescale_offset":true,"include_top":true,"do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.25,0.5,0.5]}""");
        Assert.Equal([1.5, 1.5, 1.5], offset.Mean);
        Assert.Equal([0.0625, 0.25, 0.25], offset.Deviation);
        Assert.Equal(0.0078, offset.Scale);
    }

    [Theory]
    [InlineData("[1]", "this is no JSON object, but begins with [1]; give one in { }")]
    [InlineData("{\"fit\": }", "this is no JSON (line 1, byte 9); correct it there")]
    [InlineData("""{"sizes": 3}""", "the field sizes is not known; there are preset, fit, size, resize, filter, channels, scale, mean, std")]
    [InlineData("""{"fit": "shrink"}""", "fit is \"shrink\"; it must be crop, stretch, pad, none")]
    [InlineData("""{"preset": "vgg"}""", "preset is \"vgg\"; it must be imagenet, caffe, tf, unit")]
    [InlineData("""{"size": 0}""", "size is 0; it must be a whole number of pixels, or [height, width]")]
    [InlineData("""{"size": [1, 2, 3]}""", "size is [1, 2, 3]; it must be a whole number of pixels, or [height, width]")]
    [InlineData("""{"size": 224, "resize": 223}""", "resize is 223; it must be 224 or more, the size")]
    [InlineData("""{"mean": [1, 2]}""", "mean is [1, 2]; it must be a finite number or a list of 3 of them")]
    [InlineData("""{"mean": "red"}""", "mean is \"red\"; it must be a finite number or a list of 3 of them")]
    [InlineData("""{"std": [1, 0, 1]}""", "a deviation is 0; it must be above 0, for it divides")]
    [InlineData("""{"scale": "1/0"}""", "scale is \"1/0\"; it must be a finite number")]
    [InlineData("""{"scale": -1}""", "the scale is -1; it must be above 0, such as 1/255")]
    [InlineData("""{"do_resize": true}""", "size is not there; it must be given, as do_resize is true")]
    [InlineData("""{"do_resize": "yes"}""", "do_resize is \"yes\"; it must be true or false")]
    [InlineData("""{"do_normalize": true, "size": 224}""", "image_mean is not there; it must be given, as do_normalize is true")]
    [InlineData("""{"do_resize": true, "size": {"longest_edge": 3}}""",
        "size is {\"longest_edge\": 3}; it must be a number, or have height and width or shortest_edge")]
    [InlineData("""{"do_resize": true, "size": 224, "resample": 5}""",
        "resample is 5; it must be 0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)")]
    [InlineData("""{"do_resize": true, "size": 224, "do_center_crop": true, "crop_size": 225}""",
        "crop_size is 225; it must be no larger than size")]
    [InlineData("""{"pretrained_cfg": {"input_size": [224], "mean": 0, "std": 1}}""",
        "input_size is [224]; it must be [channels, height, width]")]
    [InlineData("""{"input_size": [3, 224, 224], "crop_pct": 1.5}""", "crop_pct is 1.5; it must be above 0 and at most 1")]
    [InlineData("""{"input_size": [3, 224, 224], "interpolation": "random", "mean": 0, "std": 1}""",
        "interpolation is \"random\"; it must be nearest, bilinear, bicubic, lanczos")]
    public void What_is_wrong_is_said_with_the_field(string json, string expected)
    {
        string message = Assert.Throws<GpuCamException>(() => Parse(json)).Message;
        Assert.EndsWith(expected, message);
        Assert.StartsWith("p.json: ", message);
    }

    [Fact]
    public void A_config_of_another_kind_describes_no_preprocessing() =>
        Assert.False(PreprocessingFile.Describes("""{"id2label": {"0": "cat"}, "model_type": "resnet"}""", "config.json"));

    [Fact]
    public void Any_text_is_read_or_refused_in_a_line()
    {
        string[] good =
        [
            """{"crop_size":{"height":224,"width":224},"do_center_crop":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"size":{"shortest_edge":256}}""",
            """{"pretrained_cfg":{"input_size":[3,288,288],"crop_pct":0.95,"mean":[0.4,0.4,0.4],"std":[0.2,0.2,0.2]}}""",
            """{"preset":"caffe","size":[227,300],"resize":256,"mean":[104,117,123],"std":1,"scale":"1/255"}""",
        ];
        string[] values =
            ["null", "-1", "0", "1e999", "1e308", "\"\"", "[]", "{}", "true", "99999999999999999999", "[[[[1]]]]", "\"\\ud800\""];
        var random = new Random(5);
        int read = 0;
        for (int i = 0; i < 3000; i++)
        {
            string text = good[i % good.Length];
            int at = text.IndexOfAny([':', ','], random.Next(text.Length - 2));
            int end = at < 0 ? -1 : text.IndexOfAny([',', '}', ']'], at + 1);
            string value = values[random.Next(values.Length)];
            string damaged = end < 0 ? text[..random.Next(text.Length)] : text[..(at + 1)] + value + text[end..];
            try
            {
                Preprocessing how = Parse(damaged);
                float[] input = new float[9 * 5 * 3];
                Preprocessing small = how.ForNetwork(9, 5, 3) with { Fit = PictureFit.Crop };
                small.Apply(new byte[4 * 3 * 3], small.Plan(4, 3), 3, input);
                read++;
            }
            catch (GpuCamException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        Assert.InRange(read, 100, 2900);
    }

    [Fact]
    public void What_lies_beside_a_model_is_found()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("net.onnx", "");
        Assert.Null(Sidecars.Preprocessing(model));
        folder.Write("config.json", """{"id2label": {"0": "cat", "1": "dog"}}""");
        Assert.Null(Sidecars.Preprocessing(model));
        folder.Write("preprocessor_config.json", """{"do_resize": true, "size": 96, "do_normalize": false}""");
        Assert.Equal(96, Sidecars.Preprocessing(model)!.Height);
        folder.Write("net.preprocess.json", """{"preset": "tf"}""");
        Assert.Equal(folder["net.preprocess.json"], Sidecars.Preprocessing(model)!.Name);
        folder.Write("net.preprocess.json", """{"size": "x"}""");
        Assert.Throws<GpuCamException>(() => Sidecars.Preprocessing(model));
        Assert.Equal("tf", PreprocessingFile.PresetOrFile("tf").Name);
    }

    [Theory]
    [InlineData("Bgr8", "NominalRange_0_255", ChannelOrder.Bgr, 255)]
    [InlineData("Rgb8", "Normalized_0_1", ChannelOrder.Rgb, 1)]
    [InlineData("Gray8", "Normalized_1_1", ChannelOrder.Grey, 1)]
    [InlineData("Rgba8", "NominalRange_16_235", ChannelOrder.Rgb, 235)]
    public void The_metadata_of_windows_ml_are_understood(string format, string range, ChannelOrder order, double white)
    {
        var metadata = new Dictionary<string, string> { ["Image.BitmapPixelFormat"] = format, ["Image.NominalPixelRange"] = range };
        Preprocessing how = PictureMetadata.PreprocessingOf(metadata, "net.onnx")!;
        Assert.Equal(order, how.Order);
        float[] input = new float[1];
        how = how.ForNetwork(1, 1, 1);
        how.Apply([255, 255, 255], how.Plan(1, 1), 1, input);
        Assert.Equal(white, input[0], 1e-4);
        Assert.Null(PictureMetadata.PreprocessingOf(new Dictionary<string, string> { ["author"] = "me" }, "net.onnx"));
        metadata["Image.BitmapPixelFormat"] = "Yuy2";
        Assert.Throws<GpuCamException>(() => PictureMetadata.PreprocessingOf(metadata, "net.onnx"));
    }

    private static Preprocessing Parse(string json) => PreprocessingFile.Parse(json, "p.json");
}
