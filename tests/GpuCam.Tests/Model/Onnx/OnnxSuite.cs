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

    /// <summary>A tensor in a file of its own, as the suite keeps inputs and outputs.</summary>
    public static OnnxTensor Tensor(string path) =>
        new OnnxTensorParser(new OnnxExternalData(null)).Parse(OnnxBytes.Pin(File.ReadAllBytes(path), path).All, "tensor");
}

/// <summary>A test that needs the models; skipped, and counted as such, where they are not.</summary>
internal sealed class OnnxSuiteFactAttribute : FactAttribute
{
    public OnnxSuiteFactAttribute() => Skip = OnnxSuite.Missing;
}
