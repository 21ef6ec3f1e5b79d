namespace GpuCam.Model;

/// <summary>A number format of safetensors files.</summary>
/// <param name="Name">As the header calls it.</param>
/// <param name="Bits">What one number takes; null for a format that came after this list.</param>
internal sealed record SafetensorsType(string Name, int? Bits)
{
    /// <summary>Those that can be had as float32.</summary>
    public static IReadOnlyList<string> Readable { get; } = ["F32", "F64", "F16", "BF16"];

    private static readonly SafetensorsType[] s_all =
    [
        new("BOOL", 8), new("F4", 4), new("F6_E2M3", 6), new("F6_E3M2", 6), new("U8", 8), new("I8", 8), new("F8_E5M2", 8),
        new("F8_E4M3", 8),
        new("F8_E8M0", 8), new("F8_E4M3FNUZ", 8), new("F8_E5M2FNUZ", 8), new("I16", 16), new("U16", 16), new("F16", 16), new("BF16", 16),
        new("I32", 32), new("U32", 32), new("F32", 32), new("C64", 64), new("F64", 64), new("I64", 64), new("U64", 64),
    ];

    /// <summary>Whether it is among <see cref="Readable"/>.</summary>
    public bool IsReadable => Readable.Contains(Name);

    /// <summary>Whether it holds integers or booleans.</summary>
    public bool IsInteger => Name == "BOOL" || Name[0] is 'I' or 'U';

    /// <summary>The format of this name, or null.</summary>
    public static SafetensorsType? Find(string name) => Array.Find(s_all, type => type.Name == name);
}
