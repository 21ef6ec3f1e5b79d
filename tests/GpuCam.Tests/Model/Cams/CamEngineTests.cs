using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

public class CamEngineTests
{
    private static readonly int[] s_classes = [2, 0, 1];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Cam_is_grad_cam_before_its_ReLU_times_the_pixels(string device)
    {
        using var op = new OpHarness(device);
        using Network network = CamProblem.Network(op.Device);
        using var engine = new CamEngine(network);
        CamProblem.Forward(op, network);
        float[] cam = engine.Map(CamMethods.Create("cam"), "pool2", s_classes).ToArray();
        float[] gradCam = engine.Map(CamMethods.Create("gradcam"), "pool2", s_classes).ToArray();
        OpHarness.Close([.. gradCam.Select(v => 9.0 * v)], cam, 1e-5);
    }
}
