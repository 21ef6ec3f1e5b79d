using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace GpuCam.Model;

/// <summary>
/// SHA-256 of files and scripts. On Linux .NET has it from OpenSSL, and ends the process where that is missing; so it is looked for first.
/// </summary>
public static class Sha256
{
    private static readonly Lazy<string?> s_fault = new(() => Fault(library => NativeLibrary.TryLoad(library, out _)));

    /// <summary>The hash of what <paramref name="stream"/> still holds.</summary>
    /// <exception cref="GpuCamException">There is no OpenSSL.</exception>
    public static byte[] Of(Stream stream)
    {
        Require();
        return SHA256.HashData(stream);
    }

    /// <summary>The hash of <paramref name="bytes"/>.</summary>
    /// <exception cref="GpuCamException">There is no OpenSSL.</exception>
    public static byte[] Of(ReadOnlySpan<byte> bytes)
    {
        Require();
        return SHA256.HashData(bytes);
    }

    /// <summary>For work that hashes or downloads only at its end.</summary>
    /// <exception cref="GpuCamException">There is no OpenSSL.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsLinux() && s_fault.Value is { } fault)
        {
            throw new GpuCamException(fault);
        }
    }

    /// <summary>
    /// Null if one of the libraries that .NET takes loads, else the line for the user. The names are those of .NET's own search.
    /// </summary>
    internal static string? Fault(Func<string, bool> loads) =>
        new[] { Environment.GetEnvironmentVariable("DOTNET_OPENSSL_VERSION_OVERRIDE"), "3", "1.1", "1.0.2", "1.0.0", "10" }
            .Any(version => !string.IsNullOrEmpty(version) && loads($"libssl.so.{version}"))
            ? null
            : "there is no OpenSSL (libssl.so.3), by which files are checked and pages are sealed; install it: the package is called "
                + "openssl in most distributions (apt-get install openssl)";
}
