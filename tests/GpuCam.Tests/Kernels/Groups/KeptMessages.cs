using System.Globalization;
using System.Reflection;
using System.Resources;
using ILGPU;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>
/// The texts of ILGPU's errors, each looked up once. Wherever a kernel asks for its place in a group, ILGPU asserts that there is one
/// and fetches the text of that assertion first, which takes longer than all else that a kernel does on the host.
/// </summary>
internal sealed class KeptMessages(ResourceManager messages) : ResourceManager
{
    private KeyValuePair<string, string?>[] _kept = [];

    /// <summary>Has ILGPU ask here from now on. Another version of it that names them otherwise fails loudly.</summary>
    public static void Install()
    {
        foreach (string name in (string[])["ErrorMessages", "RuntimeErrorMessages"])
        {
            Type type = typeof(Context).Assembly.GetType($"ILGPU.Resources.{name}", throwOnError: true)!;
            FieldInfo field = type.GetField("resourceMan", BindingFlags.Static | BindingFlags.NonPublic)
                ?? throw new MissingFieldException(type.Name, "resourceMan");
            field.SetValue(null, new KeptMessages(new ResourceManager(type.FullName!, type.Assembly)));
        }
    }

    public override string? GetString(string name, CultureInfo? culture)
    {
        // Names are literals: one text of each name, and one object.
        foreach (KeyValuePair<string, string?> kept in _kept)
        {
            if (ReferenceEquals(kept.Key, name))
            {
                return kept.Value;
            }
        }

        string? text = messages.GetString(name, culture);
        _kept = [.. _kept, new(name, text)];
        return text;
    }
}
