using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace GpuCam.Runner.Serving;

/// <summary>Who may ask, and how often.</summary>
/// <param name="options">Token and rate.</param>
/// <param name="local">Whether the server listens to this machine alone.</param>
internal sealed class Visitors(ServeOptions options, bool local) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _rate = PartitionedRateLimiter.Create<HttpContext, IPAddress>(context =>
        RateLimitPartition.GetTokenBucketLimiter(ClientOf(context.Connection.RemoteIpAddress), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = Math.Max(1, options.Rate / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));

    /// <summary>Lets a request pass.</summary>
    /// <param name="context">The request.</param>
    /// <param name="open">Whether it asks for what is no secret: the page is the same everywhere.</param>
    /// <exception cref="ServeException">It does not pass.</exception>
    public void Check(HttpContext context, bool open)
    {
        using RateLimitLease lease = _rate.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            throw new ServeException(429, $"these are more requests than the {options.Rate} a second that one client has; wait a moment")
            {
                RetryAfter = 1
            };
        }

        CheckOrigin(context.Request);
        if (!open && options.Token is { } token && !HasToken(context.Request, token))
        {
            throw new ServeException(401, "this server asks for its token: open the page by the whole address that it printed, or send the "
                + "header Authorization: Bearer TOKEN");
        }
    }

    public void Dispose() => _rate.Dispose();

    /// <summary>
    /// A page of another site may send requests here from the browser of who sits at this machine, directly (its Origin tells) or under a
    /// name of its own that leads here (the Host tells).
    /// </summary>
    private void CheckOrigin(HttpRequest request)
    {
        if (local && !IsLoopback(request.Host.Host))
        {
            throw new ServeException(403, "this server is for its own machine, under the name localhost or 127.0.0.1; open it under one of "
                + "those, or start it with --bind for others");
        }

        foreach (string? origin in request.Headers.Origin)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? site) || site.Scheme is not ("http" or "https")
                || !$"{site.Scheme}://{request.Host.Value}".Equals(origin, StringComparison.OrdinalIgnoreCase))
            {
                throw new ServeException(403, "this request comes from a page of another site, which may not ask here; open this server's "
                    + "own page");
            }
        }
    }

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool HasToken(HttpRequest request, string token)
    {
        const string Scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), Encoding.UTF8.GetBytes(token));
    }

    /// <summary>One client: an address, of IPv6 the network of 64 bits that one has to oneself.</summary>
    private static IPAddress ClientOf(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
