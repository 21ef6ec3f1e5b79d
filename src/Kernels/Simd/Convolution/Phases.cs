using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The gradient of a strided convolution falls into as many convolutions of stride 1 as the stride has places: input pixels whose row and
/// column leave the same rest meet the same taps.
/// </summary>
internal sealed class Phases
{
    private readonly Conv2DGeometry _g;
    private readonly (int Tap, int Row, int Column)[][] _taps;

    public Phases(Conv2DGeometry g)
    {
        _g = g;
        Columns = Math.Min(g.StrideW, g.X.W);
        _taps = new (int Tap, int Row, int Column)[Math.Min(g.StrideH, g.X.H) * Columns][];
        for (int phase = 0; phase < _taps.Length; phase++)
        {
            _taps[phase] = Find(phase / Columns, phase % Columns);
        }
    }

    /// <summary>How many.</summary>
    public int Count => _taps.Length;

    private int Columns { get; }

    /// <summary>The first input pixel of a phase.</summary>
    public (int Top, int Left) First(int phase) => (phase / Columns, phase % Columns);

    /// <summary>The taps (kh * KW + kw) that pixels of a phase meet, and the output row and column where its first pixel does.</summary>
    public (int Tap, int Row, int Column)[] Taps(int phase) => _taps[phase];

    private (int Tap, int Row, int Column)[] Find(int top, int left)
    {
        var taps = new List<(int Tap, int Row, int Column)>();
        for (int kh = _g.KH - 1; kh >= 0; kh--)
        {
            int h = top + _g.PadTop - (kh * _g.DilationH);
            for (int kw = _g.KW - 1; kw >= 0; kw--)
            {
                int w = left + _g.PadLeft - (kw * _g.DilationW);
                if (h % _g.StrideH == 0 && w % _g.StrideW == 0)
                {
                    taps.Add(((kh * _g.KW) + kw, h / _g.StrideH, w / _g.StrideW));
                }
            }
        }

        return [.. taps];
    }
}
