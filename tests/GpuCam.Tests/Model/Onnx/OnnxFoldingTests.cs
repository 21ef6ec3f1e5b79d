using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>What is computed at load, against ONNX's own tests and in the chains that exporters write.</summary>
public sealed class OnnxFoldingTests
{
    private const long N = OnnxView.Batch;

    /// <summary>Tests of what is not folded on purpose.</summary>
    private static readonly string[] s_others =
    [
        "string", "STRING", // text
        "training_dropout", "dropout_default_mask_ratio_x", // drops at random
        "test_quantizelinear", "test_dynamicquantizelinear", // read as float
        "test_cast_FLOAT_to_FLOAT16", "BFLOAT16", // kept as float
    ];

    [OnnxSuiteFact]
    public void Every_test_of_a_folded_operator_gives_its_answer()
    {
        var wrong = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int count = 0;
        foreach (string path in OnnxSuite.Models.Where(path => path.Contains("/node/", StringComparison.Ordinal)))
        {
            using var file = OnnxFile.Open(path, oldestOpset: 1);
            string name = Path.GetFileName(Path.GetDirectoryName(path)!);
            if (file.Model.Opset < OnnxFile.OldestOpset || !file.Model.Graph.Nodes.All(OnnxFolding.Knows) || s_others.Any(name.Contains)
                || file.Model.Graph.Inputs.Any(input => input.Type == OnnxType.Undefined))
            {
                continue;
            }

            count++;
            seen.UnionWith(file.Model.Graph.Nodes.Select(node => node.Operator));
            Exception? error = Record.Exception(() => Compare(file.Model, Path.Combine(Path.GetDirectoryName(path)!, "test_data_set_0")));
            if (error is not null)
            {
                wrong.Add($"{name}: {error.Message}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(count, 200, 1_000);
        Assert.InRange(seen.Count, 45, 100);
    }

    [Fact]
    public void A_reshape_to_the_batch_and_the_rest_is_recognised()
    {
        OnnxConstant shape = new([4], [N, 6, 7, 5]);
        OnnxConstant first = Fold("Gather", 13, [shape, new([], [0L])], Attribute("axis", 0));
        OnnxConstant axis = Fold("Unsqueeze", 13, [first, new([1], [0L])]);
        OnnxConstant target = Fold("Concat", 13, [axis, new([1], [-1L])], Attribute("axis", 0));
        Assert.Equal([N, -1], target.ToIntegers());
        OnnxConstant rest = Fold("Mul", 13, [first, new([], [3L])]);
        Assert.Equal([3 * N], rest.ToIntegers());
        Assert.Equal([3L], Fold("Div", 13, [rest, first]).ToIntegers());
        Assert.Equal([N], Fold("Cast", 13, [Fold("Cast", 13, [first], Attribute("to", 1))], Attribute("to", 7)).ToIntegers());
    }

    [Fact]
    public void Weights_are_transposed_and_reshaped_without_being_read()
    {
        using OnnxFile file = OnnxTensorTests.With(Floats("t", [2, 3], 0, 1, 2, 3, 4, 5)).Open();
        OnnxConstant weights = new(file.Model.Graph.Initializers["t"]);
        OnnxConstant turned = Fold("Transpose", 13, [weights]), tall = Fold("Reshape", 13, [turned, new([3], [3L, 1, -1])]);
        Assert.Equal([3L, 1, 2], tall.Extents);
        Assert.Equal([0f, 3, 1, 4, 2, 5], tall.ToFloats());
        file.Dispose();
        Assert.Equal([2L, 3], Fold("Flatten", 13, [weights]).Extents);
        Assert.Throws<ObjectDisposedException>(tall.ToFloats);
    }

    [Fact]
    public void Quantised_weights_are_read_as_float_slice_by_slice()
    {
        OnnxConstant quantised = new([2, 3], [-1, 0, 1, 10, 20, 30], OnnxType.Int8), scale = new([2], [0.5f, 2]);
        OnnxConstant zero = new([2], [1, 10], OnnxType.Int8);
        Assert.Equal([-1f, -0.5f, 0, 0, 20, 40], Fold("DequantizeLinear", 13, [quantised, scale, zero], Attribute("axis", 0)).ToFloats());
        OnnxConstant turned = Fold("Transpose", 13, [quantised]);
        Assert.Equal([-1f, 0, -0.5f, 20, 0, 40], Fold("DequantizeLinear", 13, [turned, scale, zero], Attribute("axis", -1)).ToFloats());
        Assert.Equal([-0.5f, 0, 0.5f, 5, 10, 15], Fold("DequantizeLinear", 13, [quantised, new([], [0.5f])]).ToFloats());
        OnnxConstant real = new([2], [0.3f, 0.7f]);
        Assert.Equal([0.3f, 0.7f],
            Fold("DequantizeLinear", 13, [Fold("QuantizeLinear", 13, [real, new([], [1f])]), new([], [1f])]).ToFloats());
    }

    [Fact]
    public void Nothing_is_blown_up()
    {
        Assert.Contains("are no numbers to be made at load", Refused("ConstantOfShape", [new([2], [1L << 40, 1L << 40])]),
            StringComparison.Ordinal);
        Assert.Contains("are no numbers to be made", Refused("Expand", [new([1], [1L]), new([1], [1L << 40])]), StringComparison.Ordinal);
        Assert.Contains("are no numbers to be made", Refused("Range", [new([], [0L]), new([], [1L << 60]), new([], [1L])]),
            StringComparison.Ordinal);
        Assert.Contains("are no numbers to be made", Refused("Range", [new([], [0f]), new([], [1f]), new([], [0f])]),
            StringComparison.Ordinal);
        OnnxConstant row = new([1, 5000], new long[5000]), column = new([5000, 1], new long[5000]);
        Assert.Contains("are no numbers to be made", Refused("Add", [row, column]), StringComparison.Ordinal);
        Assert.Contains("are no numbers to be made", Refused("Tile", [row, new([2], [1L << 12, 1L << 12])]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_by_name()
    {
        OnnxConstant two = new([2], [1L, 2]), three = new([3], [1L, 2, 3]);
        Assert.StartsWith("m.onnx: Add node that makes 'y': [2] with [3]", Refused("Add", [two, three]), StringComparison.Ordinal);
        Assert.Contains("takes INT64 with FLOAT", Refused("Add", [two, new([2], [1f, 2])]), StringComparison.Ordinal);
        Assert.Contains("divides an integer by zero", Refused("Div", [two, new([], [0L])]), StringComparison.Ordinal);
        Assert.Contains("number 2 of an axis of 2", Refused("Gather", [two, new([], [2L])]), StringComparison.Ordinal);
        Assert.Contains("[2] cannot become [3]", Refused("Reshape", [two, new([1], [3L])]), StringComparison.Ordinal);
        Assert.Contains("[2] cannot become [-1, -1]", Refused("Reshape", [two, new([2], [-1L, -1])]), StringComparison.Ordinal);
        Assert.Contains("[2] cannot become [0, 0]", Refused("Reshape", [two, new([2], [0L, 0])]), StringComparison.Ordinal);
        Assert.Contains("axis 5 of a tensor of 1 axes", Refused("Squeeze", [two, new([1], [5L])]), StringComparison.Ordinal);
        Assert.Contains("has no input 1", Refused("Gather", [two]), StringComparison.Ordinal);
        Assert.Contains("holds no integers", Refused("Gather", [two, new([], [0f])]), StringComparison.Ordinal);
    }

    private static OnnxConstant Fold(string name, long opset, OnnxConstant[] inputs, params Proto[] attributes)
    {
        string names = string.Join(' ', inputs.Select((_, i) => $"i{i}"));
        var model = new TestModel();
        foreach (string input in names.Split(' '))
        {
            model.Input(input, 1);
        }

        using OnnxFile file = model.Node(name, names, "y", attributes).Output("y", 1).Open();
        return Assert.Single(OnnxFolding.Fold(file.Model.Graph.Nodes[0], inputs, opset));
    }

    private static string Refused(string name, OnnxConstant[] inputs) =>
        Assert.Throws<GpuCamException>(() => Fold(name, 17, inputs)).Message;

    private static void Compare(OnnxModel model, string folder)
    {
        var values = model.Graph.Initializers.ToDictionary(pair => pair.Key, pair => new OnnxConstant(pair.Value));
        for (int i = 0; i < model.Graph.Inputs.Count; i++)
        {
            values[model.Graph.Inputs[i].Name] = new OnnxConstant(OnnxSuite.Tensor(Path.Combine(folder, $"input_{i}.pb")));
        }

        foreach (OnnxNode node in model.Graph.Nodes)
        {
            OnnxConstant[] made = OnnxFolding.Fold(node, [.. node.Inputs.Select(input => values.GetValueOrDefault(input))], model.Opset);
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                values[node.Outputs[i]] = made[i];
            }
        }

        for (int i = 0; i < model.Graph.Outputs.Count; i++)
        {
            OnnxConstant got = values[model.Graph.Outputs[i].Name];
            var expected = new OnnxConstant(OnnxSuite.Tensor(Path.Combine(folder, $"output_{i}.pb")));
            Assert.Equal(expected.Extents, got.Extents);
            Assert.Equal(expected.IsInteger, got.IsInteger);
            if (expected.IsInteger)
            {
                Assert.Equal(expected.ToIntegers(), got.ToIntegers());
                continue;
            }

            OnnxSuite.AssertClose(expected.ToFloats(), got.ToFloats(), 1e-7f);
        }
    }
}
