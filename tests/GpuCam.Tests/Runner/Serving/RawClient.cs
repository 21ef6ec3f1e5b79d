using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>Sends bytes as they are, whatever HTTP says of them.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawClient(int port) => _socket.Connect(IPAddress.Loopback, port);

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
            }
        }
        catch (SocketException)
        {
            // The server has let go of it, as it may.
        }
    }

    /// <summary>All that is answered until the server closes or a time is over.</summary>
    public async Task<string> ReadAsync(int milliseconds = 20_000)
    {
        var answer = new StringBuilder();
        byte[] buffer = new byte[16 * 1024];
        using var patience = new CancellationTokenSource(milliseconds);
        try
        {
            int read;
            while ((read = await _socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token)) > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // What came is what there is.
        }

        return answer.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
