using System.Reflection;
using System.Runtime.CompilerServices;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Explaining;

/// <summary>What programs of others rely on: the library says nothing on a console and shares nothing between its objects.</summary>
public sealed class LibraryTests
{
    private const BindingFlags Static =
        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] s_library = [typeof(IDevice).Assembly, typeof(Explainer).Assembly];

    [Fact]
    public void The_library_knows_no_console_no_process_no_network_and_no_picture_format()
    {
        string[] kept = ["System.Console", "System.Diagnostics.Process", "System.Net.Http", "System.Net.Sockets", "SkiaSharp",
            "SixLabors.ImageSharp", "System.CommandLine", "gpucam"];
        foreach (Assembly assembly in s_library)
        {
            Assert.Empty(assembly.GetReferencedAssemblies().Select(name => name.Name).Intersect(kept));
        }
    }

    /// <summary>What is static is set once, or belongs to a thread; three tables grow behind a lock, of what never changes.</summary>
    [Fact]
    public void Nothing_static_can_be_changed()
    {
        string[] found = [.. s_library.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .SelectMany(type => type.GetFields(Static))
            .Where(field => field is { IsInitOnly: false, IsLiteral: false } && !field.IsDefined(typeof(ThreadStaticAttribute))
                && !field.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(field => $"{field.DeclaringType!.Name}.{field.Name}").Order(StringComparer.Ordinal)];
        Assert.Empty(found);
        Assert.Empty(s_library.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetProperties(Static))
            .Where(property => property.CanWrite).Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }
}
