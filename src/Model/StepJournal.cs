using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Losses and right answers of many steps, kept on the device and read in one go, so that no step waits for the host. The host
/// adds them up as it does when it reads every step, to the same bits.
/// </summary>
/// <remarks>Layout of both buffers: a row per step, an element per image.</remarks>
internal sealed class StepJournal(IDevice device, int steps) : IDisposable
{
    private readonly int[] _counts = new int[steps];
    private DeviceBuffer<float>? _losses;
    private DeviceBuffer<int>? _correct;
    private float[] _hostLosses = [];
    private int[] _hostCorrect = [];
    private int _width;

    /// <summary>Steps that are noted and not read.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the journal must be read before a step of <paramref name="images"/> images can be noted.</summary>
    public bool IsFullFor(int images) => Count == steps || (Count > 0 && images > _width);

    /// <summary>Where the losses of the next step belong.</summary>
    public Tensor NextLosses(int images)
    {
        if (images > _width)
        {
            Widen(images);
        }

        return new Tensor(_losses!, Count * _width, "losses", Shape.Matrix(images, 1));
    }

    /// <summary>Notes a step, whose losses lie where <see cref="NextLosses"/> said.</summary>
    public void Note(Tensor logits, DeviceBuffer<int> labels)
    {
        TopOne.Forward(logits, labels, _correct!, Count * _width);
        _counts[Count++] = logits.Shape.N;
    }

    /// <summary>The same where the host knows already: 1 for each image that was right, 0 for each other.</summary>
    public void Note(ReadOnlySpan<int> correct)
    {
        _correct!.CopyFrom(correct, Count * _width);
        _counts[Count++] = correct.Length;
    }

    /// <summary>Waits for the steps noted since the last call and returns what they saw, the first one first.</summary>
    public StepResult[] Read()
    {
        if (Count == 0)
        {
            return [];
        }

        int used = Count * _width;
        _losses!.CopyTo(_hostLosses.AsSpan(0, used));
        _correct!.CopyTo(_hostCorrect.AsSpan(0, used));
        var results = new StepResult[Count];
        for (int step = 0; step < Count; step++)
        {
            (int first, int count) = (step * _width, _counts[step]);
            results[step] = new StepResult(Sum(_hostLosses.AsSpan(first, count)), Sum(_hostCorrect.AsSpan(first, count)), count);
        }

        Count = 0;
        return results;
    }

    /// <summary>Frees the device memory.</summary>
    public void Dispose()
    {
        _losses?.Dispose();
        _correct?.Dispose();
        (_losses, _correct, _width, Count) = (null, null, 0, 0);
    }

    /// <summary>Sum of losses in double, in their order.</summary>
    internal static double Sum(ReadOnlySpan<float> losses)
    {
        double sum = 0;
        foreach (float loss in losses)
        {
            sum += loss;
        }

        return sum;
    }

    private static int Sum(ReadOnlySpan<int> values)
    {
        int sum = 0;
        foreach (int value in values)
        {
            sum += value;
        }

        return sum;
    }

    private void Widen(int images)
    {
        Dispose();
        _width = images;
        _losses = device.Allocate<float>(checked(steps * images));
        _correct = device.Allocate<int>(steps * images);
        _hostLosses = new float[_losses.Length];
        _hostCorrect = new int[_correct.Length];
    }
}
