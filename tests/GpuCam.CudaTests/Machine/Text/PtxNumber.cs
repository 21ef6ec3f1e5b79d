using System.Globalization;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>Numbers in the text: <c>17</c>, <c>-1</c>, <c>0x1F</c>, <c>0f3F800000</c> (the bits of a float), <c>0d...</c>.</summary>
internal static class PtxNumber
{
    /// <summary>The bits of a number in a register of that size.</summary>
    public static ulong Parse(string text, int bytes)
    {
        ulong bits = text switch
        {
            ['0', 'f' or 'F', ..] or ['0', 'd' or 'D', ..] or ['0', 'x' or 'X', ..] => Hexadecimal(text[2..]),
            ['-', ..] => (ulong)Integer(text),
            _ => ulong.TryParse(text.TrimEnd('U'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
                ? value
                : throw new MachineFault($"'{text}' is neither a name nor a number"),
        };
        return bytes == 8 ? bits : (uint)bits;
    }

    private static ulong Hexadecimal(string digits) =>
        ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw new MachineFault($"'{digits}' is no hexadecimal number");

    private static long Integer(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new MachineFault($"'{text}' is no number");
}
