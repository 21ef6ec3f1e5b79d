using System.Text.Json;
using GpuCam.Model;

namespace GpuCam.BrowserTests;

/// <summary>What stands in an answer of the server, and how the page writes it.</summary>
internal static class ServeAnswer
{
    /// <summary>As the page writes a box.</summary>
    public static string Corners(Box box) => $"{box.X0}, {box.Y0}, {box.X1}, {box.Y1}";

    /// <summary>The box of four corners.</summary>
    public static Box BoxOf(JsonElement corners) => new(
        corners.GetProperty("x0").GetInt32(), corners.GetProperty("y0").GetInt32(), corners.GetProperty("x1").GetInt32(),
        corners.GetProperty("y1").GetInt32());

    /// <summary>The values of the map.</summary>
    public static float[] Values(JsonElement answer)
    {
        byte[] bytes = answer.GetProperty("map").GetProperty("values").GetBytesFromBase64();
        float[] values = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
        return values;
    }
}
