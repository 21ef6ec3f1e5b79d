using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Memory for what a <see cref="GradientLayout"/> describes.</summary>
internal sealed class GradientVector : IDisposable
{
    private readonly TensorStretch _memory;

    public GradientVector(IDevice device, GradientLayout layout)
    {
        _memory = new TensorStretch(device, layout.Shapes);
        int next = 0;
        Notes = _memory.At(next++, "notes");
        Gradients = [.. layout.Places.Select(_ => _memory.At(next++, "gradient"))];
        Statistics =
        [
            .. layout.Measured.Select(node => (Tensor[])[.. node.Statistics.Select(statistic => _memory.At(next++, statistic.Name))]),
        ];
        Blank = _memory.At(next, "gradients of black tiles");
        Whole = _memory.Part(new RankStretch(0, layout.Floats));
    }

    /// <summary>What ranks say.</summary>
    public Tensor Notes { get; }

    /// <summary>Of <see cref="GradientLayout.Places"/>.</summary>
    public IReadOnlyList<Tensor> Gradients { get; }

    /// <summary>Of <see cref="GradientLayout.Measured"/>.</summary>
    public IReadOnlyList<IReadOnlyList<Tensor>> Statistics { get; }

    /// <summary>See <see cref="Kernels.Simd.LeNetShard"/>.</summary>
    public Tensor Blank { get; }

    /// <summary>All of it.</summary>
    public Tensor Whole { get; }

    /// <summary>A part of it, as a vector.</summary>
    public Tensor Part(RankStretch part) => _memory.Part(part);

    /// <summary>Has the gradients of an execution written here; without a vector in its own memory again.</summary>
    public static void Take(Execution execution, GradientLayout layout, GradientVector? vector)
    {
        for (int i = 0; i < layout.Places.Count; i++)
        {
            execution.Parameters[layout.Places[i]].PutGradient(vector?.Gradients[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
