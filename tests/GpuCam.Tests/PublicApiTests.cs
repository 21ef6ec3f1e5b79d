using System.Reflection;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Runner.Images;
using PublicApiGenerator;

namespace GpuCam.Tests;

/// <summary>
/// What programs can call of the packages is listed in Golden/api: a change there is a decision. Set GPUCAM_UPDATE_GOLDEN=1 to write the
/// lists anew, and tell in CHANGELOG.md what was done.
/// </summary>
public sealed class PublicApiTests
{
    public static TheoryData<string, Type> Packages => new()
    {
        { "GpuCam.Kernels", typeof(Tensor) },
        { "GpuCam.Model", typeof(Network) },
    };

    [Theory]
    [MemberData(nameof(Packages))]
    public void What_a_package_offers_is_what_its_list_says(string package, Type any)
    {
        Assembly assembly = any.Assembly;
        Assert.Equal(package, assembly.GetName().Name);
        string found = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n")
            + "\n";
        string path = Path.Combine(Golden.Folder(), "api", package + ".txt");
        if (Environment.GetEnvironmentVariable("GPUCAM_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, found);
        }

        string[] listed = File.ReadAllLines(path), now = found.Split('\n')[..^1];
        string[] changes = [.. listed.Except(now).Select(line => "- " + line), .. now.Except(listed).Select(line => "+ " + line)];
        Assert.True(listed.SequenceEqual(now), $"{package} offers something else than {path} says:\n{string.Join('\n', changes)}");
    }
}
