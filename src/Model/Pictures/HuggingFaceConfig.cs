namespace GpuCam.Model;

/// <summary>How the two libraries whose models lie on Hugging Face write down what they do to a picture: transformers and timm.</summary>
internal static class HuggingFaceConfig
{
    // What ConvNext's processor crops of pictures smaller than this; larger ones it stretches.
    private const int ConvNextStretches = 384;

    private static readonly string[] s_marks =
        ["do_resize", "do_normalize", "do_rescale", "do_center_crop", "image_mean", "image_processor_type", "feature_extractor_type"];

    /// <summary>PIL's numbers; box (4) and hamming (5) are not there.</summary>
    private static readonly PictureFilter[] s_resample =
        [PictureFilter.Nearest, PictureFilter.Lanczos, PictureFilter.Bilinear, PictureFilter.Bicubic];

    /// <summary>Whether this is a <c>preprocessor_config.json</c>.</summary>
    public static bool IsProcessor(JsonFields fields) => s_marks.Any(fields.Has);

    /// <summary>The part of a timm <c>config.json</c> that tells; null where there is none.</summary>
    public static JsonFields? TimmOf(JsonFields fields) =>
        fields.HasObject("pretrained_cfg") ? fields.Object("pretrained_cfg") : fields.Has("input_size") ? fields : null;

    /// <summary>Of transformers' image processors, in the order in which they work: resize, crop, rescale, normalise.</summary>
    public static Preprocessing OfProcessor(JsonFields fields, string file)
    {
        Preprocessing sized = Sized(fields, new Preprocessing { Name = file, Filter = Resample(fields) });
        bool normalized = fields.Flag("do_normalize") ?? fields.Has("image_mean");
        IReadOnlyList<double> mean = [0], deviation = [1];
        if (normalized)
        {
            mean = fields.Numbers("image_mean") ?? throw fields.Bad("image_mean", "given, as do_normalize is true");
            deviation = fields.Numbers("image_std") ?? throw fields.Bad("image_std", "given, as do_normalize is true");
        }

        if (fields.Flag("rescale_offset") == true)
        {
            mean = [.. mean.Select(value => value + 1)];
        }

        // EfficientNet's processor divides a second time.
        return sized with
        {
            Order = fields.Flag("do_flip_channel_order") == true ? ChannelOrder.Bgr : ChannelOrder.Rgb,
            Scale = fields.Flag("do_rescale") == false ? 1 : fields.Number("rescale_factor") ?? 1.0 / 255,
            Mean = mean,
            Deviation = normalized && fields.Flag("include_top") == true ? [.. deviation.Select(value => value * value)] : deviation,
        };
    }

    /// <summary>Of timm's evaluation transform.</summary>
    public static Preprocessing OfTimm(JsonFields fields, string file)
    {
        if (fields.Has("input_size") && InputSize(fields) is null)
        {
            throw fields.Bad("input_size", "[channels, height, width]");
        }

        (int height, int width) = InputSize(fields) ?? (Preprocessing.UsualSide, Preprocessing.UsualSide);
        double part = fields.Number("crop_pct") ?? 0.875;
        if (part is not (> 0 and <= 1))
        {
            throw fields.Bad("crop_pct", "above 0 and at most 1");
        }

        string mode = fields.Text("crop_mode") ?? "center", filter = fields.Text("interpolation") ?? "bicubic";
        int side = Math.Min(height, width);
        return new Preprocessing
        {
            Name = file,
            Fit = mode switch
            {
                "center" => PictureFit.Crop,
                "squash" => PictureFit.Stretch,
                "border" => PictureFit.Pad,
                _ => throw fields.Bad("crop_mode", "center, squash or border"),
            },
            Height = height,
            Width = width,
            Margin = Math.Floor(side / part) / side,
            Filter = PreprocessingFile.Filters.TryGetValue(filter, out PictureFilter known) ? known
                : throw fields.Bad("interpolation", string.Join(", ", PreprocessingFile.Filters.Keys)),
            Mean = fields.Numbers("mean") ?? throw fields.Bad("mean", "given"),
            Deviation = fields.Numbers("std") ?? throw fields.Bad("std", "given"),
        };
    }

    private static (int Height, int Width)? InputSize(JsonFields fields) => fields.Triple("input_size") is [_, var height, var width]
        ? (height, width)
        : null;

    private static PictureFilter Resample(JsonFields fields)
    {
        int number = fields.Integer("resample") ?? 2;
        return number >= 0 && number < s_resample.Length ? s_resample[number]
            : throw fields.Bad("resample", "0 (nearest), 1 (lanczos), 2 (bilinear) or 3 (bicubic)");
    }

    private static Preprocessing Sized(JsonFields fields, Preprocessing basis)
    {
        string kind = fields.Text("image_processor_type") ?? fields.Text("feature_extractor_type") ?? "";
        bool convNext = fields.Has("crop_pct") || kind.StartsWith("ConvNext", StringComparison.Ordinal);
        bool resized = fields.Flag("do_resize") ?? fields.Has("size");
        (int Height, int Width)? crop = fields.Flag("do_center_crop") == true ? SizeOf(fields, "crop_size", out _) : null;
        if (!resized)
        {
            return crop is null ? basis with { Fit = PictureFit.None }
                : throw fields.Bad("do_resize", "true: a part of a picture that is not scaled is not looked at");
        }

        (int Height, int Width) size = SizeOf(fields, "size", out bool shortest) ?? throw fields.Bad("size", "given, as do_resize is true");
        if (convNext)
        {
            double part = fields.Number("crop_pct") ?? 0.875;
            return part is not (> 0 and <= 1) ? throw fields.Bad("crop_pct", "above 0 and at most 1")
                : size.Height >= ConvNextStretches ? basis with { Fit = PictureFit.Stretch, Height = size.Height, Width = size.Width }
                : Crop((size.Height, size.Height), Math.Floor(size.Height / part));
        }

        // A bare number is the shorter side to those that crop, and both sides to the others.
        if (shortest || (crop is not null && !fields.HasObject("size")))
        {
            return Crop(crop ?? size, size.Height);
        }

        (int Height, int Width) seen = crop ?? size;
        double margin = (double)size.Height / seen.Height;
        return margin < 1 || Math.Round(margin * seen.Width) != size.Width
            ? throw fields.Bad("crop_size", "no larger than size, and of the same proportions")
            : basis with { Fit = PictureFit.Stretch, Height = seen.Height, Width = seen.Width, Margin = margin };

        Preprocessing Crop((int Height, int Width) input, double shorter)
        {
            double margin = shorter / Math.Min(input.Height, input.Width);
            return margin >= 1 ? basis with { Fit = PictureFit.Crop, Height = input.Height, Width = input.Width, Margin = margin }
                : throw fields.Bad("crop_size", "no larger than size");
        }
    }

    /// <summary>A number, [height, width], {height, width} or {shortest_edge}.</summary>
    private static (int Height, int Width)? SizeOf(JsonFields fields, string name, out bool shortest)
    {
        shortest = false;
        if (!fields.HasObject(name))
        {
            return fields.Size(name);
        }

        JsonFields size = fields.Object(name)!;
        if (size.Side("height") is { } height && size.Side("width") is { } width)
        {
            return (height, width);
        }

        int side = size.Side("shortest_edge") ?? throw fields.Bad(name, "a number, or have height and width or shortest_edge");
        shortest = true;
        return (side, side);
    }
}
