namespace GpuCam.Model;

/// <summary>Reads a <c>ValueInfoProto</c>: a name, and of a tensor its type and extents.</summary>
internal static class OnnxValueInfoParser
{
    /// <summary>The value in <paramref name="message"/>.</summary>
    public static OnnxValueInfo Parse(ByteRange message, string what)
    {
        string name = "";
        OnnxType type = OnnxType.Undefined;
        List<OnnxExtent>? extents = null;
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field == 1)
            {
                name = reader.Text;
            }
            else if (reader.Field == 2)
            {
                (type, extents) = Type(reader.Bytes, what);
            }
        }

        return new OnnxValueInfo(name, type, extents);
    }

    private static (OnnxType Type, List<OnnxExtent>? Extents) Type(ByteRange message, string what)
    {
        OnnxType type = OnnxType.Undefined;
        List<OnnxExtent>? extents = null;
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field != 1)
            {
                continue;
            }

            for (var tensor = new ProtobufReader(reader.Bytes, what); tensor.Next();)
            {
                if (tensor.Field == 1)
                {
                    type = (OnnxType)tensor.Integer;
                }
                else if (tensor.Field == 2)
                {
                    extents = Shape(tensor.Bytes, what);
                }
            }
        }

        return (type, extents);
    }

    private static List<OnnxExtent> Shape(ByteRange message, string what)
    {
        var extents = new List<OnnxExtent>();
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field != 1)
            {
                continue;
            }

            long? value = null;
            string? name = null;
            for (var extent = new ProtobufReader(reader.Bytes, what); extent.Next();)
            {
                if (extent.Field == 1)
                {
                    value = extent.Integer;
                }
                else if (extent.Field == 2)
                {
                    name = extent.Text;
                }
            }

            // Tools that wrote the batch as 0 or -1 meant any.
            extents.Add(new OnnxExtent(value is > 0 ? value : null, string.IsNullOrEmpty(name) ? null : name));
        }

        return extents;
    }
}
