using GpuCam.Model;
using GpuCam.Runner.Experiments;

namespace GpuCam.Tests.Runner.Experiments;

public class CropTests
{
    [Theory]
    [InlineData("10,12,15,20", 0, 40, "10,12,15,20")]
    [InlineData("10,12,15,20", 3, 40, "7,9,18,23")]
    [InlineData("1,12,15,49", 3, 60, "0,9,18,49")]
    [InlineData("0,0,49,49", 4, 28, "11,11,38,38")]
    [InlineData("0,5,28,32", 0, 28, "0,5,27,32")]
    public void The_window_is_the_box_and_its_margin_inside_image_and_canvas(string box, int margin, int canvas, string window) =>
        Assert.Equal(Parse(window), Crop.Window(Parse(box), margin, 50, 50, canvas));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_window_lies_in_the_middle_of_a_blank_canvas(int channels)
    {
        float[] image = [.. Enumerable.Range(1, 6 * 6 * channels).Select(i => (float)i)];
        float[] canvas = new float[7 * 7 * channels];
        Array.Fill(canvas, float.NaN);
        Crop.Place(image, 6, channels, new Box(2, 1, 4, 5), canvas, 7);
        for (int y = 0; y < 7; y++)
        {
            for (int i = 0; i < 7 * channels; i++)
            {
                int x = i / channels;
                bool inside = x is >= 2 and <= 4 && y is >= 1 and <= 5;
                Assert.Equal(inside ? image[(y * 6 * channels) + i] : 0, canvas[(y * 7 * channels) + i]);
            }
        }
    }

    private static Box Parse(string text) =>
        text.Split(',').Select(int.Parse).ToArray() is [int x0, int y0, int x1, int y1] ? new Box(x0, y0, x1, y1) : default;
}
