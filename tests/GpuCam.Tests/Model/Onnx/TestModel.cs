using System.Runtime.InteropServices;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>Builds small ONNX models; a test adds parts, right ones or wrong ones, and takes the bytes.</summary>
internal sealed class TestModel
{
    private readonly Proto _graph = new();
    private readonly List<(string Domain, long Version)> _opsets = [];
    private readonly Proto _tail = new();
    private long _irVersion = 8;

    public static Proto Attribute(string name, long value) => new Proto().Text(1, name).Int(3, value).Int(20, 2);

    public static Proto Attribute(string name, float value) => new Proto().Text(1, name).Single(2, value).Int(20, 1);

    public static Proto Attribute(string name, string value) => new Proto().Text(1, name).Text(4, value).Int(20, 3);

    public static Proto Attribute(string name, params long[] values)
    {
        Proto attribute = new Proto().Text(1, name);
        foreach (long value in values)
        {
            attribute.Int(8, value);
        }

        return attribute.Int(20, 7);
    }

    public static Proto Attribute(string name, Proto tensor) => new Proto().Text(1, name).Message(5, tensor).Int(20, 4);

    /// <summary>A tensor without data, for tests that add their own.</summary>
    public static Proto Bare(string name, OnnxType type, params long[] extents)
    {
        var tensor = new Proto();
        foreach (long extent in extents)
        {
            tensor.Int(1, extent);
        }

        return tensor.Int(2, (long)type).Text(8, name);
    }

    public static Proto Floats(string name, long[] extents, params float[] values) =>
        Bare(name, OnnxType.Float, extents).Bytes(9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public static Proto Integers(string name, long[] extents, params long[] values) =>
        Bare(name, OnnxType.Int64, extents).Bytes(9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>An extent is a number or a name.</summary>
    public static Proto Value(string name, OnnxType type, params object[] extents)
    {
        var shape = new Proto();
        foreach (object extent in extents)
        {
            shape.Message(1, extent is string symbol ? new Proto().Text(2, symbol) : new Proto().Int(1, (int)extent));
        }

        return new Proto().Text(1, name).Message(2, new Proto().Message(1, new Proto().Int(1, (long)type).Message(2, shape)));
    }

    public TestModel IrVersion(long version)
    {
        _irVersion = version;
        return this;
    }

    public TestModel Opset(long version, string domain = "")
    {
        _opsets.Add((domain, version));
        return this;
    }

    public TestModel Node(string type, string inputs, string outputs, params Proto[] attributes)
    {
        var node = new Proto();
        foreach (string input in inputs.Split(' '))
        {
            node.Text(1, input == "-" ? "" : input);
        }

        foreach (string output in outputs.Split(' '))
        {
            node.Text(2, output == "-" ? "" : output);
        }

        string[] names = type.Split(':');
        node.Text(4, names[0]).Text(3, names.Length > 1 ? names[1] : "");
        foreach (Proto attribute in attributes)
        {
            node.Message(5, attribute);
        }

        return Graph(1, node);
    }

    public TestModel Initializer(Proto tensor) => Graph(5, tensor);

    public TestModel Input(string name, params object[] extents) => Graph(11, Value(name, OnnxType.Float, extents));

    public TestModel Output(string name, params object[] extents) => Graph(12, Value(name, OnnxType.Float, extents));

    /// <summary>Any field of the graph.</summary>
    public TestModel Graph(int field, Proto message)
    {
        _graph.Message(field, message);
        return this;
    }

    /// <summary>An entry of the metadata.</summary>
    public TestModel Metadata(string key, string value)
    {
        _tail.Message(14, new Proto().Text(1, key).Text(2, value));
        return this;
    }

    public byte[] ToArray()
    {
        Proto model = new Proto().Int(1, _irVersion).Text(2, "test").Text(3, "1.0").Message(7, _graph);
        foreach ((string domain, long version) in _opsets.Count > 0 ? _opsets : [("", 17)])
        {
            model.Message(8, new Proto().Text(1, domain).Int(2, version));
        }

        return model.Raw(_tail.ToArray()).ToArray();
    }

    public OnnxFile Open() => OnnxFile.Parse(ToArray(), "m.onnx");

    /// <summary>What the reader says to it.</summary>
    public string Refused() => Refused(ToArray());

    public static string Refused(byte[] bytes) => Assert.Throws<GpuCamException>(() => OnnxFile.Parse(bytes, "m.onnx").Dispose()).Message;
}
