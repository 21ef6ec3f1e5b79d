namespace GpuCam.Kernels.Simd;

/// <summary>
/// The network conv 5x5 → ReLU → pool 2 → conv 5x5 → ReLU → pool 2 → global average → linear, both convolutions SAME,
/// on one image size. Odd extents lose their last row or column at a pool, as everywhere.
/// </summary>
/// <param name="Height">Image rows.</param>
/// <param name="Width">Image columns.</param>
/// <param name="InChannels">Image channels.</param>
/// <param name="Channels1">Channels behind the first convolution, a multiple of 32.</param>
/// <param name="Channels2">Channels behind the second, a multiple of 32.</param>
/// <param name="Classes">Logits.</param>
public readonly record struct LeNetShape(int Height, int Width, int InChannels, int Channels1, int Channels2, int Classes)
{
    /// <summary>Border of zeros around an image that a 5x5 SAME convolution reads.</summary>
    internal const int Border = 2;

    /// <summary>Rows behind the first pool.</summary>
    public int Rows1 => Height / 2;

    /// <summary>Columns behind the first pool.</summary>
    public int Columns1 => Width / 2;

    /// <summary>Rows behind the second pool: of the feature maps.</summary>
    public int Rows2 => Rows1 / 2;

    /// <summary>Columns behind the second pool: of the feature maps.</summary>
    public int Columns2 => Columns1 / 2;

    /// <summary>Whether the vectorised engine takes this shape; otherwise the ops run one by one.</summary>
    public bool IsSupported =>
        Columns1 >= FirstConv.Group && Rows2 >= 1 && Columns2 >= 1 && InChannels >= 1 && Classes >= 1
        && Channels1 >= 32 && Channels1 % 32 == 0 && Channels2 >= 32 && Channels2 % 32 == 0;

    /// <summary>Floats of the feature maps.</summary>
    internal long MapSize => (long)Rows2 * Columns2 * Channels2;

    internal int ImageSize => Height * Width * InChannels;

    internal int PaddedStride => Width + (2 * Border);

    internal int PaddedPlane => PaddedStride * (Height + (2 * Border));

    /// <summary>Rows of 4x4 tiles that cover all pooled cells of the second convolution.</summary>
    internal int TileRows => (Rows2 + 1) / 2;

    internal int TileColumns => (Columns2 + 1) / 2;

    internal int Tiles => TileRows * TileColumns;

    /// <summary>Floats in one row of the bordered buffer between the convolutions.</summary>
    internal int MiddleStride => Math.Max((Winograd.Tile * TileColumns) + (2 * Border), Columns1 + (2 * Border)) * Channels1;

    internal int MiddleSize => Math.Max((Winograd.Tile * TileRows) + (2 * Border), Rows1 + (2 * Border)) * MiddleStride;

    /// <summary>Offset of the first cell in that buffer.</summary>
    internal int MiddleOrigin => (Border * MiddleStride) + (Border * Channels1);

    /// <summary>Offset of a tile's 8x8 window in that buffer.</summary>
    internal int WindowOffset(int tile) =>
        (Winograd.Tile * (tile / TileColumns) * MiddleStride) + (Winograd.Tile * (tile % TileColumns) * Channels1);
}
