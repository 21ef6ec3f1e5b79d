using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Whole networks in ONNX Runtime: logits and maps are those of this program.</summary>
public sealed class ExportTests
{
    private static readonly string[] s_methods = ["gradcam", "hirescam", "layercam", "gradcam++"];

    public static TheoryData<string> Small => [LeNetGap.Architecture, "squeezenet", .. Networks.Others];

    public static TheoryData<string> Large => [.. Networks.Architectures];

    [Theory]
    [MemberData(nameof(Small))]
    public void All_kinds_of_maps_come_out_of_a_file(string name)
    {
        using var device = new HostDevice(Backend.Simd, threads: 1);
        using Execution execution = Networks.Create(device, name);
        using var check = new ExportCheck(execution, images: 2);
        int last = execution.Network.ClassCount - 1;
        foreach (string method in s_methods)
        {
            Exact(check.Gradient(method, check.DefaultValue), method);
            Exact(check.Gradient(method, check.Values[0]), $"{method} of {check.Values[0]}");
            Exact(check.Gradient(method, check.DefaultValue, classes: [last, 0]), $"{method} of classes");
            Exact(check.Gradient(method, check.DefaultValue, resize: true), $"{method} resized");
        }

        if (check.HasCam)
        {
            Exact(check.AllMaps(resize: false), "cam");
            Exact(check.AllMaps(resize: true), "cam resized");
            Exact(check.BestMaps(2), "cam of the best");
            Exact(check.ChosenMaps([[last, 0], [1, last]]), "cam of classes");
        }
    }

    [Theory]
    [MemberData(nameof(Large))]
    public void Every_architecture_maps_early_and_late(string name)
    {
        using var device = new HostDevice(Backend.Simd, threads: 1);
        using Execution execution = Networks.Create(device, name);
        using var check = new ExportCheck(execution, images: 1);
        string method = s_methods[name.Length % s_methods.Length];
        Exact(check.Gradient(method, check.Values[0]), $"{method} of {check.Values[0]}");
        Exact(check.HasCam ? check.AllMaps(resize: false) : check.Gradient(method, check.DefaultValue), "map");
    }

    private static void Exact(double difference, string what) => Assert.True(
        difference <= ExportCheck.Tolerance, $"{what}: differs by {difference:e2} of the largest number");
}
