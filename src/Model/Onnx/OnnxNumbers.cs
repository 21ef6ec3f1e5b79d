namespace GpuCam.Model;

/// <summary>Numbers one after another that are made when they are asked for, a part at a time.</summary>
internal abstract class OnnxNumbers
{
    /// <summary>How many.</summary>
    public abstract long Count { get; }

    /// <summary>Fills <paramref name="target"/> with the numbers from <paramref name="start"/> on.</summary>
    public abstract void CopyTo(Span<float> target, long start);

    /// <summary>All of them as integers, if they are such.</summary>
    public virtual long[]? Integers => null;
}

/// <summary>Those of a tensor in the file.</summary>
internal sealed class FileNumbers(OnnxTensor tensor) : OnnxNumbers
{
    public override long Count => tensor.Count;

    public override long[]? Integers => field ??= tensor.Type.IsInteger ? tensor.ToIntegers() : null;

    public override void CopyTo(Span<float> target, long start) => tensor.CopyTo(target, start);
}

/// <summary>Those of an array.</summary>
internal sealed class ArrayNumbers(float[] values) : OnnxNumbers
{
    public override long Count => values.Length;

    public override void CopyTo(Span<float> target, long start) => values.AsSpan((int)start, target.Length).CopyTo(target);
}

/// <summary>Integers of an array.</summary>
internal sealed class IntegerNumbers(long[] values) : OnnxNumbers
{
    public override long Count => values.Length;

    public override long[] Integers => values;

    public override void CopyTo(Span<float> target, long start)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = values[start + i];
        }
    }
}

/// <summary>
/// <c>(q - zero point) * scale</c> of quantised numbers (DequantizeLinear), with a scale for each of <c>scales.Length</c> slices of
/// <paramref name="inner"/> numbers that follow each other and begin again.
/// </summary>
internal sealed class DequantizedNumbers(OnnxNumbers quantised, float[] scales, float[] zeroPoints, long inner) : OnnxNumbers
{
    public override long Count => quantised.Count;

    public override void CopyTo(Span<float> target, long start)
    {
        quantised.CopyTo(target, start);
        while (target.Length > 0)
        {
            (long slices, long within) = Math.DivRem(start, inner);
            int slice = (int)(slices % scales.Length), length = (int)Math.Min(inner - within, target.Length);
            (float zeroPoint, float scale) = (zeroPoints[slice], scales[slice]);
            foreach (ref float number in target[..length])
            {
                number = (number - zeroPoint) * scale;
            }

            target = target[length..];
            start += length;
        }
    }
}
