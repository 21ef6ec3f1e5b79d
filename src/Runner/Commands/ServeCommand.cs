using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Serving;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam serve</c>: a page to look at pictures with, and an endpoint for scripts.</summary>
internal static class ServeCommand
{
    private const string UsualModel = "resnet18";
    private const int ShortestToken = 8;
    private static readonly ServeOptions s_usual = new();

    public static Command Create()
    {
        var port = new Option<int>("--port", "-p")
        {
            Description = "the port to listen at; 0 takes a free one", DefaultValueFactory = _ => s_usual.Port, HelpName = "N"
        };
        var bind = new Option<string?>("--bind")
        {
            Description = "the address to listen at: one of this machine, or 0.0.0.0 or :: for all of them (default: this machine alone)",
            HelpName = "ADDRESS",
        };
        var secret = new Option<string?>("--token")
        {
            Description = "what clients must know, letters and digits (default: a new one where --bind lets others in, else none)",
            HelpName = "TEXT",
        };
        var mapTime = new Option<double>("--map-time")
        {
            Description = "seconds that a map may take; a longer one is refused",
            DefaultValueFactory = _ => s_usual.MapTime.TotalSeconds, HelpName = "S",
        };
        Option<int?> size = ModelOptions.SizeOption();
        var json = new Option<bool>("--json") { Description = "print the address as one JSON object" };
        var command = new Command("serve", "Serve a page on which pictures are dropped and maps looked at, and an endpoint for scripts.")
        {
            port, bind, secret, mapTime, size, json,
        };
        var model = new ModelOptions(command, anyNetwork: true, usual: UsualModel);
        var devices = new DeviceOptions(command);
        command.SetAction(async (parsed, _) =>
        {
            ServeOptions options = Read(
                parsed.GetValue(port), parsed.GetValue(bind), parsed.GetValue(secret), parsed.GetValue(mapTime));
            using IDevice device = devices.Open(parsed);
            using Execution network = model.Load(parsed, device, parsed.GetValue(size));
            using var interrupt = new Interrupt();
            await using PictureServer server = await PictureServer.StartAsync(
                network, NameOf(model.Name(parsed)), options,
                line => Console.Error.WriteLine($"error: {Printable.Line(line)}")).ConfigureAwait(false);
            Announce(server, options, parsed.GetValue(json));
            await Task.Delay(Timeout.Infinite, interrupt.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            return CommandLine.Done;
        });
        return command;
    }

    private static ServeOptions Read(int port, string? bind, string? token, double mapTime)
    {
        if (port is < 0 or > 65535)
        {
            throw new GpuCamException($"--port {port} is out of range; give 1 to 65535, or 0 for a free one");
        }

        if (token is not null && (token.Length < ShortestToken || !token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            throw new GpuCamException($"--token: give at least {ShortestToken} letters and digits, - or _");
        }

        if (!(mapTime is > 0 and <= 86400))
        {
            throw new GpuCamException(string.Create(CultureInfo.InvariantCulture,
                $"--map-time {mapTime} is out of range; give more than 0, at most 86400 seconds"));
        }

        IPAddress? address = bind is null or "localhost" ? null
            : IPAddress.TryParse(bind, out IPAddress? parsed) ? parsed
            : throw new GpuCamException($"--bind {bind} is no address; give one of this machine as numbers, or 0.0.0.0 for all");
        bool local = address is null || IPAddress.IsLoopback(address);
        return s_usual with
        {
            Port = port,
            Address = address,
            Token = token ?? (local ? null : NewToken()),
            MapTime = TimeSpan.FromSeconds(mapTime),
        };
    }

    /// <summary>128 bits that nobody can guess.</summary>
    private static string NewToken()
    {
        Sha256.Require();       // .NET has these numbers from OpenSSL too
        return Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>What clients hear of where the network came from: no folder of this machine.</summary>
    private static string NameOf(string model) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model)));

    private static void Announce(PictureServer server, ServeOptions options, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(RunnerJson.Line(new { url = server.Url, port = server.Port, token = options.Token }));
            return;
        }

        Console.Out.WriteLine(server.Url);
        Console.Error.WriteLine("Ctrl-C ends it");
    }
}
