using System.Net;
using System.Net.Sockets;
using GpuCam.Model;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GpuCam.Runner.Serving;

/// <summary>
/// The server: Kestrel by itself, without the framework's host, so that no file, no environment variable and no log has a part in it.
/// </summary>
internal sealed class PictureServer : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly ServeOptions _options;
    private readonly ServedNetwork _network;
    private readonly ServeApplication _application;
    private readonly KestrelServer _server;

    private PictureServer(ServeOptions options, ServedNetwork network, ServeApplication application, KestrelServer server, int port)
    {
        (_options, _network, _application, _server, Port) = (options, network, application, server, port);
    }

    /// <summary>The port that it listens at.</summary>
    public int Port { get; }

    /// <summary>What to open in a browser: for every address of the machine its name, and with the token where one is asked for.</summary>
    public string Url
    {
        get
        {
            IPAddress? address = _options.Address;
            string host = address is null ? "localhost"
                : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
                : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
            return FormattableString.Invariant($"http://{host}:{Port}/") + (_options.Token is { } token ? $"?token={token}" : "");
        }
    }

    /// <summary>Starts to listen.</summary>
    /// <param name="network">Somebody else's; nobody else runs it meanwhile.</param>
    /// <param name="name">What clients hear of where it came from.</param>
    /// <param name="options">Where, and the limits.</param>
    /// <param name="report">Gets a line where a request ends in an error of this program.</param>
    /// <exception cref="GpuCamException">The port or the network cannot be had.</exception>
    public static async Task<PictureServer> StartAsync(Execution network, string name, ServeOptions options, Action<string> report)
    {
        using var sockets = ListenSockets.Open(options.Address, options.Port);
        var served = new ServedNetwork(network, name, options);
        bool local = options.Address is null || IPAddress.IsLoopback(options.Address);
        var application = new ServeApplication(served, options, local, report);
        var transport = new SocketTransportOptions { CreateBoundListenSocket = sockets.Take };
        var server = new KestrelServer(
            Options.Create(Settings(options, [.. sockets.EndPoints])),
            new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
        var started = new PictureServer(options, served, application, server, sockets.Port);
        await server.StartAsync(application, CancellationToken.None).ConfigureAwait(false);
        return started;
    }

    /// <summary>Ends it: what is under way has a moment to end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(s_farewell);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        await _application.DisposeAsync().ConfigureAwait(false);
        _network.Dispose();
    }

    private static KestrelServerOptions Settings(ServeOptions options, IReadOnlyList<IPEndPoint> endPoints)
    {
        var settings = new KestrelServerOptions { AddServerHeader = false };
        KestrelServerLimits limits = settings.Limits;
        limits.MaxConcurrentConnections = options.MostConnections;
        limits.MaxRequestBodySize = options.MostBytes + UploadReader.Around;
        limits.MaxRequestLineSize = 4096;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.RequestHeadersTimeout = options.HeaderTime;
        limits.KeepAliveTimeout = options.HeaderTime;
        // Slower than any line that pictures are sent over: who keeps a connection by a byte now and then is let go.
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));
        foreach (IPEndPoint endPoint in endPoints)
        {
            settings.Listen(endPoint, listen => listen.Protocols = HttpProtocols.Http1);
        }

        return settings;
    }
}
