using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Experiments;

/// <summary>Units as a picture: a row per unit; above, the images with the region framed; below, the region enlarged.</summary>
internal static class UnitPicture
{
    private static readonly Rgb s_frame = new(255, 0, 255), s_empty = new(0xFF, 0xFF, 0xFF);

    public static Image8 Draw(UnitResults results, ISampleSource source)
    {
        MontageTile[] rows = [.. results.Units.Select(unit => new MontageTile(DrawUnit(unit, results, source)))];
        string title = string.Create(
            CultureInfo.InvariantCulture,
            $"class {results.Class}: what excites the units of {results.Layer} that speak for it, of {results.Images} test images");
        return Montage.Compose(rows, columns: 1, title);
    }

    private static Image8 DrawUnit(UnitResult unit, UnitResults results, ISampleSource source)
    {
        int? field = results.RegionThreshold is null ? results.Field.Size : null;
        MontageTile[] tiles = [.. unit.Top.Select(top => new MontageTile(
            DrawTop(top, field, source), string.Create(CultureInfo.InvariantCulture, $"{top.Class} · {top.Activation:0.00}")))];
        string title = string.Create(
            CultureInfo.InvariantCulture,
            $"unit {unit.Unit}: weight {unit.Weight:0.00}, {unit.OfClass:0 %} of these images are of class {results.Class}");
        return Montage.Compose(tiles, tiles.Length, title);
    }

    /// <summary>Receptive fields are enlarged with every pixel, regions of photographs until they are as large as the image.</summary>
    private static Image8 DrawTop(UnitExcitement top, int? field, ISampleSource source)
    {
        Image8 image = source.Shown(top.Image);
        var part = new Image8(top.Box.Width, top.Box.Height);
        part.Draw(image, -top.Box.X0, -top.Box.Y0);
        double scale = (double)image.Width / Math.Max(part.Width, part.Height);
        Image8 below = field is { } side
            ? Heatmap.Enlarge(part, Math.Max(1, image.Width / side))
            : part.ScaledTo(Math.Max(1, (int)(part.Width * scale)), Math.Max(1, (int)(part.Height * scale)));
        Heatmap.Outline(image, top.Box, 1, s_frame);
        // Regions differ in shape: all get the same room, so that rows stay rows.
        int room = field is null ? image.Width : below.Height;
        var both = new Image8(Math.Max(image.Width, below.Width), image.Height + 2 + room);
        both.Fill(field is null ? s_empty : s_frame);
        both.FillRectangle(0, image.Height, both.Width, 2, s_frame);
        both.Draw(image, 0, 0);
        both.Draw(below, 0, image.Height + 2);
        return both;
    }
}
