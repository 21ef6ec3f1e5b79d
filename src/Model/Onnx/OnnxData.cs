namespace GpuCam.Model;

/// <summary>A parameter's numbers out of a constant of the file, in the order of its view.</summary>
internal sealed class OnnxData(OnnxConstant constant) : ParameterData
{
    private float[]? _all;

    /// <inheritdoc/>
    public override void CopyTo(Span<float> target, int start)
    {
        if (target.Length == constant.Count)
        {
            constant.CopyTo(target);
            return;
        }

        // Piece by piece, as it goes to a GPU: the order of memory is made once and let go behind the last piece.
        _all ??= constant.ToFloats();
        _all.AsSpan(start, target.Length).CopyTo(target);
        if (start + target.Length == constant.Count)
        {
            _all = null;
        }
    }
}
