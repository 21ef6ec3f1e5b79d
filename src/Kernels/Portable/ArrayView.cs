using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>A bounds-checked window on host memory: the part of ILGPU's type of this name that kernels use.</summary>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    private readonly T* _pointer;
    private readonly int _length;

    internal ArrayView(T* pointer, int length)
    {
        _pointer = pointer;
        _length = length;
    }

    /// <summary>Number of elements.</summary>
    public long Length => _length;

    /// <summary>Number of elements.</summary>
    public int IntLength => _length;

    /// <summary>The element at <paramref name="index"/>; an <see cref="ArgumentOutOfRangeException"/> outside.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_length)
                OutOfRange(index, _length);
            return ref _pointer[index];
        }
    }

    /// <summary>The <paramref name="length"/> elements from <paramref name="offset"/> on.</summary>
    public ArrayView<T> SubView(int offset, int length)
    {
        if (offset < 0 || length < 0 || offset + length > _length)
            OutOfRange(offset + length, _length);
        return new ArrayView<T>(_pointer + offset, length);
    }

    /// <summary>The same bytes as elements of another type; what does not fill an element is left out.</summary>
    public ArrayView<TOther> Cast<TOther>() where TOther : unmanaged =>
        new((TOther*)_pointer, (int)((long)_length * sizeof(T) / sizeof(TOther)));

    [DoesNotReturn]
    private static void OutOfRange(int index, int length) =>
        throw new ArgumentOutOfRangeException(nameof(index), $"index {index} in a view of {length} elements");
}
