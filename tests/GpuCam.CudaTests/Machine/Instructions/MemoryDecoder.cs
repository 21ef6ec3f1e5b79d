using System.Numerics;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>ld</c>, <c>st</c> and <c>cp.async</c>.</summary>
internal static class MemoryDecoder
{
    public static Instruction Access(Operands o)
    {
        string vector = o.Modifiers.FirstOrDefault(modifier => modifier is "v2" or "v4") ?? "";
        int count = PtxStatement.Elements(o.Text(o.Name == "ld" ? 0 : 1)).Count;
        if (vector != (count == 1 ? "" : $"v{count}"))
        {
            throw o.Unknown();
        }

        return o.Modifiers.FirstOrDefault(modifier => modifier != vector) switch
        {
            null => Access<GenericSpace>(o),
            "global" => Access<GlobalSpace>(o.Allow("global", "v2", "v4")),
            "shared" => Access<SharedSpace>(o.Allow("shared", "v2", "v4")),
            "local" => Access<LocalSpace>(o.Allow("local", "v2", "v4")),
            "param" when o.Name == "ld" => Access<ParameterSpace>(o.Allow("param", "v2", "v4")),
            _ => throw o.Unknown(),
        };
    }

    public static Instruction AsyncCopy(Operands o) => o.Modification switch
    {
        "async.ca.shared.global" => Begin(o, o.Number(2) is 4 or 8 or 16),
        "async.cg.shared.global" => Begin(o, o.Number(2) is 16),
        "async.commit_group" => new CommitCopies(),
        "async.wait_group" => new AwaitCopies(o.Number(0)),
        "async.wait_all" => new AwaitCopies(-1),
        _ => throw o.Unknown(),
    };

    private static BeginCopy Begin(Operands o, bool fits) =>
        fits ? new BeginCopy(o.Address(0), o.Address(1), o.Number(2), o.Count == 4 ? o.Value(3, 4) : null) : throw o.Unknown();

    private static Instruction Access<TSpace>(Operands o)
        where TSpace : struct, ISpace => (o.Type.Kind, o.Type.Bytes) switch
        {
            (TypeKind.Signed, 1) => Access<sbyte, int, TSpace>(o),
            (TypeKind.Signed, 2) => Access<short, int, TSpace>(o),
            (_, 1) => Access<byte, uint, TSpace>(o),
            (_, 2) => Access<ushort, uint, TSpace>(o),
            (_, 4) => Access<uint, uint, TSpace>(o),
            (_, 8) => Access<ulong, ulong, TSpace>(o),
            _ => throw o.Unknown(),
        };

    private static unsafe Instruction Access<T, TRegister, TSpace>(Operands o)
        where T : unmanaged, INumber<T>
        where TRegister : unmanaged, INumber<TRegister>
        where TSpace : struct, ISpace => o.Name == "ld"
            ? new Load<T, TRegister, TSpace>(o.Values(0, sizeof(TRegister)), o.Address(1))
            : new Store<T, TRegister, TSpace>(o.Address(0), o.Values(1, sizeof(TRegister)));
}
