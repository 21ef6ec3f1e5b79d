using GpuCam.Kernels;

namespace GpuCam.Runner.Data;

/// <summary>
/// Handwriting of our own for machines that cannot fetch any: strokes bent, slanted, turned and stretched at random, drawn
/// with a round pen, sized and centred as MNIST is. Digit i is a pure function of (seed, i); its class is i modulo 10.
/// </summary>
public static class SyntheticDigits
{
    /// <summary>Digits for training in the standard set.</summary>
    public const int TrainCount = 30_000;

    /// <summary>Digits for tests in the standard set.</summary>
    public const int TestCount = 5_000;

    private const ulong StandardSeed = 0;
    private const ulong FirstTestDigit = 1UL << 32;
    private const int Size = DigitPool.DigitSize;

    private static readonly Lazy<DigitPool> s_train = new(() => Make(StandardSeed, 0, TrainCount));
    private static readonly Lazy<DigitPool> s_test = new(() => Make(StandardSeed, FirstTestDigit, TestCount));

    /// <summary>The standard set's digits for training, drawn once per process.</summary>
    public static DigitPool Train() => s_train.Value;

    /// <summary>The standard set's digits for tests; none of them is among those for training; drawn once per process.</summary>
    public static DigitPool Test() => s_test.Value;

    /// <summary>
    /// The digits <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> - 1, drawn on all cores.
    /// </summary>
    public static DigitPool Make(ulong seed, ulong first, int count)
    {
        byte[] pixels = new byte[count * DigitPool.DigitArea];
        byte[] labels = new byte[count];
        AllCores.For(count, i =>
        {
            ulong index = first + (ulong)i;
            labels[i] = (byte)(index % 10);
            Draw(seed, index, pixels.AsSpan(i * DigitPool.DigitArea, DigitPool.DigitArea));
        });
        return new DigitPool(pixels, labels);
    }

    /// <summary>Draws a digit into 28x28 bytes, 0 = background, 255 = ink.</summary>
    public static void Draw(ulong seed, ulong index, Span<byte> pixels)
    {
        RandomSequence random = new CounterRandom(seed, RandomPurpose.Strokes, index).Sequence();
        IReadOnlyList<StrokeFont.Point[][]> forms = StrokeFont.Forms[(int)(index % 10)];
        StrokeFont.Point[][] form = forms[random.NextBelow(forms.Count)];
        var hand = new Hand(ref random);
        float radius = random.NextBetween(0.75f, 1.7f);
        float extent = random.NextBetween(17.5f, 20f) - 2 * radius;

        float left = float.MaxValue, top = float.MaxValue, right = float.MinValue, bottom = float.MinValue;
        foreach (StrokeFont.Point[] stroke in form)
        {
            foreach (StrokeFont.Point point in stroke)
            {
                (float x, float y) = hand.Place(point);
                left = Math.Min(left, x);
                right = Math.Max(right, x);
                top = Math.Min(top, y);
                bottom = Math.Max(bottom, y);
            }
        }

        float scale = extent / Math.Max(right - left, bottom - top);
        float shiftX = (Size - 1) / 2f + random.NextBetween(-1, 1) - scale * (left + right) / 2;
        float shiftY = (Size - 1) / 2f + random.NextBetween(-1, 1) - scale * (top + bottom) / 2;
        pixels.Clear();
        foreach (StrokeFont.Point[] stroke in form)
        {
            (float fromX, float fromY) = hand.Place(stroke[0]);
            for (int i = 1; i < stroke.Length; i++)
            {
                (float toX, float toY) = hand.Place(stroke[i]);
                DrawLine(pixels, fromX * scale + shiftX, fromY * scale + shiftY, toX * scale + shiftX, toY * scale + shiftY, radius);
                (fromX, fromY) = (toX, toY);
            }
        }
    }

    /// <summary>
    /// A line with round ends: ink falls from 1 to 0 over one pixel at the distance <paramref name="radius"/>. Lines
    /// that cross keep the darker of the two.
    /// </summary>
    private static void DrawLine(Span<byte> pixels, float fromX, float fromY, float toX, float toY, float radius)
    {
        float reach = radius + 0.5f;
        int firstX = Math.Max(0, (int)MathF.Ceiling(Math.Min(fromX, toX) - reach));
        int lastX = Math.Min(Size - 1, (int)MathF.Floor(Math.Max(fromX, toX) + reach));
        int firstY = Math.Max(0, (int)MathF.Ceiling(Math.Min(fromY, toY) - reach));
        int lastY = Math.Min(Size - 1, (int)MathF.Floor(Math.Max(fromY, toY) + reach));
        float alongX = toX - fromX, alongY = toY - fromY;
        float length = Math.Max(alongX * alongX + alongY * alongY, 1e-6f);
        for (int y = firstY; y <= lastY; y++)
        {
            for (int x = firstX; x <= lastX; x++)
            {
                float part = Math.Clamp(((x - fromX) * alongX + (y - fromY) * alongY) / length, 0f, 1f);
                float dx = fromX + part * alongX - x, dy = fromY + part * alongY - y;
                float ink = Math.Clamp(reach - MathF.Sqrt(dx * dx + dy * dy), 0f, 1f);
                ref byte pixel = ref pixels[y * Size + x];
                pixel = Math.Max(pixel, (byte)(ink * 255f + 0.5f));
            }
        }
    }

    /// <summary>How one writer's hand differs from the model: a wave along each axis, then turn, slant and stretch.</summary>
    private readonly struct Hand
    {
        private readonly float _waveX, _waveY, _phaseX, _phaseY;
        private readonly float _xx, _xy, _yx, _yy;

        public Hand(ref RandomSequence random)
        {
            _waveX = random.NextBetween(-0.06f, 0.06f);
            _waveY = random.NextBetween(-0.06f, 0.06f);
            _phaseX = random.NextBetween(0, MathF.Tau);
            _phaseY = random.NextBetween(0, MathF.Tau);
            float turn = random.NextBetween(-0.2f, 0.2f);
            float slant = random.NextBetween(-0.15f, 0.4f);
            float wide = random.NextBetween(0.7f, 1.15f);
            (float sin, float cos) = MathF.SinCos(turn);
            // Stretch, then slant to the right as handwriting does (y points down), then turn.
            _xx = cos * wide;
            _xy = -cos * slant - sin;
            _yx = sin * wide;
            _yy = -sin * slant + cos;
        }

        public (float X, float Y) Place(StrokeFont.Point point)
        {
            float x = point.X - 0.5f + _waveX * MathF.Sin(5f * point.Y + _phaseX);
            float y = point.Y - 0.5f + _waveY * MathF.Sin(5f * point.X + _phaseY);
            return (_xx * x + _xy * y, _yx * x + _yy * y);
        }
    }
}
