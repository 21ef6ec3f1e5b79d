namespace GpuCam.CudaTests.Driver;

/// <summary>Files of the repository that tests read.</summary>
internal static class ProgramFiles
{
    /// <summary>A small residual network, with six classes.</summary>
    public static string Resnet => Path.Combine(Root, "tests/GpuCam.Tests/Golden/peers/resnet/opset13.onnx");

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "GpuCam.sln")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return folder;
        }
    }
}
