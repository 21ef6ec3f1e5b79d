using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops that draw: samples for training, and heat maps over images.</summary>
internal static class PictureOpCases
{
    /// <summary>One level of 255 and rounding: a quotient at the border between two colours may fall on either side.</summary>
    private const double Level = 1.5 / 255;

    /// <summary>Cluttered digits: integers, and sums of few floats in a fixed order, which every device computes alike.</summary>
    public static IEnumerable<OpCase> Samples()
    {
        const int Images = 5;
        const int Random = 1;
        var odd = new ClutterRule(37, 3, 2, 6, 4, Random, 7, RandomPurpose.TrainLayout, RandomPurpose.Shuffle);
        yield return new OpCase("cluttered images, plan", $"{Images} of {odd.Patches} patches", OpCases.Exact, t =>
        {
            DeviceBuffer<int> plan = t.Winners("plan", Images * ClutteredImages.PlanLength(odd)), labels = t.Winners("labels", Images);
            return Plan(t, odd, plan, labels);
        });
        foreach (bool replaced in new[] { false, true })
        {
            string op = replaced ? "cluttered images, own targets" : "cluttered images";
            foreach (ClutterRule rule in (ClutterRule[])[odd, odd with { Size = 40, Channels = 1 }])
            {
                yield return new OpCase(op, $"{Images}x{rule.Size}x{rule.Size}x{rule.Channels}", OpCases.Exact, t =>
                {
                    DeviceBuffer<int> plan = t.Winners("plan", Images * ClutteredImages.PlanLength(rule)),
                        labels = t.Winners("labels", Images);
                    Action planned = Plan(t, rule, plan, labels);
                    Tensor images = t.Output("images", new Shape(Images, rule.Size, rule.Size, rule.Channels));
                    DeviceBuffer<byte> digits = t.Values(Bytes(rule.Digits)), targets = t.Values(Bytes(Images));
                    DeviceBuffer<float> grey = t.Values([.. Enumerable.Range(0, 256).Select(level => level / 255f)]);
                    return () =>
                    {
                        planned();
                        ClutteredImages.Draw(rule, digits, grey, plan, replaced ? targets : null, images);
                    };
                });
            }
        }

        static Action Plan(OpCaseTensors t, ClutterRule rule, DeviceBuffer<int> plan, DeviceBuffer<int> labels)
        {
            DeviceBuffer<byte> digitLabels = t.Values<byte>([3, 1, 4, 1, 5, 9]);
            DeviceBuffer<uint> limits = t.Values<uint>([1u << 21, 1u << 22, 1u << 23, 3u << 22]);
            return () => ClutteredImages.Plan(rule, 11, 2, 4, Images, digitLabels, limits, plan, labels);
        }
    }

    /// <summary>Heat maps, both signed and not, over images with these channels.</summary>
    public static IEnumerable<OpCase> Overlay(Shape images)
    {
        foreach (int signed in new[] { 0, 1 })
        {
            yield return new OpCase(signed == 0 ? "heat map overlay" : "heat map overlay, signed", $"{images}", Level, t =>
            {
                Tensor maps = t.Input("maps", images.WithC(1)), x = t.Input("images", images, 0);
                DeviceBuffer<byte> colours =
                    t.Values([.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)(255 - i), (byte)(i / 2) })]);
                DeviceBuffer<float> ranges = t.Values(new float[HeatmapOverlay.RangesLength(maps.Shape)]);
                DeviceBuffer<byte> pixels = t.Pixels("pixels", 3 * maps.Count);
                return () => HeatmapOverlay.Forward(maps, x, colours, new OverlayStyle(0.6f, signed, 1 - signed), ranges, pixels);
            });
        }
    }

    private static byte[] Bytes(int digits)
    {
        byte[] values = new byte[digits * ClutteredImages.DigitSize * ClutteredImages.DigitSize];
        new Random(digits).NextBytes(values);
        return values;
    }
}
