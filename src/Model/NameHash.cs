namespace GpuCam.Model;

/// <summary>A number of a name, for random numbers that belong to it.</summary>
internal static class NameHash
{
    /// <summary>FNV-1a, 64 bits: the same on every run, unlike <see cref="string.GetHashCode()"/>.</summary>
    public static ulong Of(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash;
    }
}
