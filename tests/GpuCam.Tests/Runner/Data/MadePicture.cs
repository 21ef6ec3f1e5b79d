using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.Tests.Runner.Data;

/// <summary>A drawn picture: objects of one class on noise or on a photograph, whose pixels and boxes are known exactly.</summary>
/// <param name="Name">Its file, without an ending.</param>
/// <param name="Label">Its class.</param>
/// <param name="Image">The picture.</param>
/// <param name="Boxes">The smallest box around each object.</param>
/// <param name="Masks">Each object's pixels, white on black.</param>
internal sealed record MadePicture(string Name, int Label, Image8 Image, IReadOnlyList<Box> Boxes, IReadOnlyList<Image8> Masks)
{
    private static readonly Lazy<Image8[]> s_photographs = new(() =>
        [.. Directory.EnumerateFiles(Path.Combine(DocCommand.Root, "data/photographs"), "*.jpg").Order(StringComparer.Ordinal)
            .Select(path => ImageReader.ReadFile(path))]);

    /// <summary>Draws a picture: a pure function of its arguments.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="label">The digit that is drawn.</param>
    /// <param name="objects">How many of it.</param>
    /// <param name="least">Columns and rows at least.</param>
    /// <param name="most">And at most.</param>
    /// <param name="photographs">Whether they stand on photographs.</param>
    public static MadePicture Draw(int number, int label, int objects, int least, int most, bool photographs)
    {
        RandomSequence random = new CounterRandom(1, RandomPurpose.Strokes, 1_000_000 + (ulong)number).Sequence();
        var image = new Image8(least + random.NextBelow(most - least + 1), least + random.NextBelow(most - least + 1));
        Fill(image, photographs ? s_photographs.Value[number % s_photographs.Value.Length] : null, ref random);
        var boxes = new List<Box>();
        var masks = new List<Image8>();
        for (int i = 0; i < objects; i++)
        {
            Image8 mask = DrawObject(image, label, ref random);
            masks.Add(mask);
            boxes.Add(Around(mask));
        }

        return new MadePicture($"made_{number:0000}", label, image, boxes, masks);
    }

    private static void Fill(Image8 image, Image8? photograph, ref RandomSequence random)
    {
        if (photograph is not null)
        {
            image.Draw(
                photograph, -random.NextBelow(photograph.Width - image.Width), -random.NextBelow(photograph.Height - image.Height));
            return;
        }

        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)(96 + random.NextBelow(64));
        }
    }

    /// <summary>Draws strokes with a round pen and hard edges, and gives their pixels.</summary>
    private static Image8 DrawObject(Image8 image, int label, ref RandomSequence random)
    {
        var mask = new Image8(image.Width, image.Height);
        IReadOnlyList<StrokeFont.Point[][]> forms = StrokeFont.Forms[label];
        StrokeFont.Point[][] form = forms[random.NextBelow(forms.Count)];
        float side = Math.Min(image.Width, image.Height) * random.NextBetween(0.4f, 0.8f), radius = Math.Max(1, side / 14);
        float left = random.NextBetween(0, image.Width - side), top = random.NextBetween(0, image.Height - side);
        var colour = new Rgb((byte)(200 + random.NextBelow(56)), (byte)random.NextBelow(60), (byte)random.NextBelow(60));
        foreach (StrokeFont.Point[] stroke in form)
        {
            for (int i = 1; i < stroke.Length; i++)
            {
                (float x0, float y0) = (left + (side * stroke[i - 1].X), top + (side * stroke[i - 1].Y));
                (float x1, float y1) = (left + (side * stroke[i].X), top + (side * stroke[i].Y));
                foreach ((int x, int y) in Around(image, Math.Min(x0, x1), Math.Min(y0, y1), Math.Max(x0, x1), Math.Max(y0, y1), radius)
                    .Where(at => Distance(at.X, at.Y, x0, y0, x1, y1) <= radius))
                {
                    image[x, y] = colour;
                    mask[x, y] = new Rgb(255, 255, 255);
                }
            }
        }

        return mask;
    }

    private static IEnumerable<(int X, int Y)> Around(Image8 image, float x0, float y0, float x1, float y1, float radius)
    {
        for (int y = (int)Math.Max(0, y0 - radius); y <= Math.Min(image.Height - 1, y1 + radius); y++)
        {
            for (int x = (int)Math.Max(0, x0 - radius); x <= Math.Min(image.Width - 1, x1 + radius); x++)
            {
                yield return (x, y);
            }
        }
    }

    private static float Distance(float x, float y, float x0, float y0, float x1, float y1)
    {
        float dx = x1 - x0, dy = y1 - y0, length = Math.Max((dx * dx) + (dy * dy), 1e-6f);
        float part = Math.Clamp((((x - x0) * dx) + ((y - y0) * dy)) / length, 0, 1);
        return MathF.Sqrt(MathF.Pow(x0 + (part * dx) - x, 2) + MathF.Pow(y0 + (part * dy) - y, 2));
    }

    private static Box Around(Image8 mask)
    {
        (int X, int Y)[] inside =
        [
            .. Enumerable.Range(0, mask.Width * mask.Height).Select(i => (X: i % mask.Width, Y: i / mask.Width))
                .Where(at => mask[at.X, at.Y].R > 0),
        ];
        return new Box(inside.Min(at => at.X), inside.Min(at => at.Y), inside.Max(at => at.X), inside.Max(at => at.Y));
    }
}
