using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Adds up the threads' shares of the gradients, in the order of the threads.</summary>
internal static unsafe class LeNetSum
{
    private delegate float* Part(LeNetTally tally);

    /// <summary>
    /// dWeight [kh, kw, ic, oc] of the second convolution for input channels [from, to); the first worker's planes become the sum.
    /// </summary>
    public static void Conv2Weight<TV>(LeNetWorker<TV>[] workers, LeNetShape shape, int from, int to, float* dWeight)
        where TV : unmanaged, IVector<TV>
    {
        int inputs = shape.Channels1, outputs = shape.Channels2;
        float* sum = workers[0].DPlanes.Start;
        for (int other = 1; other < workers.Length; other++)
        {
            for (int f = 0; f < Winograd.Planes; f++)
            {
                int at = (f * inputs * outputs) + (from * outputs);
                Elementwise.AddScaled<TV>(1, workers[other].DPlanes.Start + at, sum + at, (to - from) * outputs);
            }
        }

        WinogradWeights.Gradient<TV>(sum, inputs, outputs, from, to, dWeight);
    }

    /// <summary>All gradients but the second convolution's weight.</summary>
    public static void Others<TV>(LeNetTally[] tallies, LeNetShape shape, LeNetTensors gradients)
        where TV : unmanaged, IVector<TV>
    {
        Add<TV>(tallies, 25 * shape.InChannels * shape.Channels1, t => t.Gradients.Conv1Weight, gradients.Conv1Weight);
        Add<TV>(tallies, shape.Channels1, t => t.Gradients.Conv1Bias, gradients.Conv1Bias);
        Add<TV>(tallies, shape.Channels2, t => t.Gradients.Conv2Bias, gradients.Conv2Bias);
        Add<TV>(tallies, shape.Channels2 * shape.Classes, t => t.Gradients.ClassifierWeight, gradients.ClassifierWeight);
        if (gradients.ClassifierBias != null)
        {
            Add<TV>(tallies, shape.Classes, t => t.Gradients.ClassifierBias, gradients.ClassifierBias);
        }
    }

    /// <summary>
    /// Adds the pooled cells of some tiles, in the order in which one thread makes them, to the sums of their channels: vectors
    /// [from, to) of these.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cells<TV>(LeNetPlan plan, ReadOnlySpan<int> tiles, float* cells, int from, int to, float* sums)
        where TV : unmanaged, IVector<TV>
    {
        int channels = plan.Shape.Channels2, line = plan.Shape.Columns2 * channels;
        for (int c = from * TV.Lanes; c < to * TV.Lanes; c += TV.Lanes)
        {
            TV sum = TV.Load(sums + c);
            foreach (int tile in tiles)
            {
                float* cell = cells + ((long)plan.FirstCell(tile) * channels) + c;
                int columns = plan.CellColumns(tile);
                for (int row = 0; row < plan.CellRows(tile); row++, cell += line)
                {
                    sum += TV.Load(cell);
                    sum = columns > 1 ? sum + TV.Load(cell + channels) : sum;
                }
            }

            TV.Store(sum, sums + c);
        }
    }

    private static void Add<TV>(LeNetTally[] tallies, int count, Part part, float* target)
        where TV : unmanaged, IVector<TV>
    {
        Unsafe.InitBlock(target, 0, (uint)(count * sizeof(float)));
        foreach (LeNetTally tally in tallies)
        {
            Elementwise.AddScaled<TV>(1, part(tally), target, count);
        }
    }
}
