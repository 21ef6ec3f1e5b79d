namespace GpuCam.Model;

/// <summary>
/// Where a network sees a class in a picture. Values lie on the network's input; what is asked for on the picture is computed then.
/// Does not change; for any number of threads.
/// </summary>
public sealed class ClassMap
{
    private readonly Box? _inputBox;

    internal ClassMap(MapSubject subject, ICamMethod method, string layer, float[] raw, float[] values, float boxThreshold)
    {
        (Class, Geometry, Method, Layer, Raw, Values) = (subject.Class, subject.Geometry, method.Name, layer, raw, values);
        Rectifies = method.Rectifies;
        Range = MapRange.Of(values);
        _inputBox = Components(boxThreshold) is [MapComponent largest, ..] ? largest.Box : null;
    }

    /// <summary>Of what, and what the network says of it.</summary>
    public ClassPrediction Class { get; }

    /// <summary>The method's name.</summary>
    public string Method { get; }

    /// <summary>
    /// The value that was mapped; of several <c>conv2+pool2</c>, and <c>all</c> where the method looks at the whole network.
    /// </summary>
    public string Layer { get; }

    /// <summary>Where the network's input lies on the picture.</summary>
    public PictureGeometry Geometry { get; }

    /// <summary>
    /// The map as it is shown, [<see cref="Rows"/>, <see cref="Columns"/>] row by row: without negative values where the method
    /// <see cref="Rectifies"/>.
    /// </summary>
    public float[] Values { get; }

    /// <summary>The same, signed, before any ReLU; a map of several values has none and is as <see cref="Values"/>.</summary>
    public float[] Raw { get; }

    /// <summary>Whether the method ends with a ReLU.</summary>
    public bool Rectifies { get; }

    /// <summary>Rows of the network's input.</summary>
    public int Rows => Geometry.InputHeight;

    /// <summary>Columns of the network's input.</summary>
    public int Columns => Geometry.InputWidth;

    /// <summary>Least and greatest of <see cref="Values"/>, and whether there is anything to see.</summary>
    public MapRange Range { get; }

    /// <summary>
    /// The box around the largest part above the threshold that was asked for, in pixels of the picture, both corners inside; null where
    /// nothing stands out.
    /// </summary>
    public Box? Box => _inputBox is { } box ? Geometry.ToPicture(box) : null;

    /// <summary>The boxes around all parts above a share of the maximum, the largest part first, in pixels of the picture.</summary>
    /// <param name="threshold">The share, 0 to 1.</param>
    public IReadOnlyList<Box> Boxes(float threshold = MapComponents.PaperShare) =>
        [.. Components(threshold).Select(part => Geometry.ToPicture(part.Box))];

    /// <summary><see cref="Box"/> on a copy of the picture that was scaled to another size.</summary>
    /// <param name="width">Columns of the copy.</param>
    /// <param name="height">Its rows.</param>
    public Box? BoxOn(int width, int height) => _inputBox is { } box ? Geometry.OnCopy(width, height).ToPicture(box) : null;

    /// <summary>
    /// A value for every pixel of the picture that the network saw (<see cref="PictureGeometry.Seen"/>), row by row.
    /// </summary>
    public float[] OnPicture() => OnPicture(Geometry.PictureWidth, Geometry.PictureHeight);

    /// <summary>The same for a copy of the picture that was scaled to another size.</summary>
    /// <param name="width">Columns of the copy.</param>
    /// <param name="height">Its rows.</param>
    public float[] OnPicture(int width, int height)
    {
        PictureGeometry copy = Geometry.OnCopy(width, height);
        bool fits = (width, height) == (Columns, Rows) && copy.Seen.Area == Values.Length;
        return fits ? [.. Values] : copy.MapToPicture(Values, Rows, Columns);
    }

    /// <summary>The picture with the map laid over it; what the network did not see is pale.</summary>
    /// <param name="rgb">The picture, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="options">How; null takes the defaults. <see cref="OverlayOptions.Seen"/> is not heeded.</param>
    /// <returns>As many bytes as the picture, in its layout.</returns>
    /// <exception cref="GpuCamException">The bytes are not those of a picture of its size.</exception>
    public byte[] Overlay(ReadOnlySpan<byte> rgb, OverlayOptions? options = null) =>
        Overlay(rgb, Geometry.PictureWidth, Geometry.PictureHeight, options);

    /// <summary>The same for a copy of the picture that was scaled to another size, such as one for a page.</summary>
    /// <param name="rgb">The copy, 3 bytes a pixel, row by row from the top.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="options">How; null takes the defaults. <see cref="OverlayOptions.Seen"/> is not heeded.</param>
    /// <returns>As many bytes as the copy, in its layout.</returns>
    /// <exception cref="GpuCamException">The bytes are not those of a picture of that size.</exception>
    public byte[] Overlay(ReadOnlySpan<byte> rgb, int width, int height, OverlayOptions? options = null)
    {
        RgbPicture.Check(rgb, width, height);
        options = (options ?? new OverlayOptions()) with { Seen = Geometry.OnCopy(width, height).Seen };
        return MapOverlay.Paint(rgb, width, height, OnPicture(width, height), options);
    }

    private IReadOnlyList<MapComponent> Components(float threshold) =>
        Range.State == MapState.Normal ? new MapComponents().AboveShareOfMax(Values, Columns, threshold) : [];
}
