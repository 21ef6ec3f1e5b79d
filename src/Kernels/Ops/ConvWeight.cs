using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// A weight and what a host has made of it (packed for its register tiles, transformed for Winograd's products), which is kept from call
/// to call until <see cref="Forget"/>; several hosts may compute with it at once. A tensor stands for a weight of which nothing is kept.
/// Other devices take the tensor as it is.
/// </summary>
public sealed class ConvWeight : IDisposable
{
    private readonly Func<Tensor> _tensor;
    private readonly Func<Tensor?>? _lend;
    private readonly Dictionary<object, AlignedBuffer<float>>? _kept;
    private readonly HashSet<object> _stale = [];

    /// <summary>A weight that is used again and again.</summary>
    /// <param name="shape">Its extents.</param>
    /// <param name="tensor">The tensor; asked for only by who computes with it as it is.</param>
    /// <param name="lend">Its values for the length of one packing, where nothing else has them in memory; disposed afterwards. Null, or a
    /// null result: the tensor is packed.</param>
    public ConvWeight(Shape shape, Func<Tensor> tensor, Func<Tensor?>? lend = null)
    {
        (Shape, _tensor, _lend, _kept) = (shape, tensor, lend, []);
    }

    private ConvWeight(Tensor tensor) => (Shape, _tensor) = (tensor.Shape, () => tensor);

    /// <summary>Its extents.</summary>
    public Shape Shape { get; }

    /// <summary>The values as a tensor.</summary>
    public Tensor Tensor => _tensor();

    /// <summary>A weight for one call.</summary>
    public static implicit operator ConvWeight(Tensor tensor) => new(tensor);

    /// <summary>A weight for one call.</summary>
    public static ConvWeight FromTensor(Tensor tensor) => new(tensor);

    /// <summary>Has everything made anew when it is next used: the values have changed. Its memory stays, for that.</summary>
    public void Forget() => _stale.UnionWith(_kept?.Keys ?? Enumerable.Empty<object>());

    /// <summary>Frees what was made.</summary>
    public void Dispose()
    {
        foreach (AlignedBuffer<float> buffer in _kept?.Values ?? Enumerable.Empty<AlignedBuffer<float>>())
        {
            buffer.Dispose();
        }

        _kept?.Clear();
        _stale.Clear();
    }

    /// <summary>Throws unless the shape is <paramref name="expected"/>.</summary>
    public void Expect(Shape expected)
    {
        if (Shape != expected)
        {
            Tensor.Expect(expected);
        }
    }

    /// <summary>What is made of the weight under a name: what is kept, or what <paramref name="make"/> writes now.</summary>
    /// <param name="form">What it is made for; equal names, equal floats.</param>
    /// <param name="floats">Its size.</param>
    /// <param name="make">Writes all of it from the values.</param>
    internal unsafe Packed Pack(object form, long floats, PackAction make)
    {
        if (_kept is null)
        {
            var once = new AlignedBuffer<float>(floats, cleared: false);
            make(Tensor.HostPointer, once.Start);
            return new Packed(once, passing: true);
        }

        lock (_kept)
        {
            if (!_kept.TryGetValue(form, out AlignedBuffer<float>? kept))
            {
                _kept.Add(form, kept = new AlignedBuffer<float>(floats, cleared: false));
                _stale.Add(form);
            }

            if (_stale.Contains(form))
            {
                using Tensor? lent = _lend?.Invoke();
                make((lent ?? Tensor).HostPointer, kept.Start);
                _stale.Remove(form);
            }

            return new Packed(kept, passing: false);
        }
    }

    /// <summary>Writes <paramref name="made"/> from <paramref name="values"/>.</summary>
    internal unsafe delegate void PackAction(float* values, float* made);

    /// <summary>Something made of a weight; gone when disposed, if nobody keeps it.</summary>
    internal readonly unsafe struct Packed(AlignedBuffer<float> buffer, bool passing) : IDisposable
    {
        /// <summary>The first float.</summary>
        public float* Start => buffer.Start;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (passing)
            {
                buffer.Dispose();
            }
        }
    }
}
