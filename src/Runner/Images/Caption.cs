using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>A swatch and its name in the legend under a picture.</summary>
internal readonly record struct LegendEntry(string Text, Rgb Colour);

/// <summary>Text strips under pictures.</summary>
public static class Caption
{
    // From this width on, a line of some 30 characters has room for letters of double size.
    private const int WideEnough = 360;

    private static readonly Rgb s_ink = new(0x20, 0x22, 0x26);
    private static readonly Rgb s_paper = new(0xFF, 0xFF, 0xFF);

    /// <summary>"true 7 · predicted 1 (99.1 %)"; without the first part when the truth is not known.</summary>
    /// <param name="trueClass">Name of the true class, or null.</param>
    /// <param name="predictedClass">Name of the predicted class.</param>
    /// <param name="probability">Of the predicted class, 0 to 1.</param>
    public static string Prediction(string? trueClass, string predictedClass, double probability)
    {
        string percent = (100 * probability).ToString("0.0", CultureInfo.InvariantCulture);
        string prediction = $"predicted {predictedClass} ({percent} %)";
        return trueClass is null ? prediction : $"true {trueClass} \u00B7 {prediction}";
    }

    /// <summary>The picture with the text under it, wrapped to the picture's width; the picture itself when there is no text.</summary>
    public static Image8 Under(Image8 picture, string text) => Under(picture, text, []);

    internal static Image8 Under(Image8 picture, string text, IReadOnlyList<LegendEntry> legend)
    {
        if (text.Length == 0 && legend.Count == 0)
        {
            return picture;
        }

        int scale = picture.Width >= WideEnough ? 2 : 1;
        int margin = 5 * scale, swatch = 7 * scale, lineHeight = Font.LineHeight * scale;
        int space = picture.Width - (2 * margin);
        IReadOnlyList<string> lines = text.Length == 0 ? [] : Font.Wrap(text, (space + scale) / (Font.Advance * scale));
        // Entries stand side by side as far as they fit.
        var places = new (int X, int Line)[legend.Count];
        int x = 0, line = lines.Count;
        for (int i = 0; i < places.Length; i++)
        {
            int width = swatch + (3 * scale) + Font.Width(legend[i].Text, scale);
            if (x > 0 && x + width > space)
            {
                (x, line) = (0, line + 1);
            }

            places[i] = (x, line);
            x += width + (2 * Font.Advance * scale);
        }

        int height = (2 * margin) - scale + ((line + (legend.Count > 0 ? 1 : 0)) * lineHeight);

        var result = new Image8(picture.Width, picture.Height + height);
        result.Fill(s_paper);
        result.Draw(picture, 0, 0);
        int top = picture.Height + margin;
        for (int i = 0; i < lines.Count; i++)
        {
            Font.Draw(result, lines[i], margin, top + (i * lineHeight), s_ink, scale);
        }

        for (int i = 0; i < places.Length; i++)
        {
            int left = margin + places[i].X, y = top + (places[i].Line * lineHeight);
            result.FillRectangle(left, y, swatch, swatch, legend[i].Colour);
            Font.Draw(result, legend[i].Text, left + swatch + (3 * scale), y, s_ink, scale);
        }

        return result;
    }
}
