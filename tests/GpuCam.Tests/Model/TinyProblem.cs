using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>A network of a few hundred numbers and pictures it can learn: a horizontal bar, a vertical bar, a diagonal, anywhere.</summary>
internal static class TinyProblem
{
    public const int Size = 12;
    public const int Classes = 3;

    public static NetworkConfig Config { get; } = new(1, Size, ["horizontal", "vertical", "diagonal"])
    {
        Widths = [4, 6],
        KernelSize = 3,
        ClassifierBias = true,
    };

    public static Execution Network(IDevice device, ulong seed = 7) => LeNetGap.Create(device, Config, seed);

    /// <summary>
    /// Pictures <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of an endless series.
    /// </summary>
    public static (float[] Images, int[] Labels) Batch(int first, int count)
    {
        float[] images = new float[count * Size * Size];
        int[] labels = new int[count];
        for (int n = 0; n < count; n++)
        {
            var random = new Random(first + n);
            labels[n] = (first + n) % Classes;
            int x = random.Next(Size - 5);
            int y = random.Next(Size - 5);
            for (int i = 0; i < 5; i++)
            {
                (int dx, int dy) = labels[n] switch { 0 => (i, 2), 1 => (2, i), _ => (i, i) };
                images[(((n * Size) + y + dy) * Size) + x + dx] = 0.5f + (0.5f * random.NextSingle());
            }
        }

        return (images, labels);
    }

    /// <summary>All parameters of a network, one after the other.</summary>
    public static float[] Weights(Execution network) => [.. network.Parameters.SelectMany(parameter => parameter.Value.ToArray())];
}
