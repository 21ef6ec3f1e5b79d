using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>ONNX's own test models, as Debian's package libonnx-testdata installs them.</summary>
internal static class OnnxSuite
{
    public const string Folder = "/usr/share/libonnx-testdata/data";

    /// <summary>Why a test that needs them is skipped; null if they are there.</summary>
    public static string? Missing => Directory.Exists(Folder) ? null : "no ONNX test models here: apt-get install libonnx-testdata";

    /// <summary>All models, in an order that does not depend on the disk.</summary>
    public static IEnumerable<string> Models =>
        Directory.EnumerateFiles(Folder, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>Equal but for a thousandth, as the suite asks for, and <paramref name="absolute"/>; NaN is NaN.</summary>
    public static void AssertClose(float[] expected, float[] actual, float absolute)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool isClose = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= absolute + (1e-3 * Math.Abs(expected[i]));
            Assert.True(isClose, $"{actual[i]} in place of {expected[i]} at {i} of {expected.Length}");
        }
    }

    /// <summary>A tensor in a file of its own, as the suite keeps inputs and outputs.</summary>
    public static OnnxTensor Tensor(string path) =>
        new OnnxTensorParser(new OnnxExternalData(null)).Parse(OnnxBytes.Pin(File.ReadAllBytes(path), path).All, "tensor");
}

/// <summary>A test that needs the models; skipped, and counted as such, where they are not.</summary>
internal sealed class OnnxSuiteFactAttribute : FactAttribute
{
    public OnnxSuiteFactAttribute() => Skip = OnnxSuite.Missing;
}

/// <summary>Cases that need the models; skipped, and counted as such, where they are not.</summary>
internal sealed class OnnxSuiteTheoryAttribute : TheoryAttribute
{
    public OnnxSuiteTheoryAttribute() => Skip = OnnxSuite.Missing;
}
