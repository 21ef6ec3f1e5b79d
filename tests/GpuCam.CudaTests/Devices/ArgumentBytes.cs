using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;

namespace GpuCam.CudaTests.Devices;

/// <summary>
/// A kernel struct as its parameter lies in memory on CUDA: fields in their order, each at a multiple of its alignment; a view is an
/// address and a length of eight bytes each.
/// </summary>
internal static class ArgumentBytes
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const int ViewBytes = 16;

    /// <summary>The bytes of <paramref name="kernel"/>.</summary>
    public static byte[] Of(object kernel)
    {
        var bytes = new List<byte>();
        Add(bytes, kernel);
        return [.. bytes];
    }

    private static void Add(List<byte> bytes, object value)
    {
        Type type = value.GetType();
        Align(bytes, AlignmentOf(type));
        if (IsView(type))
        {
            MethodInfo place = typeof(ArgumentBytes).GetMethod(nameof(Place), BindingFlags.Static | BindingFlags.NonPublic)!;
            (long address, long length) = ((long, long))place.MakeGenericMethod(type.GenericTypeArguments).Invoke(null, [value])!;
            bytes.AddRange(BitConverter.GetBytes(address));
            bytes.AddRange(BitConverter.GetBytes(length));
        }
        else if (type.IsPrimitive || type.IsEnum)
        {
            bytes.AddRange(Primitive(value));
        }
        else
        {
            foreach (FieldInfo field in Fields(type))
            {
                Add(bytes, field.GetValue(value)!);
            }

            Align(bytes, AlignmentOf(type));
        }
    }

    private static byte[] Primitive(object value) => value switch
    {
        int number => BitConverter.GetBytes(number),
        uint number => BitConverter.GetBytes(number),
        long number => BitConverter.GetBytes(number),
        ulong number => BitConverter.GetBytes(number),
        float number => BitConverter.GetBytes(number),
        double number => BitConverter.GetBytes(number),
        bool flag => [flag ? (byte)1 : (byte)0],
        byte number => [number],
        Enum number => BitConverter.GetBytes(Convert.ToInt32(number, System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"a kernel has a field of type {value.GetType()}"),
    };

    /// <summary>In the order in which they are declared.</summary>
    private static IEnumerable<FieldInfo> Fields(Type type) => type.GetFields(AllFields).OrderBy(field => field.MetadataToken);

    private static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);

    private static int AlignmentOf(Type type) => IsView(type) ? ViewBytes / 2
        : type.IsEnum ? AlignmentOf(type.GetEnumUnderlyingType())
        : type == typeof(bool) ? 1
        : type.IsPrimitive ? Marshal.SizeOf(type)
        : Fields(type).Select(field => AlignmentOf(field.FieldType)).DefaultIfEmpty(1).Max();

    private static void Align(List<byte> bytes, int alignment)
    {
        while (bytes.Count % alignment != 0)
        {
            bytes.Add(0);
        }
    }

    private static unsafe (long Address, long Length) Place<T>(ArrayView<T> view)
        where T : unmanaged => view.Length == 0 ? (0, 0) : ((long)Unsafe.AsPointer(ref view[0]), view.Length);
}
