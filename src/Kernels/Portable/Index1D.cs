namespace ILGPU;

/// <summary>A thread's index in a launch: the part of ILGPU's type of this name that kernels use.</summary>
/// <param name="X">The index.</param>
public readonly record struct Index1D(int X)
{
    /// <summary>An index from a plain number.</summary>
    public static implicit operator Index1D(int x) => new(x);

    /// <summary>The plain number.</summary>
    public static implicit operator int(Index1D index) => index.X;
}
