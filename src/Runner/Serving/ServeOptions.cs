using System.Net;

namespace GpuCam.Runner.Serving;

/// <summary>Where to serve, and what clients may cost.</summary>
internal sealed record ServeOptions
{
    /// <summary>The port; 0 for a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>The address to listen at; null for this machine alone, by IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>What clients must know; null where nobody is asked.</summary>
    public string? Token { get; init; }

    /// <summary>Most bytes of a body. Photographs of phones have 3 to 12 MB; a PNG of 20 megapixels may have 30.</summary>
    public int MostBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// Requests with a picture that are under way at once: read, decoded, mapped or waiting. Each may hold a body and its pixels, and waits
    /// for those before it.
    /// </summary>
    public int MostUnderWay { get; init; } = 16;

    /// <summary>Pictures that are decoded at once: two of 64 megapixels are a gigabyte.</summary>
    public int MostDecoding { get; init; } = 2;

    /// <summary>Connections at once; more are closed. A browser opens six.</summary>
    public int MostConnections { get; init; } = 64;

    /// <summary>Requests a second of one client, in the long run: more than a slider makes.</summary>
    public int Rate { get; init; } = 50;

    /// <summary>Requests of one client in a moment: a page, its parts, and a quick hand.</summary>
    public int Burst { get; init; } = 100;

    /// <summary>What a client gets to send a body, in all: 32 MiB at 4.5 Mbit/s.</summary>
    public TimeSpan BodyTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What a client gets for its headers, and what an idle connection is kept for.</summary>
    public TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request waits for those before it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What a map may take. Methods that try every channel of a large network take minutes.</summary>
    public TimeSpan MapTime { get; init; } = TimeSpan.FromSeconds(30);
}
