namespace GpuCam.Model;

/// <summary>The number formats of ONNX, numbered as in the file (<c>TensorProto.DataType</c>).</summary>
internal enum OnnxType
{
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    Complex64 = 14,
    Complex128 = 15,
    BFloat16 = 16,
    Float8E4M3FN = 17,
    Float8E4M3FNUZ = 18,
    Float8E5M2 = 19,
    Float8E5M2FNUZ = 20,
    UInt4 = 21,
    Int4 = 22,
    Float4E2M1 = 23,
    Float8E8M0 = 24,
    UInt2 = 25,
    Int2 = 26,
}

/// <summary>What is known of the number formats.</summary>
internal static class OnnxTypes
{
    extension(OnnxType type)
    {
        /// <summary>What one number takes; 0 for text and for a format that came after this list.</summary>
        public int Bits => type switch
        {
            OnnxType.UInt2 or OnnxType.Int2 => 2,
            OnnxType.UInt4 or OnnxType.Int4 or OnnxType.Float4E2M1 => 4,
            OnnxType.UInt8 or OnnxType.Int8 or OnnxType.Bool or (>= OnnxType.Float8E4M3FN and <= OnnxType.Float8E5M2FNUZ)
                or OnnxType.Float8E8M0 => 8,
            OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Float16 or OnnxType.BFloat16 => 16,
            OnnxType.Float or OnnxType.Int32 or OnnxType.UInt32 => 32,
            OnnxType.Double or OnnxType.Int64 or OnnxType.UInt64 or OnnxType.Complex64 => 64,
            OnnxType.Complex128 => 128,
            _ => 0,
        };

        /// <summary>Whether it holds whole numbers or booleans, of whole bytes.</summary>
        public bool IsInteger => type is OnnxType.UInt8 or OnnxType.Int8 or OnnxType.UInt16 or OnnxType.Int16 or OnnxType.Int32
            or OnnxType.Int64 or OnnxType.Bool or OnnxType.UInt32 or OnnxType.UInt64;

        /// <summary>Whether it holds real numbers that can be had as float32.</summary>
        public bool IsReal => type is OnnxType.Float or OnnxType.Float16 or OnnxType.BFloat16 or OnnxType.Double;

        /// <summary>As the format's documents write it.</summary>
        public string Text => Enum.IsDefined(type) ? type.ToString().ToUpperInvariant() : $"data type {(int)type}";

        /// <summary>The field of TensorProto that numbers of this format lie in where they are not raw.</summary>
        public int DataField => type switch
        {
            OnnxType.Float or OnnxType.Complex64 => OnnxTensorParser.FloatData,
            OnnxType.String => OnnxTensorParser.StringData,
            OnnxType.Int64 => OnnxTensorParser.Int64Data,
            OnnxType.Double or OnnxType.Complex128 => OnnxTensorParser.DoubleData,
            OnnxType.UInt32 or OnnxType.UInt64 => OnnxTensorParser.UInt64Data,
            _ => OnnxTensorParser.Int32Data,
        };
    }
}
