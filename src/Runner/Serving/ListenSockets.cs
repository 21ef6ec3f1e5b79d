using System.Net;
using System.Net.Sockets;

namespace GpuCam.Runner.Serving;

/// <summary>
/// The sockets that a server listens with. They are opened before it starts, so that a free port can be the same by IPv4 and IPv6, and so
/// that what cannot be is told in words.
/// </summary>
internal sealed class ListenSockets : IDisposable
{
    private const int Attempts = 20;
    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    private ListenSockets(int port) => Port = port;

    /// <summary>The port of all of them.</summary>
    public int Port { get; private set; }

    /// <summary>What they listen at.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _sockets.Keys.Cast<IPEndPoint>();

    /// <summary>Opens them.</summary>
    /// <param name="address">The address; null for this machine alone, by IPv4 and IPv6 as far as it has them.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <exception cref="GpuCamException">The port is taken or not allowed, or the machine has no such address.</exception>
    public static ListenSockets Open(IPAddress? address, int port)
    {
        for (int attempt = 1; ; attempt++)
        {
            var sockets = new ListenSockets(port);
            try
            {
                if (address is not null)
                {
                    sockets.Bind(address);
                }
                else
                {
                    sockets.BindLoopback();
                }

                return sockets;
            }
            catch (SocketException e)
            {
                sockets.Dispose();
                // A port that is free by IPv4 may be taken by IPv6.
                if (port > 0 || e.SocketErrorCode != SocketError.AddressAlreadyInUse || attempt == Attempts)
                {
                    throw new GpuCamException(Words(e, address, port), e);
                }
            }
        }
    }

    /// <summary>The socket of an endpoint; the server closes it.</summary>
    public Socket Take(EndPoint endPoint) => _sockets.Remove(endPoint, out Socket? socket)
        ? socket
        : throw new InvalidOperationException($"nothing was opened for {endPoint}");

    /// <summary>Closes those that were not taken.</summary>
    public void Dispose()
    {
        foreach (Socket socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }

    private void BindLoopback()
    {
        bool any = false;
        foreach (IPAddress loopback in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                Bind(loopback);
                any = true;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable
                && (any || loopback.AddressFamily == AddressFamily.InterNetwork))
            {
                // The machine has only the other.
            }
        }
    }

    private void Bind(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = address.Equals(IPAddress.IPv6Any);
            }

            socket.Bind(new IPEndPoint(address, Port));
            socket.Listen();    // two programs may have a port bound, but only one listens
            Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            _sockets.Add(new IPEndPoint(address, Port), socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Words(SocketException e, IPAddress? address, int port) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"--port {port} is in use by another program; give another, or 0 for a free one",
        SocketError.AccessDenied => $"--port {port} is for the administrator alone; give one from 1024 on",
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported =>
            $"--bind {address} is no address of this machine; give one of its own, or leave the option out",
        _ => $"--port {port}: the port cannot be opened ({e.Message.TrimEnd('.')}); give another one",
    };
}
