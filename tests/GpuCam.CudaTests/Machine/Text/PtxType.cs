namespace GpuCam.CudaTests.Machine.Text;

/// <summary>What the bits of a register or a cell of memory mean.</summary>
internal enum TypeKind
{
    /// <summary>Bits without a meaning: <c>b32</c>.</summary>
    Bits,

    /// <summary>Unsigned: <c>u32</c>.</summary>
    Unsigned,

    /// <summary>Signed: <c>s32</c>.</summary>
    Signed,

    /// <summary>Floating point: <c>f32</c>.</summary>
    Float,

    /// <summary>True or false: <c>pred</c>.</summary>
    Predicate,
}

/// <summary>A type of PTX.</summary>
internal readonly record struct PtxType(TypeKind Kind, int Bytes)
{
    /// <summary>Bytes that a register of this type has here: 8- and 16-bit ones have 4.</summary>
    public int RegisterBytes => Math.Max(Bytes, 4);

    /// <summary>The type of that name.</summary>
    public static PtxType Parse(string name) =>
        TryParse(name, out PtxType type) ? type : throw new MachineFault($"the type '{name}' is not known");

    /// <summary>The type of that name, if it is one.</summary>
    public static bool TryParse(string name, out PtxType type)
    {
        type = name switch
        {
            "pred" => new PtxType(TypeKind.Predicate, 0),
            "b8" => new PtxType(TypeKind.Bits, 1),
            "b16" => new PtxType(TypeKind.Bits, 2),
            "b32" => new PtxType(TypeKind.Bits, 4),
            "b64" => new PtxType(TypeKind.Bits, 8),
            "u8" => new PtxType(TypeKind.Unsigned, 1),
            "u16" => new PtxType(TypeKind.Unsigned, 2),
            "u32" => new PtxType(TypeKind.Unsigned, 4),
            "u64" => new PtxType(TypeKind.Unsigned, 8),
            "s8" => new PtxType(TypeKind.Signed, 1),
            "s16" => new PtxType(TypeKind.Signed, 2),
            "s32" => new PtxType(TypeKind.Signed, 4),
            "s64" => new PtxType(TypeKind.Signed, 8),
            "f32" => new PtxType(TypeKind.Float, 4),
            "f64" => new PtxType(TypeKind.Float, 8),
            _ => default,
        };
        return type != default;
    }
}
