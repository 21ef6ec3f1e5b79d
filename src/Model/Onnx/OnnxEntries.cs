namespace GpuCam.Model;

/// <summary>Reads a <c>StringStringEntryProto</c>: a key and its value, both text.</summary>
internal static class OnnxEntries
{
    private const int Key = 1, Value = 2;

    public static (string Key, string Value) Read(ByteRange message, string what)
    {
        string key = "", value = "";
        for (var reader = new ProtobufReader(message, what); reader.Next();)
        {
            if (reader.Field == Key)
            {
                key = reader.Text;
            }
            else if (reader.Field == Value)
            {
                value = reader.Text;
            }
        }

        return (key, value);
    }
}
