using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>
/// ONNX's own tests of the operators that run here, each as a case. What is left out is listed with its reason; a test of an operator that
/// runs and that is neither passed nor listed is an error.
/// </summary>
public sealed class OnnxConformanceTests
{
    /// <summary>Parts of names, and why those tests do not apply.</summary>
    private static readonly (string Part, string Reason)[] s_leftOut =
    [
        ("pool_3d", "volumes"), ("Pool3d", "volumes"), ("Conv3d", "volumes"), ("BatchNorm3d", "volumes"),
        ("training", "training"),
        ("test_shape", "the output does not depend on the image"), ("test_size", "the output does not depend on the image"),
        ("test_gather_2d_indices", "indices of two axes"),
        ("test_gemm_all_attributes", "a transposed activation"), ("test_gemm_transposeA", "a transposed activation"),
        ("test_operator_addmm", "a bias that depends on the image"),
        ("argmax", "places of maxima"), ("repeat_dim_overflow", "an activation repeated"),
        ("cubic", "cubic interpolation"), ("tf_half_pixel_for_nn", "coordinates of old TensorFlow"), ("tf_crop", "crops while it resizes"),
        ("test_reshape_allowzero_reordered", "an empty tensor"), ("test_slice_start_out_of_bounds", "an empty tensor"),
        ("test_split_zero_size_splits", "an empty tensor"), ("test_slice_neg_steps", "backwards"),
        ("d_multiparam", "slopes of channels of before opset 7"),
    ];

    public static TheoryData<string> Cases => [.. Applicable(listed: false).DefaultIfEmpty("")];

    [OnnxSuiteTheory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_what_it_has_to(string name)
    {
        using var device = new HostDevice(Backend.Simd, 2, 256);
        Run(name, device);
    }

    /// <summary>Compiled as for a GPU; all of the suite's cases are small.</summary>
    [OnnxSuiteTheory]
    [MemberData(nameof(Cases))]
    public void It_gives_the_same_by_compiled_kernels(string name)
    {
        using var op = new OpHarness("ilgpu-cpu");
        Run(name, op.Device);
    }

    private static void Run(string name, IDevice device)
    {
        bool layers = name.Contains("layer_normalization", StringComparison.Ordinal);
        // Its mean and spread, which are outputs too, are for training.
        new OnnxCase(Path.Combine(OnnxSuite.Folder, name)).Run(device, layers ? ["Y"] : null);
    }

    [OnnxSuiteFact]
    public void What_is_left_out_is_listed_and_little()
    {
        Assert.InRange(Cases.Count, 350, 1_000);
        string[] listed = [.. Applicable(listed: true)];
        Assert.InRange(listed.Length, 1, 70);
        Assert.All(s_leftOut, entry => Assert.Contains(listed, name => name.Contains(entry.Part, StringComparison.Ordinal)));
    }

    /// <summary>Tests of float32 all of whose operators run here, those that are listed above or the others.</summary>
    private static IEnumerable<string> Applicable(bool listed)
    {
        foreach (string path in OnnxSuite.Missing is null ? OnnxSuite.Models : [])
        {
            using var file = OnnxFile.Open(path, oldestOpset: 1);
            OnnxGraph graph = file.Model.Graph;
            bool applies = file.Model.Opset >= 6 && graph.Nodes.All(node => OnnxOperators.Find(node) is not null || OnnxFolding.Knows(node))
                && graph.Nodes.Any(node => OnnxOperators.Find(node) is not null)
                && graph.Inputs.Concat(graph.Outputs).All(value => value.Type is OnnxType.Float or OnnxType.Int64 or OnnxType.Int32)
                && graph.Inputs.Any(value => value.Type == OnnxType.Float && value.Extents is [_, ..]);
            string name = Path.GetRelativePath(OnnxSuite.Folder, Path.GetDirectoryName(path)!);
            if (applies && listed == s_leftOut.Any(entry => name.Contains(entry.Part, StringComparison.Ordinal)))
            {
                yield return name;
            }
        }
    }
}
