using System.Globalization;
using System.Text;
using GpuCam.Model;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>Bytes from hell: whatever comes, the next good request is answered, and no answer tells anything of this machine.</summary>
public sealed class ServeHostileTests
{
    private static readonly byte[] s_picture = TestServer.Picture(16, 16, new Box(2, 2, 5, 5));

    [Fact]
    public async Task The_server_outlives_what_no_browser_sends()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[][] requests = [.. Requests().Select(Encoding.Latin1.GetBytes), .. Damaged(seed: 1, count: 250)];
        int answered = 0;
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (request, _) =>
        {
            using var client = new RawClient(server.Port);
            await client.SendAsync(request);
            string answer = await client.ReadAsync(milliseconds: 250);      // what waits for more bytes has no answer
            AssertTellsNothing(answer);
            Interlocked.Add(ref answered, answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? 1 : 0);
        });
        Assert.True(answered > requests.Length / 4, $"{answered} of {requests.Length} were answered");
        await server.ExplainAsync(s_picture);
        Assert.Empty(server.Reports);
    }

    [Fact]
    public async Task Connections_that_are_left_open_or_dropped_in_the_middle_hold_up_nobody()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] whole = Encoding.Latin1.GetBytes(Form(Encoding.Latin1.GetString(s_picture)));
        var open = new List<RawClient>();
        for (int i = 0; i < 100; i++)
        {
            var client = new RawClient(server.Port);
            await client.SendAsync(whole.AsMemory(0, whole.Length * i / 110));
            if (i % 10 == 0)
            {
                open.Add(client);
            }
            else
            {
                client.Dispose();
            }
        }

        await server.ExplainAsync(s_picture);
        open.ForEach(client => client.Dispose());
        await server.ExplainAsync(s_picture);
        Assert.Empty(server.Reports);
    }

    [Fact]
    public async Task A_fault_of_the_server_is_told_where_it_runs_and_to_nobody_else()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.ExplainAsync(s_picture);
        server.Break();
        string error = await server.RefuseAsync(TestServer.Form(s_picture), 500, "something went wrong here");
        AssertTellsNothing(error);
        Assert.StartsWith("POST /api/explain: ", Assert.Single(server.Reports), StringComparison.Ordinal);
        await server.RefuseAsync(TestServer.Form([1, 2, 3]), 422);
    }

    [Fact]
    public async Task Requests_one_behind_the_other_are_answered_in_their_order()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new RawClient(server.Port);
        await client.SendAsync("GET /api/model HTTP/1.1\r\nHost: localhost\r\n\r\nGET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
            + Form(Encoding.Latin1.GetString(s_picture)) + "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        string answer = await client.ReadAsync();
        int[] places = [.. ((string[])["HTTP/1.1 200", "\"default_layer\"", "HTTP/1.1 404", "\"predictions\"", "<!doctype html>"])
            .Select(part => answer.IndexOf(part, StringComparison.OrdinalIgnoreCase))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    /// <summary>Neither folders of this machine nor what a fault looks like inside.</summary>
    private static void AssertTellsNothing(string answer)
    {
        foreach (string part in (string[])
            [AppContext.BaseDirectory.TrimEnd('/'), Path.GetTempPath(), "   at ", "System.", "Exception", ".cs:line"])
        {
            Assert.DoesNotContain(part, answer, StringComparison.Ordinal);
        }
    }

    private static string Form(string body, string headers = "", string? length = null)
    {
        string form = $"--x\r\nContent-Disposition: form-data; name=picture; filename=a.png\r\n\r\n{body}\r\n--x--\r\n";
        length ??= form.Length.ToString(CultureInfo.InvariantCulture);
        return $"POST /api/explain HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            + $"Content-Length: {length}\r\n{headers}\r\n{form}";
    }

    private static IEnumerable<string> Requests()
    {
        const string Host = "Host: localhost\r\n", Multipart = "Content-Type: multipart/form-data; boundary=x\r\n";
        foreach (string path in (string[])["/", "/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/", "/assets/..%5c..%5c",
            "/%00", "/%", "/%zz", "/%ff%fe", "/api/model%0d%0aX: y", "//evil.example/", "http://evil.example/", "*", "?", "/\u00e9",
            "/" + new string('a', 10_000), "/?" + new string('b', 3_000), "/api/model?" + string.Concat(Enumerable.Repeat("a=b&", 500))])
        {
            foreach (string method in (string[])["GET", "POST", "OPTIONS", "TRACE", "CONNECT", "get", "G\u00e9T", new string('M', 500), ""])
            {
                yield return $"{method} {path} HTTP/1.1\r\n{Host}\r\n";
            }

            yield return $"GET {path} HTTP/1.0\r\n\r\n";
            yield return $"GET {path} HTTP/9.9\r\n{Host}\r\n";
            yield return $"GET {path}\r\n";
        }

        yield return "GET / HTTP/1.1\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}{Host}\r\n";
        yield return "GET / HTTP/1.1\r\nHost: a b\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}X: {new string('y', 100_000)}\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 1000).Select(i => $"X{i}: y\r\n"))}\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}X\r\n y: z\r\n\0: \x1\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}Authorization: Bearer {new string('z', 8000)}\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}If-None-Match: {new string('"', 5000)}\r\n\r\n";
        yield return $"GET / HTTP/1.1\r\n{Host}Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n";
        yield return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        yield return "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
        yield return new string('\0', 5000);

        string picture = Encoding.Latin1.GetString(s_picture);
        yield return Form(picture, length: "-1");
        yield return Form(picture, length: "99999999999999999999");
        yield return Form(picture, length: "abc");
        yield return Form(picture, length: "10");
        yield return Form(picture, length: "1000000");
        yield return Form(picture, "Content-Length: 5\r\n");
        yield return Form(picture, "Transfer-Encoding: chunked\r\n");
        yield return Form(picture, "Transfer-Encoding: gzip, chunked\r\n");
        yield return Form(picture, "Content-Encoding: gzip\r\n");
        yield return Form(picture, "Expect: nonsense\r\n");
        foreach (string body in (string[])["zz\r\n", "-5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\n", "5\r\nhel",
            "5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"])
        {
            yield return $"POST /api/explain HTTP/1.1\r\n{Host}{Multipart}Transfer-Encoding: chunked\r\n\r\n{body}";
        }

        foreach (string form in (string[])["", "--x", "--x--", "--x\r\n\r\n", "--x\r\nA\r\n\r\n--x--", "--y\r\n--y--",
            new string('-', 9000),
            $"--x\r\n{new string('H', 9000)}: v\r\n\r\n--x--\r\n", "--x\r\nContent-Disposition: form-data; name=\"\r\n\r\n--x--\r\n",
            "--x\r\nContent-Disposition: form-data; name=picture; filename=\"\0\xff\"\r\n\r\n\0\r\n--x--\r\n",
            string.Concat(Enumerable.Repeat("--x\r\nContent-Disposition: form-data; name=top\r\n\r\n\r\n", 300))])
        {
            yield return $"POST /api/explain HTTP/1.1\r\n{Host}{Multipart}Content-Length: {form.Length}\r\n\r\n{form}";
        }

        foreach (string type in (string[])["multipart/form-data; boundary=" + new string('b', 4000), "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=\"", "multipart/form-data;;;", "\xff\xfe", "text/plain; charset=\0"])
        {
            yield return $"POST /api/picture HTTP/1.1\r\n{Host}Content-Type: {type}\r\nContent-Length: 9\r\n\r\n123456789";
        }
    }

    /// <summary>A good request with some of its bytes changed, left out or doubled.</summary>
    private static IEnumerable<byte[]> Damaged(int seed, int count)
    {
        var random = new Random(seed);
        byte[] good = Encoding.Latin1.GetBytes(Form(Encoding.Latin1.GetString(s_picture)));
        for (int i = 0; i < count; i++)
        {
            List<byte> bytes = [.. good];
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 30), bytes.Count - at);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, length);
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes.GetRange(at, length));
                        break;
                    default:
                        bytes.RemoveRange(at, bytes.Count - at);
                        break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            yield return [.. bytes];
        }
    }
}
