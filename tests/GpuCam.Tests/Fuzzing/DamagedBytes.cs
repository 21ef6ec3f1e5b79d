namespace GpuCam.Tests.Fuzzing;

/// <summary>Damage that knows nothing of a format: bytes changed, lost, doubled, put in.</summary>
internal static class DamagedBytes
{
    private static readonly byte[] s_extremes = [0, 1, 0x7F, 0x80, 0xFE, 0xFF];

    /// <summary>Some damage to a copy of <paramref name="sound"/>.</summary>
    public static byte[] Make(byte[] sound, Random random)
    {
        List<byte> file = [.. sound];
        for (int edits = random.Next(1, 6); edits > 0 && file.Count > 12; edits--)
        {
            Damage(file, random);
        }

        return [.. file];
    }

    private static void Damage(List<byte> file, Random random)
    {
        // Headers are where sizes are; half of the damage is done there.
        int at = random.Next(2) == 0 ? random.Next(file.Count) : random.Next(Math.Min(file.Count, 64));
        int length = Math.Min(random.Next(1, 9), file.Count - at);
        switch (random.Next(8))
        {
            case 0 or 1:
                file[at] = (byte)random.Next(256);
                break;
            case 2:
                file[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                file[at] = s_extremes[random.Next(s_extremes.Length)];
                break;
            case 4:
                file.RemoveRange(at, length);
                break;
            case 5:
                file.Insert(at, (byte)random.Next(256));
                break;
            case 6:
                file.InsertRange(random.Next(file.Count), file.GetRange(at, length));
                break;
            default:
                file.RemoveRange(file.Count - length, length);
                break;
        }
    }
}
