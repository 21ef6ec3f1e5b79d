using System.Text;
using System.Text.RegularExpressions;
using GpuCam.Model;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Model;

/// <summary>Hashes, and what is said on a machine where .NET has nothing to make them with.</summary>
public partial class Sha256Tests
{
    [Fact]
    public void The_hash_is_the_standards()
    {
        const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";      // FIPS 180-2, B.1
        Assert.Equal(Abc, Convert.ToHexStringLower(Sha256.Of("abc"u8)));
        Assert.Equal(Abc, Convert.ToHexStringLower(Sha256.Of(new MemoryStream(Encoding.ASCII.GetBytes("abc")))));
    }

    [Theory]
    [InlineData("libssl.so.3")]
    [InlineData("libssl.so.1.1")]
    public void Any_OpenSSL_that_dotnet_takes_will_do(string library) => Assert.Null(Sha256.Fault(name => name == library));

    [Fact]
    public void A_machine_without_OpenSSL_is_told_in_one_line_what_to_install()
    {
        string fault = Sha256.Fault(_ => false)!;
        Assert.StartsWith("there is no OpenSSL (libssl.so.3)", fault, StringComparison.Ordinal);
        Assert.Contains("apt-get install openssl", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Fact]
    public void Nothing_asks_OpenSSL_without_looking_for_it_first()
    {
        string source = Path.Combine(Golden.Folder(), "../../../src");
        string[] asking = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => FromOpenSsl().IsMatch(File.ReadAllText(path)))];
        Assert.Contains(asking, path => Path.GetFileName(path) == "Sha256.cs");
        Assert.All(asking, path => Assert.Matches(@"\bRequire\(\);", File.ReadAllText(path)));
    }

    /// <summary>What .NET has from it; comparing in constant time it does itself.</summary>
    [GeneratedRegex(@"\b(SHA\w+|MD5|HMAC\w*|Aes\w*|RSA\w*|RandomNumberGenerator|IncrementalHash)\.")]
    private static partial Regex FromOpenSsl();
}
