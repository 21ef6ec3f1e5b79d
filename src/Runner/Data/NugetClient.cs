using System.Text.RegularExpressions;

namespace GpuCam.Runner.Data;

/// <summary>Gets packages by <c>dotnet restore</c>, the NuGet client that .NET's SDK has; nothing of a package is run.</summary>
internal static partial class NugetClient
{
    private const string Program = "dotnet";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    /// <summary>The folder of the package where the user's own projects have got it already; null where they have not.</summary>
    public static string? InUserFolder(NugetPackage package)
    {
        string? asked = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        string folder = string.IsNullOrEmpty(asked)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages") : asked;
        string found = FolderIn(folder, package);
        return Directory.Exists(found) ? found : null;
    }

    /// <summary>Restores a package below <paramref name="work"/>, without what it depends on.</summary>
    /// <returns>The package's folder.</returns>
    /// <exception cref="IOException">There is no client.</exception>
    /// <exception cref="InvalidDataException">The client failed; the message says what it said.</exception>
    public static async Task<string> RestoreAsync(NugetPackage package, string work, CancellationToken cancellation)
    {
        string project = Path.Combine(work, "fetch.csproj"), packages = Path.Combine(work, "packages");
        await File.WriteAllTextAsync(project, Project(package), cancellation).ConfigureAwait(false);
        (int exitCode, string output, string errors) = await PackageClient.RunAsync(
            Program, ["restore", project, "--packages", packages, "-nodeReuse:false", "-p:NuGetAudit=false"],
            work, s_patience, cancellation).ConfigureAwait(false);
        if (exitCode != 0)
        {
            throw new InvalidDataException($"{Program} restore ended with exit code {exitCode} {Reason(output + "\n" + errors)}".Trim());
        }

        string folder = FolderIn(packages, package);
        return Directory.Exists(folder) ? folder : throw new InvalidDataException($"{Program} restore left no {package.Package}");
    }

    /// <summary>What the client says went wrong: the first error, without the file and the code before it.</summary>
    internal static string Reason(string output)
    {
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string line = Array.Find(lines, line => Error().IsMatch(line)) ?? lines.FirstOrDefault() ?? "";
        string reason = Error().Replace(line, "");
        int project = reason.LastIndexOf(" [", StringComparison.Ordinal);
        return (project > 0 ? reason[..project] : reason).TrimEnd('.');
    }

    private static string FolderIn(string packages, NugetPackage package) =>
        Path.Combine(packages, package.Package.ToLowerInvariant(), package.Version);

    private static string Project(NugetPackage package) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework>
            <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
          </PropertyGroup>
          <ItemGroup>
            <PackageDownload Include="{package.Package}" Version="[{package.Version}]" />
          </ItemGroup>
        </Project>
        """;

    [GeneratedRegex(@"^.*?\berror [A-Z]+\d+\s*:\s*")]
    private static partial Regex Error();
}
