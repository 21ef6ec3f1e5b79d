using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Operators that a file defines itself, as PyTorch's newer exporter writes them.</summary>
public sealed class OnnxFunctionTests
{
    [Fact]
    public void A_call_becomes_the_nodes_of_its_function()
    {
        Proto scale = new Proto().Text(1, "alpha").Text(21, "slope").Int(20, 1);
        Proto inner = Function("Inner", "a", "b", Node("LeakyRelu", "", "a", "t", scale), Node("Relu", "", "t", "b")).Text(6, "slope");
        Proto first = Node("Inner", "mine", "x", "t", Attribute("slope", 0.25f));
        Proto outer = Function("Outer", "x", "y", first, Node("Inner", "mine", "t", "y"))
            .Message(11, Attribute("unused", 1));
        var network = OnnxNetwork.Read(Model(inner, outer).ToArray(), "m.onnx");
        Assert.Equal(["leakyrelu", "relu", "leakyrelu", "relu"], network.Graph.Nodes.Select(node => node.Kind));
        Assert.Equal([0.25f, 0.01f], network.Graph.Nodes.OfType<UnaryNode>().Select(node => node.Settings.Alpha));
        Assert.Equal("out", network.Graph.Output.Name);
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused() => Assert.Contains("functions call each other without end",
        Refused(Model(Function("Outer", "x", "y", Node("Outer", "mine", "x", "y"))).ToArray()), StringComparison.Ordinal);

    [Fact]
    public void Functions_that_double_and_double_are_refused_before_they_fill_memory()
    {
        Proto[] functions = [.. Enumerable.Range(0, 15).Select(i => Function(i == 14 ? "Outer" : $"F{i}", "x", "y",
            [.. Enumerable.Range(0, 8).Select(k => Node(i == 0 ? "Relu" : $"F{i - 1}", i == 0 ? "" : "mine",
                k == 0 ? "x" : $"t{k}", k == 7 ? "y" : $"t{k + 1}"))]))];
        Assert.Contains("functions call each other without end", Refused(Model(functions).ToArray()), StringComparison.Ordinal);
    }

    private static Proto Model(params Proto[] functions)
    {
        byte[] model = new TestModel().Input("in", "batch", 4).Graph(1, Node("Outer", "mine", "in", "out")).Output("out", "batch", 4)
            .Opset(17).Opset(1, "mine").ToArray();
        Proto all = new Proto().Raw(model);
        foreach (Proto function in functions)
        {
            all.Message(25, function);
        }

        return all;
    }

    private static Proto Function(string name, string input, string output, params Proto[] nodes)
    {
        Proto function = new Proto().Text(1, name).Text(4, input).Text(5, output).Text(10, "mine").Message(9, new Proto().Int(2, 17))
            .Message(9, new Proto().Text(1, "mine").Int(2, 1));
        foreach (Proto node in nodes)
        {
            function.Message(7, node);
        }

        return function;
    }

    private static Proto Node(string type, string domain, string input, string output, params Proto[] attributes)
    {
        Proto node = new Proto().Text(1, input).Text(2, output).Text(4, type).Text(7, domain);
        foreach (Proto attribute in attributes)
        {
            node.Message(5, attribute);
        }

        return node;
    }
}
