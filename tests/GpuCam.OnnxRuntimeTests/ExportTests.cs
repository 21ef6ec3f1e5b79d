using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Whole networks in ONNX Runtime: logits and maps are those of this program.</summary>
public sealed class ExportTests
{
    public static TheoryData<string> Small => [Architectures.Names[0], "squeezenet", .. Networks.Others];

    public static TheoryData<string> Large => [.. Networks.Architectures];

    [Theory]
    [MemberData(nameof(Small))]
    public async Task All_kinds_of_maps_come_out_of_a_file(string name)
    {
        using var device = new HostDevice(Backend.Simd, threads: 1);
        using Execution execution = Networks.Create(device, name);
        using var check = new ExportCheck(execution, images: 2, Runtime.Run);
        int last = execution.Network.ClassCount - 1;
        foreach (string method in OnnxExportOptions.GradientMethods)
        {
            Exact(await check.Gradient(method, check.DefaultValue), method);
            Exact(await check.Gradient(method, check.EarlyValue), $"{method} of {check.EarlyValue}");
            Exact(await check.Gradient(method, check.DefaultValue, classes: [last, 0]), $"{method} of classes");
            Exact(await check.Gradient(method, check.DefaultValue, resize: true), $"{method} resized");
        }

        Exact(await check.Gradient("gradcam", check.EarlyValue, opset: 21), "gradcam in newer operators");
        if (check.HasCam)
        {
            Exact(await check.AllMaps(resize: false), "cam");
            Exact(await check.AllMaps(resize: true), "cam resized");
            Exact(await check.BestMaps(2), "cam of the best");
            Exact(await check.ChosenMaps([[last, 0], [1, last]]), "cam of classes");
        }

        Exact(check.LogitDifference, "logits");
    }

    [Theory]
    [MemberData(nameof(Large))]
    public async Task Every_architecture_writes_maps_of_both_kinds(string name)
    {
        using var device = new HostDevice(Backend.Simd, threads: 1);
        using Execution execution = Networks.Create(device, name);
        using var check = new ExportCheck(execution, images: 1, Runtime.Run);
        string method = OnnxExportOptions.GradientMethods[name.Length % OnnxExportOptions.GradientMethods.Count];
        Exact(await check.Both(method, check.EarlyValue), $"{method} of {check.EarlyValue}, or cam");
        Exact(check.LogitDifference, "logits");
    }

    private static void Exact(double difference, string what) => Assert.True(
        difference <= ExportCheck.Tolerance, $"{what}: differs by {difference:e2} of the largest number");
}
