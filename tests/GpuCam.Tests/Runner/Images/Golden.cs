using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>
/// Compares a picture with the one in tests/GpuCam.Tests/Golden. Colours may differ by rounding, no more; on a difference the
/// picture and a map of the differences are written and named. Set GPUCAM_UPDATE_GOLDEN=1 to replace a golden picture on purpose.
/// </summary>
internal static class Golden
{
    private const int Tolerance = 2;

    public static void Matches(string name, Image8 picture)
    {
        string path = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("GPUCAM_UPDATE_GOLDEN") == "1")
        {
            PngWriter.WriteFile(path, picture);
        }

        Image8 golden = ImageReader.ReadFile(path);
        int worst = golden.Width == picture.Width && golden.Height == picture.Height ? 0 : 256;
        for (int i = 0; worst < 256 && i < golden.Pixels.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(golden.Pixels[i] - picture.Pixels[i]));
        }

        if (worst <= Tolerance)
        {
            return;
        }

        string actual = Path.Combine(Path.GetTempPath(), "gpucam-golden", name);
        PngWriter.WriteFile(actual, picture);
        if (worst < 256)
        {
            var difference = new Image8(golden.Width, golden.Height);
            for (int i = 0; i < golden.Pixels.Length; i++)
            {
                difference.Pixels[i] = (byte)Math.Min(255, 8 * Math.Abs(golden.Pixels[i] - picture.Pixels[i]));
            }

            PngWriter.WriteFile(Path.ChangeExtension(actual, ".difference.png"), difference);
        }

        Assert.Fail($"{name}: {picture.Width} x {picture.Height} differs by up to {worst} from the golden picture of "
            + $"{golden.Width} x {golden.Height}; see {actual}");
    }

    public static string Folder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuCam.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        Assert.NotNull(folder);
        return Path.Combine(folder, "tests", "GpuCam.Tests", "Golden");
    }
}
